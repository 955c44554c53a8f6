import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from visreason.errors import DataError, ModelError, UsageError
from visreason.models import load_model
from visreason.tasks.checkpoint import read_checkpoint
from visreason.tasks.loader import TaskData
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.training import make_model, train

MakeRecipe = Callable[..., Recipe]
MakeData = Callable[..., TaskData]


def metrics(run: RunFolder) -> list[dict[str, Any]]:
    """What a run recorded, without the clock."""
    return [
        {key: value for key, value in record.items() if key != "seconds"} for record in run.read_metrics()
    ]


def weights(run: RunFolder) -> dict[str, torch.Tensor]:
    """Last and best weights of a run."""
    last = read_checkpoint(run.last)["state_dict"]
    best = load_model(run.weights).model.state_dict()
    return {f"last.{name}": value for name, value in last.items()} | {
        f"best.{name}": value for name, value in best.items()
    }


def stop_after(batches: int) -> Callable[[], None]:
    """Something to call before each batch that is Ctrl-C when so many were made."""
    made = iter(range(batches))

    def count() -> None:
        if next(made, None) is None:
            raise KeyboardInterrupt

    return count


def assert_same(one: RunFolder, other: RunFolder) -> None:
    assert metrics(one) == metrics(other)
    ours, theirs = weights(one), weights(other)
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if not torch.equal(ours[name], theirs[name])] == []


def test_training_learns_and_writes_everything(
    folder: Path, recipe: MakeRecipe, data: MakeData, console: Console
) -> None:
    wanted = recipe(training__epochs=30, model__dropout=0.0, optimiser__lr=3e-3)
    run = RunFolder.create(folder, wanted, None)
    finished = train(wanted, data(), run, console)
    assert finished.score > 0.9
    assert (finished.epochs, finished.steps, finished.score_name) == (30, 210, "accuracy")
    assert all(
        path.is_file() for path in (run.config, run.environment, run.metrics, run.last, run.best, run.weights)
    )
    records = metrics(run)
    steps = [record for record in records if "loss" in record]
    epochs = [record for record in records if "test_loss" in record]
    assert [record["step"] for record in steps] == list(range(1, 211))
    assert [record["epoch"] for record in epochs] == list(range(1, 31))
    assert set(epochs[0]) == {
        "step", "epoch", "train_loss", "lr", "test_loss", "accuracy", "invalid", "accuracy_by_class",
    }  # fmt: skip
    assert epochs[-1]["train_loss"] < epochs[0]["train_loss"]
    meta = load_model(run.weights).meta
    assert (meta["recipe"], meta["inputs"]["kind"]) == ("rn-quick", "state")
    assert (
        meta["provenance"]["validation_score"]
        == finished.score
        == max(record["accuracy"] for record in epochs)
    )


@pytest.mark.parametrize("stop", [0, 1, 4, 7, 9, 10, 11, 19, 26])
def test_a_run_stopped_at_any_batch_goes_on_to_the_same_numbers(
    stop: int, tmp_path: Path, recipe: MakeRecipe, data: MakeData, console: Console
) -> None:
    """Batches 0-6, 10-16 and 20-26 are of training, the others of validation."""
    wanted = recipe()
    whole, broken = (RunFolder.create(tmp_path / name, wanted, None) for name in ("whole", "broken"))
    train(wanted, data(), whole, console)
    with pytest.raises(KeyboardInterrupt):
        train(wanted, data(stop_after(stop)), broken, console)
    train(wanted, data(), broken, console)
    assert_same(whole, broken)


