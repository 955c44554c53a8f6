"""Training in several processes: the numbers of a single one, whatever is killed on the way."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from lightning.pytorch.strategies import DDPStrategy
from rich.console import Console
from torch import nn

from visreason.clevr.folder import ClevrFolder
from visreason.data.features.folder import split_images
from visreason.data.features.store import FORMAT, INDEX, shard_file
from visreason.data.world_contents import sha256
from visreason.errors import UsageError
from visreason.files import write_json
from visreason.models import load_model
from visreason.tasks.checkpoint import read_checkpoint
from visreason.tasks.experiment import Experiment
from visreason.tasks.processes import opened_by_first, strategy_of
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.training import train
from visreason.zoo.catalogue import load_recipe

SMALL: dict[str, Any] = {
    "training.accelerator": "cpu",
    "training.epochs": 2,
    "training.threads": 1,
    "data.workers": 0,
    "inputs.kind": "features",
    "inputs.backbone": "none",
    "inputs.layer": "c4",
    "inputs.weights": None,
    "inputs.normalisation": "none",
    "inputs.image_size": [32, 48],
    "inputs.on_the_fly": False,
    "optimiser.name": "sgd",
    "optimiser.lr": 0.01,
    "batch.size": 7,
    "batch.per_image": 5,
    "model.dim": 8,
    "model.attention_hidden": 8,
    "model.word_size": 8,
    "model.f_widths": [8],
    "model.stem_layers": 1,
    "model.batch_norm": True,
    "checkpoint.every_steps": 3,
    "logging.every_steps": 1,
}
"""9 steps an epoch on the tiny data: the shares of 2 processes are 3 and 4 of 7 questions, and 2 and 2 at the end.

Adam would make whole steps of the rounding errors that are the gradient of a bias before a batch normalisation.
"""

KILLED_AFTER_13_BATCHES = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from rich.console import Console
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.training import train
run, console = RunFolder.open(Path(sys.argv[1])), Console(stderr=True)
data, left = training_data(run.recipe(), run.data(), console), iter(range(9 + 3 + 4))
def collate(samples):
    if next(left, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)
    return data.collate(samples)
train(run.recipe(), replace(data, collate=collate), run, console)
"""
"""The first epoch's 9 batches, each process's 3 of validation, and 4 of the second epoch."""


@pytest.fixture
def features(tiny_data: Path, tmp_path: Path) -> Path:
    """Stores of random features of both splits, in shards of five images."""
    numbers = np.random.default_rng(0)
    for split in ("train", "val"):
        store, names = tmp_path / "features" / split, list(split_images(ClevrFolder(tiny_data), split))
        store.mkdir(parents=True)
        shards = [names[start : start + 5] for start in range(0, len(names), 5)]
        for number, shard in enumerate(shards):
            np.save(shard_file(store, number), numbers.random((len(shard), 6, 3, 4), np.float32))
        notes = {"format": FORMAT, "complete": True, "rows": 5, "images": names, "shape": [6, 3, 4]}
        digests = [sha256(shard_file(store, number)) for number in range(len(shards))]
        write_json(store / INDEX, notes | {"dtype": "float32", "sha256": digests, "source": {}})
    return tmp_path / "features" / "{split}"


def figures(run: RunFolder) -> list[dict[str, Any]]:
    """What a run recorded, without the clock."""
    return [
        {name: value for name, value in record.items() if name != "seconds"} for record in run.read_metrics()
    ]


@pytest.mark.slow
def test_two_processes_killed_and_resumed_give_the_numbers_of_one(
    features: Path, tiny_data: Path, tmp_path: Path
) -> None:
    def make(name: str, devices: int) -> tuple[Recipe, RunFolder]:
        own = {"inputs.features": str(features), "training.devices": devices}
        recipe = load_recipe("san", SMALL | own)
        return recipe, RunFolder.create(tmp_path / name, recipe, tiny_data)

    def launch(*command: str) -> int:
        done = subprocess.run(
            [sys.executable, *command], env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False
        )
        return done.returncode

    recipe, one = make("one", 1)
    train(recipe, training_data(recipe, tiny_data, Console(quiet=True)), one, Console(quiet=True))
    _, two = make("two", 2)
    script = tmp_path / "killed.py"
    script.write_text(KILLED_AFTER_13_BATCHES)
    assert launch(str(script), str(two.path)) == -signal.SIGKILL
    assert read_checkpoint(two.last)["global_step"] == 12
    assert launch("-m", "visreason", "train", "--resume", str(two.path)) == 0
    assert [record["step"] for record in figures(two)] == [record["step"] for record in figures(one)]
    for ours, theirs in zip(figures(two), figures(one), strict=True):
        assert ours.pop("accuracy_by_class", {}) == theirs.pop("accuracy_by_class", {})  # every question once
        assert ours == pytest.approx(theirs, rel=1e-5)
    ours, theirs = (load_model(run.weights).model.state_dict() for run in (one, two))
    assert all(torch.allclose(ours[name].float(), theirs[name].float(), atol=1e-5) for name in ours)
    assert (two.results / "metrics.json").is_file()  # the first process measured


def test_the_others_wait_for_its_run(
    folder: Path, recipe: Callable[..., Recipe], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="the first process has made no run in"):
        opened_by_first(folder, patience=0)
    monkeypatch.setattr("time.sleep", lambda _: RunFolder.create(folder, recipe(), None))
    assert opened_by_first(folder).path == folder


def test_copies_of_the_model_share_the_work_unless_another_strategy_is_named(
    recipe: Callable[..., Recipe],
) -> None:
    model = nn.Linear(1, 1)
    assert strategy_of(recipe().training, model) == "auto"
    assert isinstance(strategy_of(recipe(training__devices=2).training, model), DDPStrategy)
    assert strategy_of(recipe(training__nodes=2, training__strategy="fsdp").training, model) == "fsdp"


@pytest.mark.parametrize("settings", [{"accelerator": "gpu"}, {"devices": 2, "strategy": "together"}])
def test_devices_and_strategies_that_are_not_there_are_one_message_and_no_run(
    settings: dict[str, Any], recipe: Callable[..., Recipe], folder: Path, console: Console
) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    wanted = recipe(**{f"training__{name}": value for name, value in settings.items()})
    with pytest.raises(UsageError, match=r"training\.accelerator .* training\.strategy"):
        Experiment.create(wanted, None, folder, console)
    assert not folder.exists()
