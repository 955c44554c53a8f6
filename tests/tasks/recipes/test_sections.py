from collections.abc import Callable
from typing import Any

import pytest

from visreason.errors import UsageError
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.recipes.sections import BatchSettings
from visreason.tasks.recipes.worlds import ClevrWorld


def test_batches_grow_by_gamma_every_step_epochs_up_to_max() -> None:
    growing = BatchSettings(size=10, gamma=1.5, step=2, max=30, accumulate=1)
    assert [growing.size_at(epoch) for epoch in range(8)] == [10, 10, 15, 15, 22, 22, 30, 30]
    endless = BatchSettings(size=10, gamma=2.0, step=1, max=None, accumulate=1)
    assert endless.size_at(5) == 320


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("data.train", ""),
        ("data.validation", ""),
        ("data.limit", 0),
        ("data.workers", -1),
        ("world.scenes", 0),
        ("world.validation_scenes", 0),
        ("world.questions_per_scene", 0),
        ("world.image_size", [8, 8]),
        ("world.seed", -1),
        ("inputs.max_objects", 0),
        ("optimiser.lr", 0),
        ("optimiser.betas", [0.9, 1.0]),
        ("optimiser.weight_decay", -1),
        ("optimiser.clip_norm", 0),
        ("batch.size", 0),
        ("batch.gamma", 0.5),
        ("batch.step", 0),
        ("batch.max", 4),
        ("batch.accumulate", 0),
        ("batch.per_image", 0),
        ("batch.per_image", 9999),
        ("training.epochs", 0),
        ("training.patience", 0),
        ("training.min_delta", -1),
        ("training.ema", 1.0),
        ("training.seed", -1),
        ("training.devices", 0),
        ("training.nodes", 0),
        ("checkpoint.every_steps", 0),
        ("checkpoint.every_minutes", 0),
        ("logging.every_steps", 0),
    ],
)
def test_a_value_out_of_range_is_an_error_that_names_the_setting(
    setting: str, value: Any, recipe: Callable[..., Recipe]
) -> None:
    with pytest.raises(UsageError, match=rf"^{setting} must be .*; got"):
        recipe(**{setting.replace(".", "__"): value})


@pytest.mark.parametrize("only", [["objects=0"], ["colour=red"], ["cogent=A", "pairs=red+cube"]])
def test_a_world_of_rules_that_leave_nothing_is_an_error(
    only: list[str], recipe: Callable[..., Recipe]
) -> None:
    with pytest.raises(UsageError, match=r"^world\.only: .*"):
        recipe(world__only=only)


def test_a_recipe_may_train_on_cogent_a(recipe: Callable[..., Recipe]) -> None:
    world = recipe(world__only=["cogent=A", "objects=3-4"]).world
    assert isinstance(world, ClevrWorld)
    assert world.rules().texts() == ["cogent=A", "objects=3-4"]


def test_layers_are_compiled_on_one_device_only(recipe: Callable[..., Recipe]) -> None:
    assert recipe().training.compile is False
    assert recipe(training__compile="true").training.compile is True
    with pytest.raises(UsageError, match=r"^training\.compile must be false where there are several devices"):
        recipe(training__compile=True, training__devices=2)
