"""In every mode, exactly the parts that the mode names get a gradient and move."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from visreason.models import Output
from visreason.models.reasoner import Reasoner
from visreason.nn.batch import Batch
from visreason.nn.decoding import Decoded
from visreason.tasks.loader import TaskData
from visreason.tasks.modules.module import TaskModule
from visreason.tasks.modules.reasoning import Reasoning
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.training import TASKS, make_model

MakeRecipe = Callable[..., Recipe]
MakeData = Callable[..., TaskData]
PARTS = {"both": {"generator", "engine"}, "generator": {"generator"}, "engine": {"engine"}}


class AfterWarmUp:
    """What a module asks of its trainer, in the middle of training."""

    world_size = 1
    accumulate_grad_batches = 1
    num_training_batches = 10
    global_step = 1000


def module_of(recipe: Recipe, data: TaskData, step: int, monkeypatch: pytest.MonkeyPatch) -> TaskModule:
    """A task's module at an optimiser step, without a trainer."""
    made = TASKS[recipe.task.name](make_model(recipe, data), recipe, 10, data).train()
    if isinstance(made, Reasoning):
        made.policy.expected["reward"] = (
            0.5  # so that wrong answers, which untrained networks give, teach something
        )
    monkeypatch.setattr(type(made), "trainer", SimpleNamespace(**vars(AfterWarmUp)), raising=False)
    monkeypatch.setattr(type(made), "global_step", step)
    return made


def moved_by_a_step(module: TaskModule, batch: Batch) -> tuple[set[str], set[str]]:
    """Which parts get a gradient that is not zero, and which change when the optimiser steps."""
    torch.manual_seed(0)
    model = module.model
    assert isinstance(model, Reasoner)
    parts: dict[str, nn.Module] = {"generator": model.generator, "engine": model.engine}
    before = {name: [value.clone() for value in part.state_dict().values()] for name, part in parts.items()}
    optimiser = module.configure_optimizers()
    module.loss(batch).total.backward()
    reached = {
        name
        for name, part in parts.items()
        if any(weight.grad is not None and bool(weight.grad.any()) for weight in part.parameters())
    }
    optimiser.step()
    changed = {
        name
        for name, part in parts.items()
        if any(not torch.equal(*pair) for pair in zip(before[name], part.state_dict().values(), strict=True))
    }
    return reached, changed


@pytest.mark.parametrize("train", PARTS)
def test_reasoning(
    train: str, make_recipe: MakeRecipe, make_data: MakeData, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = module_of(make_recipe("iep-quick", task__train=train), make_data(), 0, monkeypatch)
    assert moved_by_a_step(module, batch) == (PARTS[train], PARTS[train])


@pytest.mark.parametrize("train", PARTS)
@pytest.mark.parametrize("decoder", ["soft", "gumbel", "hard", "hard+penalty"])
def test_end_to_end_from_answers_alone(
    decoder: str,
    train: str,
    make_recipe: MakeRecipe,
    make_data: MakeData,
    batch: Batch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    none = {"task__programs": 0, "task__shown_per_batch": 0, "task__warm_up": 0}
    recipe = make_recipe("module-memory-end-to-end-quick", task__train=train, task__decoder=decoder, **none)
    module = module_of(recipe, make_data(), 0, monkeypatch)
    assert moved_by_a_step(module, batch) == (PARTS[train], PARTS[train])


@pytest.mark.parametrize("decoder", ["soft", "gumbel", "hard", "hard+penalty"])
def test_the_warm_up_teaches_the_generator_alone_and_then_both_learn(
    decoder: str, make_recipe: MakeRecipe, make_data: MakeData, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = make_recipe("module-memory-end-to-end-quick", task__decoder=decoder)
    assert moved_by_a_step(module_of(recipe, make_data(), 1, monkeypatch), batch)[1] == {"generator"}
    assert moved_by_a_step(module_of(recipe, make_data(), 2, monkeypatch), batch)[1] == PARTS["both"]


def test_the_gumbel_decoder_is_given_the_temperature_of_the_step(
    make_recipe: MakeRecipe, make_data: MakeData, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    falling = {"task__decoder": "gumbel", "task__temperature": 1.0, "task__final_temperature": 0.25}
    recipe, given = make_recipe("module-memory-end-to-end-quick", task__warm_up=0, **falling), []
    for step in (0, 9):
        module = module_of(recipe, make_data(), step, monkeypatch)
        model = module.model
        assert isinstance(model, Reasoner)
        execute = model.execute

        def spy(batch: Batch, decoded: Decoded, temperature: float | None, *, trace: bool) -> Output:
            given.append(temperature)
            return execute(batch, decoded, temperature, trace=trace)  # noqa: B023

        monkeypatch.setattr(model, "execute", spy)
        module.loss(batch)
    assert given == pytest.approx([1.0, 0.25])


def test_shown_programs_add_their_loss_and_nothing_to_the_engine(
    make_recipe: MakeRecipe, make_data: MakeData, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    gradients: list[dict[str, Any]] = []
    for weight in (0.0, 1.0):
        recipe = make_recipe("module-memory-end-to-end-quick", task__program_weight=weight)
        module = module_of(recipe, make_data(), 5, monkeypatch)
        module.loss(batch).total.backward()
        gradients.append(
            {name: one.grad for name, one in module.model.named_parameters() if one.grad is not None}
        )
    without, along = gradients
    same = {name for name in without if torch.equal(without[name], along[name])}
    assert {name.split(".")[0] for name in along if name not in same} == {"generator"}
    assert all(name in same for name in along if name.startswith("engine."))


def test_programs_alone_are_learnt_from_those_that_are_told(
    make_recipe: MakeRecipe, make_data: MakeData, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = module_of(make_recipe("iep-generator-quick"), make_data(), 0, monkeypatch)
    whole = module.loss(batch).total
    told = module.loss(batch.select(torch.arange(6))).total
    torch.testing.assert_close(whole, told)
    whole.backward()
    assert all(weight.grad is not None for weight in module.parameters())


def test_a_frozen_part_behaves_as_in_evaluation(
    make_recipe: MakeRecipe, make_data: MakeData, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = make_recipe("iep-quick", task__train="generator", model__modules__batch_norm=True)
    model = module_of(recipe, make_data(), 0, monkeypatch).train().model
    assert isinstance(model, Reasoner)
    assert not any(part.training for part in model.engine.modules())
    assert all(part.training for part in model.generator.modules())
