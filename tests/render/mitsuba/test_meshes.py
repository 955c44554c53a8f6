import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from visreason.render import sweep
from visreason.render.mitsuba.meshes import (
    Triangles,
    cylinder,
    face_normals,
    floor,
    rounded_cube,
    sphere,
    unit,
)
from visreason.render.shapes import BEVEL, EDGE

BODIES = [rounded_cube, cylinder, sphere]
VOLUMES = {
    "rounded_cube": 8 * (1 - EDGE) ** 3
    + 24 * (1 - EDGE) ** 2 * EDGE
    + 6 * math.pi * (1 - EDGE) * EDGE**2
    + 4 / 3 * math.pi * EDGE**3,
    "cylinder": 2 * math.pi - 4 * math.pi * (1 - math.pi / 4) * BEVEL**2,
    "sphere": 4 / 3 * math.pi,
}


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
def test_bodies_are_closed_and_face_outwards(body: Callable[[], Triangles]) -> None:
    surface = body()
    area_F3 = face_normals(surface)
    assert np.abs(area_F3.sum(axis=0)).max() < 1e-9, "a closed surface faces all ways alike"
    volume = (surface.corner_F33.mean(axis=1) * area_F3).sum() / 6
    assert volume == pytest.approx(VOLUMES[body.__name__], rel=0.006)


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body.__name__)
def test_normals_are_those_of_the_surface(body: Callable[[], Triangles]) -> None:
    surface = body()
    assert np.allclose(np.linalg.norm(surface.normal_F33, axis=2), 1)
    flat_F13 = unit(face_normals(surface))[:, None]
    assert (surface.normal_F33 * flat_F13).sum(axis=2).min() > 0.99, "within the bend of one facet"


def test_a_body_is_placed() -> None:
    center_3 = np.array((1.0, -2.0, 0.7))
    placed = rounded_cube().placed(center_3, 0.7, math.pi / 2)
    assert np.allclose(placed.corner_F33.max(axis=(0, 1)), center_3 + 0.7)
    assert np.allclose(placed.normal_F33[..., 0], -rounded_cube().normal_F33[..., 1])


def test_brush_marks_run_around_the_vertical_axis() -> None:
    center_3 = np.array((0.5, 0.3, 0.7))
    body = cylinder().placed(center_3, 0.7, 0.0)
    texture_F32 = body.along_brush_marks(center_3)
    edges_F23 = body.corner_F33[:, 1:] - body.corner_F33[:, :1]
    steps_F22 = texture_F32[:, 1:] - texture_F32[:, :1]
    slope_F23 = np.linalg.solve(steps_F22, edges_F23)
    middle_F3 = body.corner_F33.mean(axis=1) - center_3
    assert np.allclose(np.linalg.norm(slope_F23, axis=2), 1, atol=1e-6)
    assert np.abs(slope_F23[:, 0, 2]).max() < 0.01, "level, as far as flat triangles are"
    assert np.abs((slope_F23[:, 0, :2] * middle_F3[:, :2]).sum(axis=1)).max() < 0.01, "across the radius"


def test_the_floor_is_the_ray_casters() -> None:
    corner_P3 = torch.from_numpy(floor().corner_F33.reshape(-1, 3)).float()
    height_P = sweep.height(corner_P3[:, 0], corner_P3[:, 1])
    assert (corner_P3[:, 2] - height_P).abs().max() < 0.02
    assert floor().normal_F33[..., 2].min() > 0
    assert (face_normals(floor())[:, 2] > 0).all()
