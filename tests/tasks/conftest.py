"""A learnable task made of numbers, a recipe that trains on it in a second, a folder to train in."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from visreason.data.region_world import RegionSplit, generate_regions
from visreason.nn.batch import Batch
from visreason.tasks.loader import TaskData
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.training import train
from visreason.zoo.catalogue import load_recipe

META: dict[str, Any] = {
    "vocabulary": {"words": ["a", "b", "c", "d", "e"], "answers": ["yes", "no", "3"]},
    "inputs": {"kind": "state", "encoding": "onehot", "max_objects": 4},
}
TINY: dict[str, Any] = {
    "batch.size": 8,
    "training.epochs": 3,
    "training.accelerator": "cpu",
    "model.g_widths": [16, 16],
    "model.f_widths": [16],
    "model.dropout": 0.2,
    "model.lstm_hidden": 8,
    "checkpoint.every_steps": 2,
    "logging.every_steps": 1,
    "schedule.warmup": 3,
}


def make_recipe(name: str = "rn-quick", **changes: Any) -> Recipe:
    """rn-quick shrunk to a second of training; further settings as `make_recipe(batch__size=4)`."""
    own = {key.replace("__", "."): value for key, value in changes.items()}
    tiny = {
        key: value for key, value in TINY.items() if not (key == "schedule.warmup" and "schedule.name" in own)
    }
    return load_recipe(name, tiny | own)


def make_data(on_batch: Callable[[], None] = lambda: None) -> TaskData:
    """50 questions whose answer is their first word; `on_batch` is called before each batch is made."""
    generator = torch.Generator().manual_seed(0)
    tokens = torch.randint(1, 6, (50, 5), generator=generator)
    objects = torch.randn(50, 4, 18, generator=generator)

    def collate(rows: list[int]) -> Batch:
        on_batch()
        index = torch.tensor(rows)
        return Batch(
            tokens=tokens[index],
            lengths=torch.full((len(rows),), 5),
            objects=objects[index],
            object_mask=torch.ones(len(rows), 4, dtype=torch.bool),
            answers=tokens[index, 0] % 3,
            question_index=index,
            image_index=index // 5,
        )

    return TaskData(lambda epoch: range(50), range(20), collate, META)


@pytest.fixture
def recipe() -> Callable[..., Recipe]:
    """`make_recipe`."""
    return make_recipe


@pytest.fixture
def data() -> Callable[..., TaskData]:
    """`make_data`."""
    return make_data


@pytest.fixture
def console() -> Console:
    """Where progress goes when nobody looks."""
    return Console(file=io.StringIO())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A place for a run."""
    return tmp_path / "run"


QUICK = {"training.epochs": 1, "training.accelerator": "cpu", "data.workers": 0}


@pytest.fixture(scope="session")
def run(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """rn-quick trained for an epoch on the tiny data."""
    recipe, console = load_recipe("rn-quick", QUICK), Console(quiet=True)
    made = RunFolder.create(tmp_path_factory.mktemp("runs") / "quick", recipe, tiny_data)
    train(recipe, training_data(recipe, tiny_data, console), made, console)
    return made


SMALL_REGIONS: dict[str, Any] = {
    "batch.size": 2,
    "training.epochs": 1,
    "training.accelerator": "cpu",
    "data.workers": 0,
    "data.validation": "val",
    "inputs.short": 128,
    "inputs.long": 128,
    "task.minimum": 1,
    "model.trunk.kind": "pixels",
    "model.trunk.channels": [8, 8, 8],
    "model.trunk.head": [8],
    "model.trunk.crop": 3,
    "logging.every_steps": 1,
}


@pytest.fixture(scope="session")
def region_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A region world of 12 training images and 4 others."""
    root = tmp_path_factory.mktemp("regions")
    for split, images in (("train", 12), ("val", 4)):
        generate_regions(root, RegionSplit(split, images), jobs=1)
    return root


@pytest.fixture(scope="session")
def small_regions() -> Callable[..., Recipe]:
    """Recipes of regions shrunk to a second of training; further settings as `small_regions(name, batch__size=4)`."""

    def small(name: str, **changes: Any) -> Recipe:
        sizes = load_recipe(name).model.settings
        parts = {"memory": {"size": 8, "hidden": 8}, "graph": {"size": 8}}
        tiny = {
            f"model.{part}.{key}": value
            for part, wanted in parts.items()
            if part in sizes
            for key, value in wanted.items()
        }
        own = {key.replace("__", "."): value for key, value in changes.items()}
        return load_recipe(name, SMALL_REGIONS | tiny | own)

    return small
