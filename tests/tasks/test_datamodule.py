from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from visreason.tasks.datamodule import TaskDataModule
from visreason.tasks.loader import TaskData
from visreason.tasks.recipes.recipe import Recipe

Make = Callable[..., TaskDataModule]


@pytest.fixture
def module(recipe: Callable[..., Recipe], data: Callable[..., TaskData]) -> Make:
    """A data module as process `rank` of `ranks` sees it in an epoch."""

    def make(epoch: int = 0, rank: int = 0, ranks: int = 1, **changes: object) -> TaskDataModule:
        made = TaskDataModule(data(), recipe(**changes))
        made.trainer = SimpleNamespace(current_epoch=epoch, global_rank=rank, world_size=ranks)  # type: ignore[assignment]
        return made

    return make


def questions(loader: object) -> list[int]:
    return [index for batch in loader for index in batch.question_index.tolist()]  # type: ignore[attr-defined]


def test_each_epoch_has_its_own_order_of_all_questions(module: Make) -> None:
    orders = [questions(module(epoch).train_dataloader()) for epoch in (0, 0, 1)]
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[2]) == list(range(50))


def test_batches_grow_as_the_recipe_says(module: Make) -> None:
    growing = {"batch__gamma": 2, "batch__step": 1, "batch__max": 20}
    assert [len(module(epoch, **growing).train_dataloader()) for epoch in range(3)] == [7, 4, 3]
    assert module(**growing).steps() == 14


def test_processes_see_every_question_once_in_training_and_validation(module: Make) -> None:
    parts = [questions(module(rank=rank, ranks=2).train_dataloader()) for rank in range(2)]
    assert sorted(index for part in parts for index in part) == list(range(50))
    measured = [questions(module(rank=rank, ranks=3).val_dataloader()) for rank in range(3)]
    assert sorted(index for part in measured for index in part) == list(range(20))


def test_steps_count_epochs_and_accumulation_whatever_the_devices(module: Make) -> None:
    assert module(training__epochs=3).steps() == 21
    assert module(training__epochs=3, batch__accumulate=2).steps() == 12
    assert module(training__epochs=3, training__devices=2).steps() == 21


def test_questions_of_an_image_stand_side_by_side_where_the_recipe_says_so(
    recipe: Callable[..., Recipe], data: Callable[..., TaskData]
) -> None:
    samples = replace(data(), images=np.arange(50) // 5)
    module = TaskDataModule(samples, recipe(batch__per_image=5, batch__size=10))
    module.trainer = SimpleNamespace(current_epoch=0, global_rank=0, world_size=1)  # type: ignore[assignment]
    for batch in module.train_dataloader():
        assert batch.image_index is not None
        assert len(batch.image_index.unique()) == 2
