from pathlib import Path

import pytest

from visreason.zoo import model_list
from visreason.zoo.catalogue import recipe_names
from visreason.zoo.model_list import list_models, shipped_file


def test_every_recipe_is_a_row_with_its_size() -> None:
    rows = {row.name: row for row in list_models()}
    assert list(rows) == recipe_names()
    assert rows["rn-pixels"].parameters == 484_580
    assert "95.5 %" in str(rows["rn-pixels"].published)


def test_a_model_is_shipped_when_its_file_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_list, "SHIPPED", tmp_path)
    assert shipped_file("rn-quick") is None
    (tmp_path / "rn-quick.safetensors").write_bytes(b"")
    assert shipped_file("rn-quick") == tmp_path / "rn-quick.safetensors"
    assert [row.name for row in list_models() if row.shipped] == ["rn-quick"]
