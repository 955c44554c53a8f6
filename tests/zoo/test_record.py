from dataclasses import replace
from pathlib import Path

import pytest

from visreason.errors import DataError
from visreason.files import read_json, write_json
from visreason.metrics.intervals import Interval
from visreason.zoo.card import limits_of, use_of
from visreason.zoo.record import Measured, Record, Role, TrainedRun


def measured(role: Role, *values: float) -> Measured:
    figures = {
        name: [Interval(value - less, value - less - 0.01, value - less + 0.01, 500) for value in values]
        for name, less in (
            ("accuracy.overall", 0.0),
            ("accuracy.by_type.count", 0.1),
            ("accuracy.by_type.exist", 0.0),
        )
    }
    return Measured(role, "world", "test", {"scenes": 50, "seed": 3}, chose=False, figures=figures)


RUN = TrainedRun(1, 700, 30, 1.5, ["cpu"], 2, ["0123456789ab"], "0.1.0", "2026-11-22", [(1, 0.5), (30, 0.9)])
RECORD = Record(
    name="rn-state",
    family="relation-network",
    task="answering",
    reads="state",
    parameters=1000,
    recipe="rn-state",
    recipe_hash="abc",
    planned_epochs=350,
    changes={},
    published="96.4 %",
    goal=0.979,
    command="visreason train rn-state --seeds 1,2",
    training={"data": "world", "split": "train", "made": {"only": ["objects=3-5"]}},
    runs=[RUN, replace(RUN, seed=2)],
    tests=[measured("generated", 0.9, 0.92), measured("real", 0.87, 0.88)],
)


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    RECORD.write(tmp_path / "rn-state.json")
    again = Record.read(tmp_path / "rn-state.json")
    assert again == RECORD
    write_json(tmp_path / "broken.json", {**read_json(tmp_path / "rn-state.json"), "colour": "red"})
    with pytest.raises(DataError, match=r"broken\.json is no record of a model"):
        Record.read(tmp_path / "broken.json")


def test_the_headline_is_over_all_seeds() -> None:
    assert RECORD.headline() == "answers right 91.0 ± 1.4 % (89.0–93.0)"
    assert RECORD.headline("rules") is None


def test_limits_say_what_the_record_shows() -> None:
    told = " ".join(limits_of(RECORD))
    assert "objects=3-5" in told
    assert "30 of 350 planned epochs" in told
    assert "below the goal of 97.9" in told
    assert "3.5 points worse than on generated" in told
    assert "Weakest at count (81.0" in told
    assert "from a description of the scene" in use_of(RECORD)
