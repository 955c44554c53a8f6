from dataclasses import replace

import numpy as np
import pytest
import torch

from visreason.clevr.boxes import around, mask_boxes, overlap
from visreason.clevr.camera import BASE_CAMERA
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.render import Renderer
from visreason.render.boxes import object_boxes, outlines
from visreason.render.camera import make_lens

SCENES = [sample_scene(scene_rng(2, "val", i), i, "val") for i in range(6)]


def alone(scene: Scene) -> list[Scene]:
    """Each of a scene's objects in a scene of its own."""
    none: dict[str, tuple[tuple[int, ...], ...]] = dict.fromkeys(scene.relationships, ((),))
    return [replace(scene, objects=(thing,), relationships=none) for thing in scene.objects]


@pytest.mark.parametrize("size", [(240, 160), (96, 96), (31, 47)])
def test_masks_are_those_of_the_rendered_pictures(size: tuple[int, int]) -> None:
    renderer = Renderer(*size)
    assert torch.equal(renderer.masks(SCENES), renderer.render(SCENES).mask)
    assert renderer.masks([]).shape == (0, size[1], size[0])


@pytest.mark.parametrize("size", [(240, 160), (96, 96)])
def test_the_whole_box_is_that_of_the_object_alone(size: tuple[int, int]) -> None:
    renderer = Renderer(*size)
    nothing = np.full((size[1], size[0]), -1, np.int16)
    for scene in SCENES:
        drawn = [mask_boxes(mask.numpy(), 1)[0] for mask in renderer.masks(alone(scene))]
        for seen, (visible, (x, y, w, h)) in zip(drawn, object_boxes(scene, nothing), strict=True):
            assert visible is None
            assert seen is not None
            right, bottom = min(x + w, size[0]), min(y + h, size[1])
            shown = (max(x, 0), max(y, 0), right - max(x, 0), bottom - max(y, 0))
            assert max(abs(a - b) for a, b in zip(seen, shown, strict=True)) <= 2
            assert overlap(seen, shown) > 0.85


def test_the_whole_box_holds_the_visible_one() -> None:
    renderer = Renderer(120, 80)
    for scene, mask in zip(SCENES, renderer.masks(SCENES).numpy(), strict=True):
        for (visible, whole), own in zip(
            object_boxes(scene, mask), mask_boxes(mask, len(scene)), strict=True
        ):
            assert visible == own
            assert visible is None or around(visible, whole) == whole


def test_the_outline_of_a_sphere_is_exact() -> None:
    """A ball of radius R seen from distance d in the middle of the image reaches F tan(asin(R / d)) aside."""
    ball = replace(SCENES[0].objects[0], shape="sphere", size="large", position=(0.0, 0.0, 0.0))
    scene = replace(alone(SCENES[0])[0], objects=(ball,), camera=BASE_CAMERA)
    reach = 525 * np.tan(np.arcsin(0.7 / np.linalg.norm(BASE_CAMERA)))
    expected = (240 - reach, 240 + reach, 160 - reach, 160 + reach)
    assert outlines(scene, make_lens(480, 320, "stretch"))[0] == pytest.approx(expected, abs=1e-3)
    assert outlines(replace(scene, objects=()), make_lens(480, 320, "stretch")).shape == (0, 4)