@pytest.mark.parametrize(
    "changes",
    [
        {"batch__accumulate": 2},
        {"training__ema": 0.9},
        {"optimiser__name": "muon"},
        {"training__precision": "bf16-mixed"},
        {"batch__gamma": 2, "batch__step": 1},
        {
            "schedule__name": "plateau",
            "schedule__factor": 0.5,
            "schedule__patience": 1,
            "training__patience": 2,
        },
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_resuming_is_exact_with_every_option(
    changes: dict[str, Any], tmp_path: Path, recipe: MakeRecipe, data: MakeData, console: Console
) -> None:
    wanted = recipe(**changes)
    whole, broken = (RunFolder.create(tmp_path / name, wanted, None) for name in ("whole", "broken"))
    train(wanted, data(), whole, console)
    with pytest.raises(KeyboardInterrupt):
        train(wanted, data(stop_after(14)), broken, console)
    assert broken.last.is_file()
    train(wanted, data(), broken, console)
    assert_same(whole, broken)


def test_where_nothing_can_be_compiled_training_says_so_once_and_gives_the_same_numbers(
    tmp_path: Path, recipe: MakeRecipe, data: MakeData, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(*_: Any, **__: Any) -> None:
        from torch._inductor.exc import InductorError

        raise InductorError(RuntimeError("no compiler"), None)

    monkeypatch.setattr("torch._inductor.compile_fx.compile_fx", absent)
    told = Console(file=io.StringIO())
    plain, compiled = (RunFolder.create(tmp_path / name, recipe(), None) for name in ("plain", "compiled"))
    train(recipe(), data(), plain, told)
    with pytest.raises(KeyboardInterrupt):
        train(recipe(training__compile=True), data(stop_after(14)), compiled, told)
    train(recipe(), data(), compiled, told)  # a run may go on without
    assert_same(plain, compiled)
    assert told.file.getvalue().count("warning: training.compile: nothing is compiled") == 1  # type: ignore[attr-defined]


def test_a_finished_run_stays_as_it_is_when_resumed(
    folder: Path, recipe: MakeRecipe, data: MakeData, console: Console
) -> None:
    run = RunFolder.create(folder, recipe(), None)
    first = train(recipe(), data(), run, console)
    before = run.metrics.read_bytes(), run.last.read_bytes(), run.weights.read_bytes()
    assert train(recipe(), data(), run, console) == first
    assert (run.metrics.read_bytes(), run.last.read_bytes(), run.weights.read_bytes()) == before


def test_a_checkpoint_of_another_recipe_is_refused(
    folder: Path, recipe: MakeRecipe, data: MakeData, console: Console
) -> None:
    run = RunFolder.create(folder, recipe(), None)
    train(recipe(), data(), run, console)
    with pytest.raises(ModelError, match=r"another recipe: model.g_widths is \[16, 16\] there and \[8\]"):
        train(recipe(model__g_widths=[8]), data(), run, console)
    assert train(recipe(logging__every_steps=5), data(), run, console).epochs == 3  # no number depends on it


KILLED = """
import os, signal, sys
from pathlib import Path
from rich.console import Console
sys.path.insert(0, sys.argv[1])
import conftest
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.training import train
made = iter(range(5))
def kill():
    if next(made, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)
recipe, data = conftest.make_recipe, conftest.make_data
run = RunFolder.create(Path(sys.argv[2]), recipe(), None)
train(recipe(), data(kill), run, Console(stderr=True))
"""


@pytest.mark.slow
def test_a_run_killed_in_mid_epoch_goes_on_to_the_same_numbers(
    tmp_path: Path, recipe: MakeRecipe, data: MakeData, console: Console
) -> None:
    """SIGKILL: no handler runs, nothing is tidied up."""
    whole = RunFolder.create(tmp_path / "whole", recipe(), None)
    train(recipe(), data(), whole, console)
    here = str(Path(__file__).parent)
    threads = os.environ | {"OMP_NUM_THREADS": str(torch.get_num_threads())}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, here, str(tmp_path / "killed")], env=threads, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    run = RunFolder.open(tmp_path / "killed")
    assert read_checkpoint(run.last)["global_step"] == 4
    train(recipe(), data(), run, console)
    assert_same(whole, run)


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(("sent", "kept"), [(signal.SIGINT, 2), (signal.SIGTERM, 4)])
def test_a_signal_stops_training_and_leaves_something_to_resume_from(
    sent: signal.Signals, kept: int, folder: Path, recipe: MakeRecipe, data: MakeData, console: Console
) -> None:
    made = iter(range(4))
    run = RunFolder.create(folder, recipe(), None)
    with pytest.raises(KeyboardInterrupt):
        train(recipe(), data(lambda: signal.raise_signal(sent) if next(made, 0) == 3 else None), run, console)
    assert read_checkpoint(run.last)["global_step"] == kept  # SIGTERM lets the fourth batch finish


def test_clipping_and_weight_decay_reach_the_optimiser(
    tmp_path: Path, recipe: MakeRecipe, data: MakeData, console: Console
) -> None:
    found = []
    for place, changes in enumerate(({}, {"optimiser__clip_norm": 1e-6}, {"optimiser__weight_decay": 10.0})):
        wanted = recipe(training__epochs=1, **changes)
        run = RunFolder.create(tmp_path / str(place), wanted, None)
        train(wanted, data(), run, console)
        found.append(torch.cat([value.flatten() for value in weights(run).values()]))
    assert not torch.equal(found[0], found[1])
    assert found[2].norm() < found[0].norm()


def test_the_same_seed_gives_the_same_weights_and_another_does_not(
    recipe: MakeRecipe, data: MakeData
) -> None:
    first, again, other = (make_model(recipe(training__seed=seed), data()).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_an_image_network_is_only_taken_from_a_model_that_has_one(
    folder: Path, recipe: MakeRecipe, data: MakeData, console: Console
) -> None:
    run = RunFolder.create(folder, recipe(training__epochs=1), None)
    train(recipe(training__epochs=1), data(), run, console)
    with pytest.raises(ModelError, match="no image network"):
        make_model(recipe(model_init__conv_from=str(folder)), data())


def test_a_full_disk_stops_training_with_one_message_and_leaves_the_last_checkpoint(
    folder: Path, recipe: MakeRecipe, data: MakeData, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder.create(folder, recipe(), None)
    writes = iter(range(100))
    real = os.fsync

    def fsync(handle: int) -> None:
        if next(writes) == 3:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(DataError, match="No space left on device"):
        train(recipe(), data(), run, console)
    assert read_checkpoint(run.last)["global_step"] > 0
    assert list(folder.rglob("*.part")) == []


def test_more_devices_than_validation_samples_are_refused(
    folder: Path, recipe: MakeRecipe, data: MakeData, console: Console
) -> None:
    run = RunFolder.create(folder, recipe(training__devices=21), None)
    with pytest.raises(UsageError, match="20 validation samples are too few for 21 devices"):
        train(recipe(training__devices=21), data(), run, console)


def test_metrics_are_json_lines(folder: Path, recipe: MakeRecipe, data: MakeData, console: Console) -> None:
    run = RunFolder.create(folder, recipe(training__epochs=1), None)
    train(recipe(training__epochs=1), data(), run, console)
    lines = run.metrics.read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [1, 2, 3, 4, 5, 6, 7, 7]
