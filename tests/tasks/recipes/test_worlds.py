from collections.abc import Callable
from typing import Any

import pytest

from visreason.errors import UsageError
from visreason.tasks.recipes.layers import from_nested
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.recipes.settings import to_recipe, to_settings
from visreason.tasks.recipes.worlds import ClevrWorld, SortOfClevrWorld
from visreason.zoo.catalogue import load_recipe

FLAT: dict[str, Any] = {
    "world__kind": "sort-of-clevr",
    "world__scenes": 8,
    "world__validation_scenes": 2,
    "world__questions_per_scene": 10,
    "world__seed": 0,
}
PIXELS: dict[str, Any] = {
    "inputs__kind": "pixels",
    "inputs__image_size": [75, 75],
    "inputs__augment": False,
    "inputs__render": False,
}


def test_choosing_another_world_drops_the_first_ones_settings(recipe: Callable[..., Recipe]) -> None:
    assert recipe(**FLAT, **PIXELS).world == SortOfClevrWorld(8, 2, 10, 0)


def test_older_recipes_do_not_name_the_kind_of_world() -> None:
    settings = from_nested(to_settings(load_recipe("rn-quick")))
    assert settings.pop("world.kind") == ClevrWorld.kind
    assert isinstance(to_recipe(settings, "an older run").world, ClevrWorld)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("scenes", 0),
        ("validation_scenes", 0),
        ("questions_per_scene", 0),
        ("questions_per_scene", 19),
        ("seed", -1),
    ],
)
def test_a_value_out_of_range_is_an_error_that_names_the_setting(
    setting: str, value: int, recipe: Callable[..., Recipe]
) -> None:
    with pytest.raises(UsageError, match=rf"^world\.{setting} must be .*; got"):
        recipe(**PIXELS, **(FLAT | {f"world__{setting}": value}))


@pytest.mark.parametrize("inputs", [{}, PIXELS | {"inputs__render": True}])
def test_flat_shapes_have_no_states_and_are_not_rendered(inputs: Any, recipe: Callable[..., Recipe]) -> None:
    with pytest.raises(
        UsageError, match=r"^world\.kind must be clevr where inputs\.kind is state or inputs\.render"
    ):
        recipe(**FLAT, **inputs)


def test_only_what_is_rendered_can_be_jittered(recipe: Callable[..., Recipe]) -> None:
    rendered = recipe(**(PIXELS | {"inputs__render": True, "inputs__jitter": True}))
    assert rendered.inputs.to_meta() == {"kind": "pixels", "image_size": [75, 75]}
    with pytest.raises(UsageError, match=r"^inputs\.jitter must be false where inputs\.render is false"):
        recipe(**PIXELS, inputs__jitter=True)


def test_what_is_rendered_while_training_is_the_ray_casters(recipe: Callable[..., Recipe]) -> None:
    stored = recipe(**PIXELS, world__renderer="mitsuba").world
    assert isinstance(stored, ClevrWorld)
    assert stored.renderer == "mitsuba"
    with pytest.raises(UsageError, match=r"^world\.renderer must be raycast where inputs\.render is true"):
        recipe(**(PIXELS | {"inputs__render": True}), world__renderer="mitsuba")
