from pathlib import Path

import pytest

from visreason.errors import DataError
from visreason.files import read_json, write_json
from visreason.zoo.record import Record


def test_a_record_is_read_as_it_was_written(record: Record, tmp_path: Path) -> None:
    record.write(tmp_path / "rn-state.json")
    again = Record.read(tmp_path / "rn-state.json")
    assert again == record
    write_json(tmp_path / "broken.json", {**read_json(tmp_path / "rn-state.json"), "colour": "red"})
    with pytest.raises(DataError, match=r"broken\.json is no record of a model"):
        Record.read(tmp_path / "broken.json")


def test_the_headline_is_over_all_seeds(record: Record) -> None:
    assert record.headline() == "answers right 91.0 ± 1.4 % (89.0–93.0)"
    assert record.headline("rules") is None
