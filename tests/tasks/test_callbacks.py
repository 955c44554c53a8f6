import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from visreason.tasks import callbacks
from visreason.tasks.checkpoint import read_checkpoint
from visreason.tasks.loader import TaskData
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.training import train

MakeRecipe = Callable[..., Recipe]
MakeData = Callable[..., TaskData]


def saves(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The steps at which last.ckpt is written, as training goes."""
    steps: list[int] = []
    real = callbacks.Keeper._save

    def save(keeper: callbacks.Keeper, trainer: callbacks.Trainer) -> None:
        steps.append(trainer.global_step)
        real(keeper, trainer)

    monkeypatch.setattr(callbacks.Keeper, "_save", save)
    return steps


def test_checkpoints_come_every_so_many_steps_and_at_each_epochs_end(
    folder: Path, recipe: MakeRecipe, data: MakeData, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = saves(monkeypatch)
    wanted = recipe(training__epochs=2, checkpoint__every_steps=3)
    train(wanted, data(), RunFolder.create(folder, wanted, None), console)
    assert steps == [3, 6, 7, 10, 13, 14]


def test_checkpoints_come_when_so_many_minutes_are_over(
    folder: Path, recipe: MakeRecipe, data: MakeData, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = saves(monkeypatch)
    clock = iter(range(0, 100_000, 20))  # every look at the clock takes 20 seconds
    monkeypatch.setattr(callbacks, "monotonic", lambda: float(next(clock)))
    wanted = recipe(training__epochs=1, checkpoint__every_steps=None, checkpoint__every_minutes=1.0)
    train(wanted, data(), RunFolder.create(folder, wanted, None), console)
    assert steps[-1] == 7
    assert len(steps) > 1


def test_best_is_the_epoch_with_the_highest_score_and_last_the_last(
    folder: Path, recipe: MakeRecipe, data: MakeData, console: Console
) -> None:
    wanted = recipe(training__epochs=8)
    run = RunFolder.create(folder, wanted, None)
    finished = train(wanted, data(), run, console)
    scores = [record["accuracy"] for record in run.read_metrics() if "accuracy" in record]
    best = read_checkpoint(run.best)
    assert best["epoch"] == scores.index(max(scores))
    assert best["visreason"]["state"]["best_score"] == finished.score == max(scores)
    assert read_checkpoint(run.last)["global_step"] == finished.steps == 56


def test_an_epochs_line_tells_its_losses_and_score(folder: Path, recipe: MakeRecipe, data: MakeData) -> None:
    told = io.StringIO()
    run = RunFolder.create(folder, recipe(), None)
    train(recipe(), data(), run, Console(file=told, width=40))
    lines = told.getvalue().splitlines()
    records = [record for record in run.read_metrics() if "accuracy" in record]
    assert len(lines) == len(records) == 3
    for line, record in zip(lines, records, strict=True):
        assert line.startswith(f"epoch {record['epoch']}/3  train loss {record['train_loss']:.3f}")
        assert f"accuracy {100 * record['accuracy']:.1f} %" in line
    assert "best" in lines[0]


def test_a_bar_moves_on_a_terminal_and_is_gone_afterwards(
    folder: Path, recipe: MakeRecipe, data: MakeData
) -> None:
    told = io.StringIO()
    run = RunFolder.create(folder, recipe(training__epochs=1), None)
    train(recipe(training__epochs=1), data(), run, Console(file=told, force_terminal=True, width=120))
    assert "epoch 1/1" in told.getvalue()
    assert "\x1b[2K" in told.getvalue()  # the line is erased
