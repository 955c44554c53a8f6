"""What a task of written and executed programs freezes, remembers and refuses."""

from collections.abc import Callable

import pytest
from torch import nn

from visreason.errors import ModelError
from visreason.models.reasoner import Reasoner
from visreason.tasks.loader import TaskData
from visreason.tasks.modules.reasoning import Reasoning
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.training import make_model

MakeRecipe = Callable[..., Recipe]
MakeData = Callable[..., TaskData]


@pytest.fixture
def make(make_recipe: MakeRecipe, make_data: MakeData) -> Callable[[str], Reasoning]:
    """The task's module, for the part that is to be trained."""

    def made(train: str) -> Reasoning:
        recipe, data = make_recipe("iep-quick", task__train=train), make_data()
        return Reasoning(make_model(recipe, data), recipe, 10, data)

    return made


@pytest.mark.parametrize(
    ("train", "frozen"), [("both", []), ("generator", ["engine"]), ("engine", ["generator"])]
)
def test_the_part_that_is_not_trained_is_frozen(
    make: Callable[[str], Reasoning], train: str, frozen: list[str]
) -> None:
    module = make(train)
    assert isinstance(module.model, Reasoner)
    assert list(module.frozen()) == [getattr(module.model, name) for name in frozen]


def test_baselines_are_remembered(make: Callable[[str], Reasoning]) -> None:
    before, after = make("both"), make("both")
    before.policy.expected["reward"] = 0.625
    assert after.task_state() != before.task_state()
    after.load_task_state(before.task_state())
    assert after.task_state() == before.task_state()


def test_what_writes_no_programs_is_refused(make_recipe: MakeRecipe, make_data: MakeData) -> None:
    with pytest.raises(ModelError, match="a Linear has no generator and engine"):
        Reasoning(nn.Linear(1, 1), make_recipe("iep-quick"), 10, make_data())
