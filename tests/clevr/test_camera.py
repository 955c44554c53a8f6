from dataclasses import replace

import numpy as np
import pytest

from visreason.clevr.camera import BASE_CAMERA, CAMERA_JITTER, axes, project, recover_camera, scene_camera
from visreason.clevr.relations import DIRECTIONS
from visreason.clevr.scene import Scene
from visreason.errors import DataError


def positions(scene: Scene) -> np.ndarray:
    return np.array([thing.position for thing in scene.objects])


def pixels(scene: Scene) -> np.ndarray:
    return np.array([thing.pixel for thing in scene.objects])


def test_cameras_of_all_real_scenes_are_recovered(real_scenes: list[Scene]) -> None:
    for scene in real_scenes:
        camera = recover_camera(scene)
        seen = project(positions(scene), camera)
        assert np.abs(seen[:, 2] - pixels(scene)[:, 2]).max() < 1e-6
        # The stored centres are rounded to whole pixels, so half a pixel is all that may differ.
        assert np.abs(seen[:, :2] - pixels(scene)[:, :2]).max() <= 0.5
        assert np.abs(np.subtract(camera, BASE_CAMERA)).max() <= CAMERA_JITTER


def test_the_stored_camera_is_the_recovered_one(made_scenes: list[Scene]) -> None:
    for scene in made_scenes:
        assert scene_camera(scene) == scene.camera
        forgotten = replace(scene, camera=None)
        assert np.allclose(scene_camera(forgotten), scene.camera, atol=1e-6)
        assert np.abs(project(positions(scene), recover_camera(forgotten)) - pixels(scene)).max() < 0.5001


def test_axes_are_orthonormal_and_agree_with_the_released_directions() -> None:
    right, up, forward = axes(BASE_CAMERA)
    assert np.allclose(np.cross(right, up), -forward)
    assert np.allclose(right, DIRECTIONS["right"], atol=1e-6)
    flat = forward * (1, 1, 0)
    assert np.allclose(flat / np.linalg.norm(flat), DIRECTIONS["behind"], atol=1e-6)
    assert up[2] > 0


def test_projection_scales_with_the_image() -> None:
    points = np.random.default_rng(0).uniform(-3, 3, (20, 3))
    big, small = project(points, BASE_CAMERA), project(points, BASE_CAMERA, 240, 160)
    assert np.allclose(big[:, :2], 2 * small[:, :2])
    assert np.allclose(big[:, 2], small[:, 2])


def test_the_origin_is_in_the_middle_at_the_cameras_distance() -> None:
    camera = (3.0, 4.0, 12.0)
    assert np.allclose(project([(0, 0, 0)], camera), [(240, 160, 13)])


def test_objects_in_one_line_leave_the_camera_near_its_place(made_scenes: list[Scene]) -> None:
    camera = (7.6, -6.3, 5.5)
    points = np.array([(t, 0.5 * t, 0.7) for t in (-2.0, 0.0, 2.0)])
    things = [
        replace(made_scenes[0].objects[0], position=tuple(p), pixel=tuple(q))
        for p, q in zip(points.tolist(), project(points, camera).tolist(), strict=True)
    ]
    found = recover_camera(replace(made_scenes[0], objects=tuple(things), camera=None))
    assert np.allclose(project(points, found)[:, 2], project(points, camera)[:, 2], atol=1e-6)
    assert np.abs(np.subtract(found, BASE_CAMERA)).max() < 1


def test_fewer_than_three_objects_say_too_little(made_scenes: list[Scene]) -> None:
    scene = replace(made_scenes[0], objects=made_scenes[0].objects[:2], camera=None)
    with pytest.raises(DataError, match="from 3 objects, not 2"):
        recover_camera(scene)
    assert scene_camera(scene) == BASE_CAMERA


def test_impossible_depths_are_an_error(made_scenes: list[Scene]) -> None:
    scene = made_scenes[0]
    things = [replace(t, pixel=(*t.pixel[:2], t.pixel[2] + 3 * i * i)) for i, t in enumerate(scene.objects)]
    things.append(replace(scene.objects[0], pixel=(0, 0, 40.0)))
    with pytest.raises(DataError, match="no camera explains the depths"):
        recover_camera(replace(scene, objects=tuple(things)))


def test_a_camera_overhead_has_no_right() -> None:
    with pytest.raises(DataError, match="straight up or down"):
        project([(0, 0, 0)], (0.0, 0.0, 9.0))
