import math
from dataclasses import replace

import numpy as np
import pytest

from visreason.clevr.attributes import RADIUS
from visreason.clevr.camera import BASE_CAMERA, FOCAL, axes
from visreason.clevr.scene import Scene, SceneObject
from visreason.clevr.visibility import CUBE_EDGE, instance_mask, visible_pixels


def alone(scene: Scene, **changes: object) -> Scene:
    """A scene of one object, changed."""
    thing = replace(scene.objects[0], **changes)  # type: ignore[arg-type]
    return replace(scene, objects=(thing,), camera=BASE_CAMERA)


def distance(points: np.ndarray, thing: SceneObject) -> np.ndarray:
    """Signed distance of world points [..., 3] to the exact shape: the plain formula."""
    local = (points - thing.position) / RADIUS[thing.size]
    if thing.shape == "sphere":
        return np.linalg.norm(local, axis=-1) - 1
    if thing.shape == "cylinder":
        beyond = np.stack((np.linalg.norm(local[..., :2], axis=-1) - 1, np.abs(local[..., 2]) - 1), axis=-1)
        return np.minimum(beyond.max(axis=-1), 0) + np.linalg.norm(np.maximum(beyond, 0), axis=-1)
    cos, sin = math.cos(thing.rotation), math.sin(thing.rotation)
    turned = local @ np.array(((cos, -sin, 0), (sin, cos, 0), (0, 0, 1)))
    beyond = np.abs(turned) - (1 - CUBE_EDGE)
    outside = np.linalg.norm(np.maximum(beyond, 0), axis=-1)
    return np.minimum(beyond.max(axis=-1), 0) + outside - CUBE_EDGE


def marched_mask(scene: Scene, width: int, height: int) -> np.ndarray:
    """Sphere tracing of the exact shapes, without boxes on the screen: the plain way."""
    right, up, forward = axes(scene.camera)
    x = (np.arange(width) + 0.5 - width / 2) / (FOCAL * width)
    y = (height / 2 - np.arange(height) - 0.5) / (FOCAL * width)
    rays = (forward + x[None, :, None] * right + y[:, None, None] * up).reshape(-1, 3)
    mask = np.full(width * height, -1)
    depth = np.full(width * height, 4.0)
    going = np.arange(width * height)
    for _ in range(600):
        points = np.asarray(scene.camera) + depth[going, None] * rays[going]
        gaps = np.stack([distance(points, thing) * RADIUS[thing.size] for thing in scene.objects])
        nearest = gaps.min(axis=0)
        hit = nearest < 1e-4
        mask[going[hit]] = gaps.argmin(axis=0)[hit]
        depth[going] += nearest / np.linalg.norm(rays[going], axis=-1)
        going = going[~hit & (depth[going] < 25)]
    return mask.reshape(height, width)


def test_masks_agree_with_plain_ray_marching(made_scenes: list[Scene]) -> None:
    for scene in made_scenes[:6]:
        fast, slow = instance_mask(scene, 120, 80), marched_mask(scene, 120, 80)
        cubes = [i for i, thing in enumerate(scene.objects) if thing.shape == "cube"]
        # Flat cuts stand in for the rounded edges of cubes; all else is exact but for a graze.
        differ = (fast != slow) & ~np.isin(fast, cubes) & ~np.isin(slow, cubes)
        assert differ.sum() <= 2
        assert (fast != slow).sum() <= 2 + 0.03 * np.isin(slow, cubes).sum()


def test_flat_cuts_leave_as_much_of_a_cube_as_its_rounding(made_scenes: list[Scene]) -> None:
    scene = alone(made_scenes[0], shape="cube", size="large", position=(0.0, 0.0, 0.7))
    turned = [alone(scene, rotation=angle) for angle in np.linspace(0, 1.5, 6)]
    fast = sum(int(visible_pixels(one, 240, 160)[0]) for one in turned)
    slow = sum(int((marched_mask(one, 240, 160) == 0).sum()) for one in turned)
    assert fast == pytest.approx(slow, rel=0.006)


def test_every_object_of_every_real_scene_shows_at_least_200_pixels(real_scenes: list[Scene]) -> None:
    for scene in real_scenes:
        assert visible_pixels(scene).min() >= 200


def test_what_covers_the_centre_is_no_farther_than_the_object(real_scenes: list[Scene]) -> None:
    """A pixel where an object's centre is projected shows it, or something in front of it."""
    for scene in real_scenes[:60]:
        mask = instance_mask(scene)
        for i, thing in enumerate(scene.objects):
            shown = int(mask[round(thing.pixel[1]), round(thing.pixel[0])])
            assert shown == i or scene.objects[shown].pixel[2] < thing.pixel[2] + RADIUS["large"]
            assert shown >= 0


@pytest.mark.parametrize("size", ["large", "small"])
def test_a_sphere_in_the_middle_covers_its_disc(made_scenes: list[Scene], size: str) -> None:
    radius = RADIUS[size]
    scene = alone(made_scenes[0], shape="sphere", size=size, position=(0.0, 0.0, 0.0))
    far = math.dist(BASE_CAMERA, (0, 0, 0))
    disc = math.pi * (FOCAL * 480 * radius) ** 2 / (far**2 - radius**2)
    assert visible_pixels(scene)[0] == pytest.approx(disc, rel=0.02)


def test_a_quarter_turn_leaves_a_cube_as_it_is(made_scenes: list[Scene]) -> None:
    one, other = (
        instance_mask(alone(made_scenes[0], shape="cube", rotation=angle))
        for angle in (0.3, 0.3 + math.pi / 2)
    )
    # Rounding of sines may move a pixel on the outline.
    assert (one != other).sum() <= 3


def test_an_object_out_of_view_shows_nothing(made_scenes: list[Scene]) -> None:
    assert visible_pixels(alone(made_scenes[0], position=(0.0, 30.0, 0.7))).tolist() == [0]


def test_counts_scale_with_the_image(made_scenes: list[Scene]) -> None:
    for scene in made_scenes[:10]:
        assert np.allclose(visible_pixels(scene), 4 * visible_pixels(scene, 240, 160), rtol=0.08, atol=30)
