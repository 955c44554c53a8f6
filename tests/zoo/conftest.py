"""Small trained runs, to be published."""

from pathlib import Path

import pytest
from rich.console import Console

from visreason.tasks.experiment import Experiment
from visreason.zoo.catalogue import load_recipe


@pytest.fixture(scope="session")
def seeds(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of two seeds of a question-only network, trained for an epoch on the tiny data."""
    quick = {"training.epochs": 1, "training.accelerator": "cpu", "data.workers": 0, "model.lstm_hidden": 8}
    out, console = tmp_path_factory.mktemp("runs") / "blind", Console(quiet=True)
    Experiment.create(load_recipe("question-only-quick", quick), tiny_data, out, console, [1, 2]).run(console)
    return out
