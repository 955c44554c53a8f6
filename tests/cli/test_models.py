import json

import pytest

from visreason.cli.main import main


def test_every_model_is_listed_with_its_size_and_scores(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    assert "484,580" in capsys.readouterr().out
    assert main(["models", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["rn-pixels-rendered"]["parameters"] == 484_580  # as published
    assert rows["rn-pixels"]["parameters"] < 1_000_000  # what ships under this name
    assert set(rows["rn-pixels"]) == {
        "name", "family", "recipe", "parameters", "published", "own", "shipped", "size",
    }  # fmt: skip
