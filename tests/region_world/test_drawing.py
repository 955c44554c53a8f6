from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from visreason.region_world.classes import CLASSES, NUMBERS
from visreason.region_world.drawing import PAINTS, draw_region_scene
from visreason.region_world.scene import Region, RegionScene

LONE = Region("ash leaf", "sharp", 1, 1, 1.5, 1.5, 1.0, 0.3, (0.0, 0.0, 0.0))

Scenes = Callable[..., list[RegionScene]]


def alone(region: Region) -> RegionScene:
    return RegionScene((region,), 0, "val", 7)


def test_every_look_is_painted_differently() -> None:
    assert set(PAINTS) == {one.look for one in CLASSES}
    paints = list(PAINTS.values())
    assert len(paints) == len(set(paints))


@pytest.mark.parametrize("side", [64, 128, 200])
def test_boxes_are_what_is_drawn(scenes: Scenes, side: int) -> None:
    for scene in scenes(12):
        drawn = draw_region_scene(scene, side)
        bare = draw_region_scene(replace(scene, regions=()), side).image
        assert drawn.image.shape == (side, side, 3)
        covered = np.any(drawn.masks, axis=0)
        assert np.sum(drawn.masks, axis=0).max() == 1  # a pixel shows one thing
        changed = np.any(drawn.image != bare, axis=-1)
        assert changed[covered].mean() > 0.99
        for place, mask in enumerate(drawn.masks):
            x, y, width, height = drawn.box(place)
            inside = np.zeros_like(mask)
            inside[y : y + height, x : x + width] = True
            assert mask[inside].sum() == mask.sum() > 0
            for line in (mask[y], mask[y + height - 1], mask[:, x], mask[:, x + width - 1]):
                assert line.any()  # no smaller box would do


def test_an_image_without_things_is_bare_ground_everywhere_else(scenes: Scenes) -> None:
    for scene in scenes(6):
        drawn = draw_region_scene(scene, 128)
        bare = draw_region_scene(replace(scene, regions=()), 128).image
        near = np.zeros((128, 128), bool)
        for place in range(len(scene.regions)):
            x, y, width, height = drawn.box(place)
            near[max(0, y - 8) : y + height + 8, max(0, x - 8) : x + width + 8] = True
        np.testing.assert_array_equal(drawn.image[~near], bare[~near])


@pytest.mark.parametrize("view", ["blurred", "tiny", "occluded"])
def test_unclear_classes_of_one_look_are_drawn_alike(view: str) -> None:
    """So no network can tell them apart, and the ceilings hold for pixels."""
    for names in (
        ("ash leaf", "oak leaf"),
        ("left ash bough", "right lime bough"),
        ("mill cap", "post foot"),
    ):
        one, other = (
            draw_region_scene(alone(replace(LONE, name=name, view=view)), 96).image for name in names
        )
        np.testing.assert_array_equal(one, other)


def test_a_mark_is_seen_in_a_sharp_view_only() -> None:
    ash, oak = (
        draw_region_scene(alone(replace(LONE, name=f"{tree} leaf")), 96).image for tree in ("ash", "oak")
    )
    assert (ash != oak).any()
    left, right = (
        draw_region_scene(alone(replace(LONE, name=f"{side} ash bough")), 96).image
        for side in ("left", "right")
    )
    np.testing.assert_array_equal(left, right)
    assert CLASSES[NUMBERS["ash leaf"]].mark is not None


def test_what_is_tiny_is_small_and_what_is_blurred_has_no_edge() -> None:
    drawn = {
        view: draw_region_scene(alone(replace(LONE, name="oak seed", view=view)), 128)
        for view in ("blurred", "tiny")
    }
    sharp = draw_region_scene(alone(replace(LONE, name="post", turn=0.0)), 128)
    assert drawn["tiny"].masks[0].sum() < 0.5 * drawn["blurred"].masks[0].sum()
    steps = {name: abs(np.diff(one.image.astype(int), axis=1)).max() for name, one in drawn.items()}
    assert steps["blurred"] < 0.6 * steps["tiny"] < abs(np.diff(sharp.image.astype(int), axis=1)).max()


def test_a_rail_takes_pixels_from_what_it_hides() -> None:
    hidden = replace(LONE, name="oak seed", view="occluded")
    both = draw_region_scene(RegionScene((hidden, replace(LONE, name="rail", turn=0.0)), 0, "val", 7), 128)
    free = draw_region_scene(alone(hidden), 128)
    lost = free.masks[0] & ~both.masks[0]
    assert lost.sum() > 20
    assert both.masks[1][lost].all()
    assert not (both.masks[0] & both.masks[1]).any()


@pytest.mark.parametrize("view", ["blurred", "tiny", "occluded"])
@pytest.mark.parametrize("name", ["oak leaf", "oak seed", "left oak bough", "mill cap"])
def test_enough_is_seen_of_everything_on_the_smallest_images(name: str, view: str) -> None:
    rng = np.random.default_rng(0)
    for turn in rng.uniform(0, 7, 60).tolist():
        x, y = rng.uniform(1.44, 1.56, 2).tolist()
        region = replace(LONE, name=name, view=view, turn=turn, x=x, y=y, swell=0.92)
        rail = Region("rail", "sharp", 1, 1, x, y, 1.0, 0.0, LONE.tint)
        hidden = (region, rail) if view == "occluded" else (region,)
        assert draw_region_scene(RegionScene(hidden, 0, "val", 7), 64).masks[0].sum() >= 5
