"""The quick recipes of regions learn to reason: on a smaller world all of them name more than what boxes alone tell."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from visreason.metrics.intervals import Interval
from visreason.tasks.naming_report import NamingReport
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.testing import run_test
from visreason.tasks.training import train
from visreason.zoo.catalogue import load_recipe

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {
    "world.images": 400,
    "world.validation_images": 120,
    "training.accelerator": "cpu",
    "training.epochs": 3,
    "batch.size": 8,
    "schedule.warmup": 20,
}
"""All four share one world; the networks are those of the recipes."""


def accuracy_of(name: str, place: Path) -> Interval:
    """The share of unseen regions that a recipe's best epoch names rightly."""
    quiet = Console(quiet=True)
    recipe = load_recipe(name, SMALL)
    train(recipe, training_data(recipe, None, quiet), RunFolder.create(place, recipe, None), quiet)
    report = run_test(str(place), console=quiet).report
    assert isinstance(report, NamingReport)
    return report.scores.instances.ac


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where this module's runs lie; they share one world, which the first of them generates."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VISREASON_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))  # as for every test
        yield tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def alone(runs: Path) -> Interval:
    """What is named region by region."""
    return accuracy_of("region-baseline-quick", runs / "baseline")


@pytest.mark.parametrize("name", ["region-local-quick", "region-global-quick", "region-full-quick"])
def test_reasoning_beats_what_the_boxes_alone_tell(name: str, runs: Path, alone: Interval) -> None:
    found = accuracy_of(name, runs / name)
    assert found.low > alone.high, f"{found} against {alone}"
