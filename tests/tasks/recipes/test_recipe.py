from collections.abc import Callable
from typing import Any

import pytest

from visreason.errors import UsageError
from visreason.tasks.recipes.recipe import Recipe


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"about__name": "a/b"}, "about.name must be a plain name"),
        ({"inputs__kind": "question"}, "inputs.kind must be pixels or state for relation-network"),
        (
            {"task__name": "attributes", "task__scene_fraction": 1},
            "task.name must be answering for relation-network",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_an_error(
    changes: dict[str, Any], message: str, recipe: Callable[..., Recipe]
) -> None:
    with pytest.raises(UsageError, match=f"^{message}"):
        recipe(**changes)


def test_rendering_while_training_needs_the_training_process_itself(recipe: Callable[..., Recipe]) -> None:
    pixels = {
        "inputs__kind": "pixels",
        "inputs__image_size": [32, 32],
        "inputs__augment": False,
        "inputs__render": True,
    }
    assert recipe(**pixels).inputs.kind == "pixels"
    with pytest.raises(UsageError, match=r"data.workers must be 0 where inputs.render is true; got 2"):
        recipe(**pixels, data__workers=2)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inputs__augment": True}, "inputs.augment must be false where model_init.conv_frozen is true"),
        ({"inputs__photometric": 0.5}, "inputs.photometric must be 0 where model_init.conv_frozen is true"),
        ({"model_init__conv_from": None}, "model_init.conv_frozen must be false where conv_from is null"),
        (
            {"inputs__photometric": 2.0, "model_init__conv_frozen": False},
            "inputs.photometric must be from 0 to 1",
        ),
    ],
)
def test_a_frozen_image_network_sees_every_image_as_it_is(
    changes: dict[str, Any], message: str, recipe: Callable[..., Recipe]
) -> None:
    frozen: dict[str, Any] = {
        "inputs__kind": "pixels",
        "inputs__image_size": [32, 32],
        "inputs__augment": False,
        "inputs__render": False,
        "model_init__conv_from": "runs/eyes",
        "model_init__conv_frozen": True,
    }
    assert recipe(**frozen).model_init.conv_frozen
    with pytest.raises(UsageError, match=message):
        recipe(**frozen | changes)
