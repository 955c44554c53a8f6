"""Settings of the naming of regions."""

from typing import Any

import pytest

from visreason.errors import UsageError
from visreason.tasks.recipes.region_task import RegionsTask

PUBLISHED: dict[str, Any] = {
    "beta": 0.5,
    "memory_weight": 1.0,
    "final_weight": 1.0,
    "minimum": 5,
    "knowledge": True,
    "cooccurrence": True,
    "wordnet": None,
    "vectors": None,
}


@pytest.mark.parametrize(
    "changes",
    [{}, {"beta": 1}, {"memory_weight": 0, "final_weight": 0}, {"knowledge": False, "cooccurrence": False}],
)
def test_what_can_be_is_taken(changes: dict[str, Any]) -> None:
    task = RegionsTask(**PUBLISHED | changes)
    assert (task.name, task.minimum) == ("regions", 5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"beta": 0}, r"task.beta must be in \(0, 1\]; got 0"),
        ({"beta": 1.5}, r"task.beta must be in \(0, 1\]; got 1.5"),
        ({"memory_weight": -1}, "task.memory_weight must be 0 or more; got -1"),
        ({"final_weight": -0.1}, "task.final_weight must be 0 or more; got -0.1"),
        ({"minimum": 0}, "task.minimum must be at least 1; got 0"),
        ({"knowledge": False}, "task.cooccurrence must be false where task.knowledge is; got True"),
    ],
)
def test_what_cannot_be_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        RegionsTask(**PUBLISHED | changes)
