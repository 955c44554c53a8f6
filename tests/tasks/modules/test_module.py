from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from visreason.errors import ModelError
from visreason.tasks.checkpoint import read_checkpoint
from visreason.tasks.loader import TaskData
from visreason.tasks.modules.module import TaskModule
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.training import train

MakeRecipe = Callable[..., Recipe]
MakeData = Callable[..., TaskData]


def metrics(run: RunFolder) -> list[dict[str, Any]]:
    """What a run recorded."""
    return list(run.read_metrics())


def test_early_stop_ends_after_patience_epochs_without_a_rise(
    folder: Path, recipe: MakeRecipe, data: MakeData, console: Console
) -> None:
    wanted = recipe(training__epochs=20, training__patience=2, training__min_delta=1.0)
    run = RunFolder.create(folder, wanted, None)
    assert train(wanted, data(), run, console).epochs == 3  # the first counts as better than nothing


def test_learning_rates_on_record_are_those_of_the_schedule(
    folder: Path, recipe: MakeRecipe, data: MakeData, console: Console
) -> None:
    wanted = recipe(
        schedule__name="slow-start",
        schedule__start=1e-4,
        schedule__gamma=2,
        schedule__step=1,
        optimiser__lr=3e-4,
    )
    run = RunFolder.create(folder, wanted, None)
    train(wanted, data(), run, console)
    rates = {record["epoch"]: record["lr"] for record in metrics(run) if "loss" in record}
    assert rates == {1: 1e-4, 2: 2e-4, 3: 3e-4}
    assert [record["lr"] for record in metrics(run) if "test_loss" in record] == [1e-4, 2e-4, 3e-4]


def test_the_plateau_schedule_falls_when_the_score_stands_still(
    folder: Path, recipe: MakeRecipe, data: MakeData, console: Console
) -> None:
    still = {"training__min_delta": 1.0, "training__epochs": 6, "optimiser__lr": 1e-3}
    wanted = recipe(schedule__name="plateau", schedule__factor=0.1, schedule__patience=2, **still)
    run = RunFolder.create(folder, wanted, None)
    train(wanted, data(), run, console)
    rates = [record["lr"] for record in metrics(run) if "test_loss" in record]
    assert rates == pytest.approx([1e-3, 1e-3, 1e-3, 1e-4, 1e-4, 1e-5])  # the first epoch counts as better


def test_dropout_depends_on_seed_epoch_and_batch_alone(
    tmp_path: Path, recipe: MakeRecipe, data: MakeData, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[float] = []
    real = TaskModule.training_step

    def step(module: TaskModule, batch: Any, batch_idx: int) -> torch.Tensor:
        drawn.append(torch.rand(1).item())
        return real(module, batch, batch_idx)

    monkeypatch.setattr(TaskModule, "training_step", step)
    for place in range(2):
        torch.manual_seed(place)  # whatever happened before
        train(recipe(), data(), RunFolder.create(tmp_path / str(place), recipe(), None), console)
    assert drawn[:21] == drawn[21:]
    assert len(set(drawn)) == 21


def test_a_checkpoint_says_what_the_model_is_in_plain_values(
    folder: Path, recipe: MakeRecipe, data: MakeData, console: Console
) -> None:
    run = RunFolder.create(folder, recipe(), None)
    train(recipe(), data(), run, console)
    ours = read_checkpoint(run.last)["visreason"]
    assert ours["family"] == "relation-network"
    assert ours["recipe"]["optimiser"]["lr"] == recipe().optimiser.lr
    assert ours["meta"]["vocabulary"]["answers"] == ["yes", "no", "3"]
    assert set(ours["state"]) == {"stillness", "drops", "best_score", "loss_sums", "samples", "task"}


def test_a_loss_that_is_no_number_ends_the_training_and_what_was_kept_stays(
    folder: Path, recipe: MakeRecipe, data: MakeData, console: Console
) -> None:
    wanted = recipe(
        schedule__name="slow-start",
        schedule__start=1e-4,
        schedule__gamma=1e38,
        schedule__step=1,
        optimiser__lr=1e34,
    )
    run = RunFolder.create(folder, wanted, None)
    with pytest.raises(
        ModelError, match=r"the loss is .* in epoch 2: .* lower optimiser\.lr \(it is 1e\+34\)"
    ):
        train(wanted, data(), run, console)
    assert [record["epoch"] for record in metrics(run) if "test_loss" in record] == [1]
    for kept in (run.last, run.best):
        weights = read_checkpoint(kept)["state_dict"]
        assert all(weight.isfinite().all() for weight in weights.values())
