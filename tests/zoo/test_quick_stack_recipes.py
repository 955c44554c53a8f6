"""The quick recipes of Stack Neural Module Networks learn to look: tiny versions beat what needs no looking."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from visreason.data.expressions import ClevrExpressions
from visreason.nn.boxes import overlap
from visreason.tasks.loader import TaskData
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.training import train
from visreason.zoo.catalogue import load_recipe

pytestmark = pytest.mark.slow

SMALL: dict[str, Any] = {
    "world.scenes": 600,
    "world.validation_scenes": 120,
    "world.questions_per_scene": 6,
    "world.refexps_per_scene": 4,
    "world.only": ["objects=1-2", "families=84-89", "depth<=5"],
    "training.accelerator": "cpu",
    "training.epochs": 8,
}
"""All of them share one world, and one more without images."""

MARGIN = 0.05
"""By how much a network that looks must beat one that does not; the intervals are about 4 % wide."""


def trained(name: str, place: Path, **changes: Any) -> tuple[dict[str, Any], TaskData]:
    """What a quick recipe reaches on its tiny world: the figures of its best epoch, and the data."""
    own = {key.replace("__", "."): value for key, value in changes.items()}
    recipe = load_recipe(name, SMALL | own)
    quiet = Console(quiet=True)
    data = training_data(recipe, None, quiet)
    run = RunFolder.create(place, recipe, None)
    done = train(recipe, data, run, quiet)
    figures = next(record for record in run.read_metrics() if record.get(done.score_name) == done.score)
    return figures, data


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where this module's runs lie; they share one world, which the first of them generates."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VISREASON_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))  # as for every test
        yield tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def sight(runs: Path) -> dict[str, str]:
    """The convolutions that the answering ones begin with."""
    trained("attribute-cnn-quick", runs / "attributes", training__epochs=10)
    return {"model_init__conv_from": str(runs / "attributes")}


@pytest.fixture(scope="module")
def blind(runs: Path) -> float:
    """What the question alone gives."""
    figures, _ = trained("lstm-quick", runs / "blind", training__epochs=5)
    return float(figures["accuracy"])


def test_with_layouts_it_beats_the_question_alone(runs: Path, blind: float, sight: dict[str, str]) -> None:
    figures, _ = trained("snmn-quick", runs / "layout", **sight)
    assert figures["accuracy"] > blind + MARGIN
    assert figures["layout_exact"] > 0.9


def test_without_layouts_it_beats_the_question_alone(runs: Path, blind: float, sight: dict[str, str]) -> None:
    figures, _ = trained("snmn-quick-scratch", runs / "scratch", **sight)
    assert figures["accuracy"] > blind + MARGIN


def test_locating_beats_the_best_box_of_all(runs: Path) -> None:
    figures, data = trained("snmn-loc-quick", runs / "locating", training__epochs=3)
    expressions = data.train(0)
    assert isinstance(expressions, ClevrExpressions)
    boxes = torch.tensor(expressions.table.box_Q4[: len(expressions)])
    shares = [float((overlap(box.expand_as(boxes), boxes) >= 0.5).float().mean()) for box in boxes]
    assert figures["iou50"] > max(shares) + MARGIN
