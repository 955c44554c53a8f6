"""The quick recipes of attention and module networks learn to look: tiny versions beat the question alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.training import train
from visreason.zoo.catalogue import load_recipe

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {
    "world.scenes": 600,
    "world.validation_scenes": 120,
    "training.accelerator": "cpu",
    "training.epochs": 5,
}
MARGIN = 0.08
"""By how much a network that looks must beat one that does not; the intervals are about 4 % wide."""


def trained(name: str, place: Path, **changes: Any) -> dict[str, Any]:
    """What a quick recipe reaches on the tiny world: the figures of its best epoch."""
    own = {key.replace("__", "."): value for key, value in changes.items()}
    recipe = load_recipe(name, SMALL | own)
    quiet = Console(quiet=True)
    run = RunFolder.create(place, recipe, None)
    done = train(recipe, training_data(recipe, None, quiet), run, quiet)
    return next(record for record in run.read_metrics() if record.get(done.score_name) == done.score)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where this module's runs lie; they share one world, which the first of them generates."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VISREASON_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))  # as for every test
        yield tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def blind(runs: Path) -> float:
    """What the question alone gives."""
    return float(trained("lstm-quick", runs / "blind")["accuracy"])


@pytest.fixture(scope="module")
def sight(runs: Path) -> dict[str, str]:
    """The convolutions that all of them begin with."""
    figures = trained("attribute-cnn-quick", runs / "attributes", training__epochs=10)
    assert figures["average_precision"] > 0.6  # a third without looking
    return {"model_init__conv_from": str(runs / "attributes")}


@pytest.fixture(scope="module")
def generator(runs: Path) -> Path:
    """A generator that writes nearly every program right."""
    few = {"task__programs": 1000, "batch__size": 25, "training__epochs": 6}
    figures = trained("iep-generator-quick", runs / "generator", **few)
    assert figures["programs_exact"] > 0.95
    return runs / "generator"


@pytest.mark.parametrize("name", ["san-quick", "san-words-quick", "module-memory-quick"])
def test_looking_beats_the_question_alone(name: str, runs: Path, blind: float, sight: dict[str, str]) -> None:
    assert trained(name, runs / name, **sight)["accuracy"] > blind + MARGIN


def test_an_engine_learns_and_goes_on_learning_from_predicted_programs(
    runs: Path, blind: float, sight: dict[str, str], generator: Path
) -> None:
    alone = trained("iep-engine-quick", runs / "engine", **sight)["accuracy"]
    assert alone > blind + MARGIN
    parts = {"model_init__generator_from": str(generator), "model_init__engine_from": str(runs / "engine")}
    together = trained("iep-quick", runs / "iep", training__epochs=1, **parts)
    assert together["accuracy"] > blind + MARGIN
    assert together["programs_exact"] > 0.95


def test_a_memory_and_its_generator_learn_together_from_few_programs(
    runs: Path, blind: float, sight: dict[str, str]
) -> None:
    figures = trained("module-memory-end-to-end-quick", runs / "joint", task__warm_up=150, **sight)
    assert figures["programs_exact"] > 0.5  # only 200 are shown
    assert figures["accuracy"] > blind + MARGIN
