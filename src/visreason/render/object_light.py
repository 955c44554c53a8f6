"""How brightly the sides of an object are lit, as a smooth function over it.

Irradiance is sampled at some points of the surface and kept as a least-squares fit of normal n and height z
(in half extents): second-order spherical harmonics in n, which hold what distant light does to a matte
surface (Ramamoorthi and Hanrahan, "An efficient representation for irradiance environment maps", SIGGRAPH
2001), and first-order ones times z for the nearby floor. Shapes: M objects, S samples of an object, C terms,
P points.
"""

import math
from functools import lru_cache

import torch
from torch import Tensor

from visreason.render.lighting import Points
from visreason.render.shapes import BEVEL, EDGE
from visreason.render.vectors import spin, take
from visreason.render.world import World

TERMS = 13
_SAMPLES = 45
_RIDGE = 1e-3
_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


def terms(n: Tensor, z: Tensor) -> Tensor:
    """The functions of normal [3, ...] and height [...] that irradiance is made of, [C, ...]."""
    second = (n[0] * n[1], n[1] * n[2], n[0] * n[2], n[2] * n[2], n[0] * n[0] - n[1] * n[1])
    return torch.stack((torch.ones_like(z), *n, *second, z, z * n[0], z * n[1], z * n[2]))


def fit(values_3P: Tensor, terms_CMS: Tensor) -> Tensor:
    """Coefficients of `terms` for samples of all objects, [3, C, M]: least squares with a small ridge."""
    ridge_CC = _RIDGE * _SAMPLES * torch.eye(TERMS, device=values_3P.device)
    # Sums over the last dimension, not matrix products, whose rounding depends on the size of the batch.
    normal_CCM = (terms_CMS[:, None] * terms_CMS).sum(3) + ridge_CC[..., None]
    right_C3M = (terms_CMS[:, None] * values_3P.reshape(3, -1, _SAMPLES)).sum(3)
    fit_MC3: Tensor = torch.linalg.solve(normal_CCM.permute(2, 0, 1), right_C3M.permute(2, 0, 1))
    return fit_MC3.permute(2, 1, 0).contiguous()


def evaluate(fit_3CM: Tensor, point_3P: Tensor, normal_3P: Tensor, object_P: Tensor, world: World) -> Tensor:
    """Irradiance at points of objects, [3, P], never negative."""
    objects = world.objects
    z_P = (point_3P[2] - take(objects.center_3M[2], object_P)) / take(objects.radius_M, object_P)
    terms_CP = terms(normal_3P, z_P)
    result_3P = torch.zeros_like(point_3P)
    for fit_3M, term_P in zip(fit_3CM.unbind(1), terms_CP, strict=True):
        result_3P.addcmul_(take(fit_3M, object_P), term_P)
    return result_3P.clamp_min_(0)


def samples(world: World) -> tuple[Points, Tensor]:
    """Sample points of all objects, object by object, and `terms` at them, [C, M, S]."""
    objects = world.objects
    point, normal = _surface(world.device)
    cos_M1, sin_M1 = objects.cos_M[:, None], objects.sin_M[:, None]
    normal_3MS = spin(normal[:, objects.kind_M], cos_M1, sin_M1)
    offset_3MS = spin(point[:, objects.kind_M], cos_M1, sin_M1)
    at_3MS = offset_3MS * objects.radius_M[:, None] + objects.center_3M[:, :, None]
    own_P = torch.arange(len(objects), device=world.device).repeat_interleave(_SAMPLES)
    points = Points(at_3MS.flatten(1), normal_3MS.flatten(1), take(objects.scene_M, own_P), own_P, own_P)
    return points, terms(normal_3MS, offset_3MS[2])


@lru_cache(maxsize=4)
def _surface(device: torch.device) -> tuple[Tensor, Tensor]:
    """Well spread points of the unit shapes by kind (no bottoms), and their normals, [3, kind, S] each."""
    index = torch.arange(_SAMPLES) + 0.5
    z, turn = 1 - 2 * index / _SAMPLES, index * _GOLDEN_ANGLE
    ball = torch.stack((turn.cos() * (1 - z * z).sqrt(), turn.sin() * (1 - z * z).sqrt(), z))
    side = torch.tensor((-0.65, 0.0, 0.65))
    turn = torch.arange(12) * (math.pi / 6)
    ring = torch.stack((turn.cos(), turn.sin(), torch.zeros(12)))
    quarter = torch.arange(12) // 3 * (math.pi / 2)
    face = torch.stack((quarter.cos(), quarter.sin(), torch.zeros(12)))
    square = face + torch.stack((-face[1], face[0], face[2])) * side.repeat(4)
    cube, cube_normal = _wall_and_top(square, face, EDGE)
    cylinder, cylinder_normal = _wall_and_top(ring, ring, BEVEL)
    point = torch.stack((ball, cube, cylinder), dim=1)
    return point.to(device), torch.stack((ball, cube_normal, cylinder_normal), dim=1).to(device)


def _wall_and_top(wall_3A: Tensor, normal_3A: Tensor, edge: float) -> tuple[Tensor, Tensor]:
    """Points at the rounded lower edge, at two heights of the wall and on top, and their normals."""
    side = torch.tensor((-0.65, 0.0, 0.65))
    top_3A = torch.stack((side.repeat(3), side.repeat_interleave(3), torch.ones(9)))
    down = torch.tensor((0.0, 0.0, -1.0))[:, None]
    slant = math.sqrt(0.5)
    low_3A = wall_3A + (slant - 1) * edge * normal_3A + down * (1 - edge + slant * edge)
    points = (low_3A, wall_3A + 0.5 * down, wall_3A - 0.3 * down, top_3A)
    return torch.cat(points, 1), torch.cat(
        (slant * (normal_3A + down), normal_3A, normal_3A, -down.expand_as(top_3A)), 1
    )
