"""Small trained runs, to be published."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from visreason.metrics.intervals import Interval
from visreason.tasks.experiment import Experiment
from visreason.zoo.catalogue import load_recipe
from visreason.zoo.record import Measured, Record, Role, TrainedRun


@pytest.fixture(scope="session")
def seeds(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of two seeds of a question-only network, trained for an epoch on the tiny data."""
    quick = {"training.epochs": 1, "training.accelerator": "cpu", "data.workers": 0, "model.lstm_hidden": 8}
    out, console = tmp_path_factory.mktemp("runs") / "blind", Console(quiet=True)
    Experiment.create(load_recipe("question-only-quick", quick), tiny_data, out, console, [1, 2]).run(console)
    return out


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


@pytest.fixture(scope="session")
def record() -> Record:
    """Two seeds of a small network, tested on generated and on real images."""
    run = TrainedRun(
        1, 700, 30, 1.5, ["cpu"], 2, ["0123456789ab"], "0.1.0", "2026-11-22", [(1, 0.5), (30, 0.9)]
    )
    return Record(
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
        training={"data": "world", "split": "train", "made": {"scenes": 90, "only": ["objects=3-5"]}},
        runs=[run, replace(run, seed=2)],
        tests=[measured("generated", 0.9, 0.92), measured("real", 0.87, 0.88)],
    )
