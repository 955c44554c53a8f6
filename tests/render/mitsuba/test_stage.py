from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest

from visreason.clevr.packed import pack_scene
from visreason.clevr.scene import Scene
from visreason.render import Renderer
from visreason.render.mitsuba.stage import make_stage


def test_every_ray_meets_what_the_ray_caster_says(mitsuba: ModuleType, still_life: Scene) -> None:
    """Distances through the pixels' centres: camera, floor, bodies and their places all agree."""
    width, height = 60, 40
    stage = make_stage(mitsuba, pack_scene(still_life), width, height, 1)
    depth_HW = Renderer(width, height).render([still_life]).depth[0].numpy()
    camera, differ = stage.sensors()[0], 0
    forward = -np.array(still_life.camera) / np.linalg.norm(still_life.camera)
    for row in range(height):
        for column in range(width):
            place = [(column + 0.5) / width, (row + 0.5) / height]
            ray, _ = camera.sample_ray(0.0, 0.5, place, [0.5, 0.5])
            hit = stage.ray_intersect(ray)
            along = float(np.dot(np.array(hit.p) - np.array(still_life.camera), forward))
            differ += abs(along - depth_HW[row, column]) > 0.02
    assert differ < 0.01 * width * height, "all but pixels on outlines"


def test_a_scene_has_a_shape_for_every_thing(mitsuba: ModuleType, scene_of: Callable[..., Scene]) -> None:
    lamps = {"key": (1.0, 2.0, 9.0), "fill": (-4.0, -4.0, 3.0), "back": (-1.0, 3.0, 6.0)}
    scene = scene_of(("large red metal cube", 0.0, 0.0), lamps=lamps)
    stage = make_stage(mitsuba, pack_scene(scene), 24, 16, 4)
    assert len(stage.shapes()) == len(scene.objects) + len(["floor", "key", "fill", "back", "sun"])
    assert len(stage.emitters()) == 4
    centers = [list(emitter.get_shape().bbox().center()) for emitter in stage.emitters()]
    assert any(center == pytest.approx([1.0, 2.0, 9.0], abs=1e-4) for center in centers)
