"""Small batches added up take the same steps as large ones; clamping comes before clipping."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from visreason.models.program_generator import ProgramGenerator
from visreason.tasks.checkpoint import read_checkpoint
from visreason.tasks.loader import TaskData
from visreason.tasks.modules.module import TaskModule
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.training import train

MakeRecipe = Callable[..., Recipe]
MakeData = Callable[..., TaskData]
END_TO_END = "module-memory-end-to-end-quick"
NONE_SHOWN = {"task__programs": 0, "task__shown_per_batch": 0, "task__warm_up": 0}


def weights_after(recipe: Recipe, data: TaskData, place: Path, console: Console) -> dict[str, torch.Tensor]:
    """The weights that training ends with."""
    run = RunFolder.create(place, recipe, None)
    train(recipe, data, run, console)
    return {
        name: value.double()
        for name, value in read_checkpoint(run.last)["state_dict"].items()
        if "num_batches" not in name and "running" not in name
    }


@pytest.mark.parametrize(
    ("name", "changes", "size", "accumulate"),
    [
        ("module-memory-quick", {}, 8, 3),
        ("iep-quick", {"task__train": "engine"}, 12, 2),
        (END_TO_END, {"task__decoder": "soft", **NONE_SHOWN}, 6, 5),
    ],
    ids=["true programs", "reasoning", "end to end"],
)
def test_batches_added_up_are_one_large_batch(
    name: str,
    changes: dict[str, Any],
    size: int,
    accumulate: int,
    tmp_path: Path,
    make_recipe: MakeRecipe,
    make_data: MakeData,
    console: Console,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """24 questions are one step: 3 batches of 8, 2 of 12, or 4 of 6, which is fewer than the 5 of a step."""
    for norm in (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d):  # they know a batch's other samples
        monkeypatch.setattr(norm, "forward", lambda self, x: x)
    same = {"training__epochs": 2, "optimiser__name": "adamw", "optimiser__lr": 1e-3, **changes}
    large = weights_after(make_recipe(name, batch__size=24, **same), make_data(), tmp_path / "large", console)
    small = weights_after(
        make_recipe(name, batch__size=size, batch__accumulate=accumulate, **same),
        make_data(),
        tmp_path / "small",
        console,
    )
    for key, value in large.items():
        torch.testing.assert_close(small[key], value, rtol=1e-3, atol=2e-5)


@pytest.mark.parametrize(
    ("clip_value", "clip_norm", "largest", "norm"),
    [(None, None, 1e3, 1e3), (1e-3, None, 1e-3, 1e3), (None, 1e-2, 1e-2, 1e-2), (1e-3, 1e-2, 1e-3, 1e-2)],
)
def test_gradients_are_clamped_then_clipped(
    clip_value: float | None,
    clip_norm: float | None,
    largest: float,
    norm: float,
    tmp_path: Path,
    make_recipe: MakeRecipe,
    make_data: MakeData,
    console: Console,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[tuple[float, float]] = []

    def look(module: TaskModule, optimizer: torch.optim.Optimizer) -> None:
        assert isinstance(module.model, ProgramGenerator)
        gradients = [one.grad.flatten() for one in module.parameters() if one.grad is not None]
        if gradients:  # there are none before the first step
            whole = torch.cat(gradients)
            seen.append((float(whole.abs().max()), float(whole.norm())))

    monkeypatch.setattr(TaskModule, "on_before_zero_grad", look, raising=False)
    recipe = make_recipe(
        "iep-generator-quick",
        optimiser__clip_value=clip_value,
        optimiser__clip_norm=clip_norm,
        training__epochs=1,
    )
    train(recipe, make_data(), RunFolder.create(tmp_path / "run", recipe, None), console)
    assert len(seen) == 2  # of three steps, the gradients of the last are not looked at
    assert all(one <= largest * 1.001 and whole <= norm * 1.001 for one, whole in seen)
    assert any(one > largest * 0.99 or whole > norm * 0.99 or largest == 1e3 for one, whole in seen)
