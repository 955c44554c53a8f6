"""A run of any mode that was stopped goes on to the same numbers: weights, baselines, curriculum and samples."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from visreason.tasks.checkpoint import read_checkpoint
from visreason.tasks.loader import TaskData
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.training import train

END_TO_END = "module-memory-end-to-end-quick"
MODES: dict[str, tuple[str, dict[str, Any]]] = {
    "programs": ("iep-generator-quick", {}),
    "engine on true programs": ("module-memory-quick", {"batch__per_image": 2}),
    "reasoning": ("iep-quick", {"task__exploration": 0.1}),
    "reasoning, engine": ("iep-quick", {"task__train": "engine", "training__ema": 0.9}),
    "soft": (END_TO_END, {"task__curriculum_start": 2, "task__curriculum_every": 1}),
    "gumbel": (END_TO_END, {"task__decoder": "gumbel", "optimiser__clip_value": 0.01}),
    "hard+penalty": (END_TO_END, {"task__decoder": "hard+penalty", "batch__accumulate": 2}),
}


def stop_after(batches: int) -> Callable[[], None]:
    """Something to call before each batch that is Ctrl-C when so many were made."""
    made = iter(range(batches))

    def count() -> None:
        if next(made, None) is None:
            raise KeyboardInterrupt

    return count


def numbers(run: RunFolder) -> list[dict[str, Any]]:
    """What a run recorded, without the clock."""
    return [
        {key: value for key, value in record.items() if key != "seconds"} for record in run.read_metrics()
    ]


@pytest.mark.parametrize("mode", MODES)
def test_a_stopped_run_goes_on_to_the_same_numbers(
    mode: str,
    tmp_path: Path,
    make_recipe: Callable[..., Recipe],
    make_data: Callable[..., TaskData],
    console: Console,
) -> None:
    name, changes = MODES[mode]
    recipe = make_recipe(name, **changes)
    whole, broken = (RunFolder.create(tmp_path / each, recipe, None) for each in ("whole", "broken"))
    train(recipe, make_data(), whole, console)
    with pytest.raises(
        KeyboardInterrupt
    ):  # in the middle of the second epoch; each has 3 batches and 1 to measure
        train(recipe, make_data(stop_after(6)), broken, console)
    assert read_checkpoint(broken.last)["epoch"] < 2
    train(recipe, make_data(), broken, console)
    assert numbers(broken) == numbers(whole)
    ours, theirs = read_checkpoint(broken.last), read_checkpoint(whole.last)
    assert ours["visreason"]["state"] == theirs["visreason"]["state"]
    assert all(torch.equal(value, theirs["state_dict"][key]) for key, value in ours["state_dict"].items())


def test_moving_baselines_are_in_the_checkpoint(
    tmp_path: Path, make_recipe: Callable[..., Recipe], make_data: Callable[..., TaskData], console: Console
) -> None:
    recipe = make_recipe(END_TO_END, task__decoder="hard+penalty")
    run = RunFolder.create(tmp_path / "run", recipe, None)
    train(recipe, make_data(), run, console)
    state = read_checkpoint(run.last)["visreason"]["state"]["task"]
    assert set(state) == {"reward", "penalty"}
    assert state["penalty"] < 0  # the log-probability of the true answer
    told = [record for record in numbers(run) if "policy_loss" in record]
    assert [record["step"] for record in told] == [3, 4, 5, 6]  # after a warm-up of two steps
    assert all(0 <= record["reward"] <= 1 and record["entropy"] > 0 for record in told)
