"""The first losses of every quick recipe on a small world: the same seed gives the same numbers, also after a stop.

The curves beside this file were written by

```
VISREASON_WRITE_GOLDEN=1 pytest tests/golden -m ''
```

which is to be run again, and its difference looked at, when a change is meant to change what training does.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console

from visreason.clevr.rules import Rules
from visreason.data.region_world import RegionSplit, generate_regions
from visreason.data.world import generate_world
from visreason.data.world_split import WorldSplit
from visreason.tasks.recipes.layers import from_nested
from visreason.tasks.recipes.settings import to_settings
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.training import train
from visreason.zoo.catalogue import load_recipe, recipe_names

pytestmark = pytest.mark.slow

STEPS = 20
STOP = 12
"""Batches until training is interrupted; it goes on from the eighth."""
SHORT: dict[str, Any] = {
    "data.limit": None,
    "data.workers": 0,
    "training.epochs": 1,
    "training.accelerator": "cpu",
    "training.threads": 1,
    "training.precision": "64-true",  # else Adam and batch norms of few samples make per cents of rounding errors
    "checkpoint.every_steps": 8,
    "logging.every_steps": 1,
}
EASIER: dict[str, Any] = {
    "model_init.conv_from": None,  # what a recipe starts from would have to be trained before
    "model_init.conv_frozen": False,
    "model_init.generator_from": None,
    "model_init.engine_from": None,
    "batch.per_image": 1,
    "task.warm_up": 6,  # so that the curve reaches what comes after it
    "task.programs": 40,
    "schedule.warmup": 4,
    "inputs.image_size": [48, 72],
}
"""Set in those recipes that have the setting."""

EASY = Rules.parse(["objects=1-2", "families=84-89", "depth<=5"])
"""Programs that fit the short stacks."""

QUICK = [name for name in recipe_names() if "quick" in name]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The two worlds that all recipes share, by their kind."""
    clevr, regions = tmp_path_factory.mktemp("clevr"), tmp_path_factory.mktemp("regions")
    for split, scenes in (("train", 40), ("val", 4)):
        wanted = WorldSplit(
            split,
            scenes,
            questions_per_scene=4,
            refexps_per_scene=4,
            image_size=(72, 48),
            only=EASY,
        )
        generate_world(clevr, wanted, jobs=1)
        generate_regions(regions, RegionSplit(split, scenes), jobs=1)
    return {"clevr": clevr, "regions": regions}


def losses(name: str, data: Path, place: Path) -> list[float]:
    """The losses of a recipe's first steps, of a training that is stopped among them and goes on."""
    quiet = Console(quiet=True)
    settings = from_nested(to_settings(load_recipe(name)))
    changes = SHORT | {key: value for key, value in EASIER.items() if settings.get(key) is not None}
    samples = len(training_data(load_recipe(name, changes), data, quiet).train(0))
    recipe = load_recipe(name, changes | {"batch.size": samples // STEPS, "batch.gamma": 1})
    taken = training_data(recipe, data, quiet)
    made = iter(range(STOP))

    def stopped(collate: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def counted(rows: Any) -> Any:
            if next(made, None) is None:
                raise KeyboardInterrupt
            return collate(rows)

        return counted

    run = RunFolder.create(place, recipe, data)
    with pytest.raises(KeyboardInterrupt):
        train(recipe, replace(taken, collate=stopped(taken.collate)), run, quiet)
    train(recipe, taken, run, quiet)
    return [record["loss"] for record in run.read_metrics() if "loss" in record][:STEPS]


@pytest.mark.parametrize("name", QUICK)
def test_training_takes_the_same_first_steps_as_ever(
    name: str, worlds: dict[str, Path], tmp_path: Path
) -> None:
    file = Path(__file__).with_name(f"{name}.json")
    found = losses(name, worlds[load_recipe(name).world.kind], tmp_path / name)
    assert len(found) == STEPS
    if os.environ.get("VISREASON_WRITE_GOLDEN"):
        file.write_bytes(orjson.dumps([round(loss, 6) for loss in found], option=orjson.OPT_INDENT_2) + b"\n")
        pytest.skip(f"{file.name} is written")
    assert found == pytest.approx(orjson.loads(file.read_bytes()), rel=1e-4)
