"""CLEVR's bodies and its floor as triangles with smooth normals, of the ray-caster's forms and sizes.

Bodies are centred, with half extent 1 and z up. Every triangle has corners of its own, so that it may carry
texture coordinates whose u runs along the brush marks of metal without a seam anywhere.

Shapes: F triangles with 3 corners of 3 coordinates, R rows of a grid, K points of a profile.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray

from visreason.render import sweep
from visreason.render.shapes import BEVEL, EDGE

_Array = NDArray[np.float64]
_ARC = 8
"""Segments of a rounded edge: an eighth of a turn of a cube's, a quarter of a cylinder's."""
_AROUND = 96
_FLOOR_ROWS = 400


@dataclass(frozen=True, slots=True)
class Triangles:
    """A surface.

    Attributes:
        corner_F33: the triangles' corners, anticlockwise seen from outside.
        normal_F33: unit normals of the smooth surface there.
    """

    corner_F33: _Array
    normal_F33: _Array

    def placed(self, center_3: _Array, radius: float, turn: float) -> "Triangles":
        """The body turned about z by an angle in radians, scaled, and moved."""
        cos, sin = math.cos(turn), math.sin(turn)
        spin_33 = np.array(((cos, -sin, 0.0), (sin, cos, 0.0), (0.0, 0.0, 1.0)))
        return Triangles(radius * self.corner_F33 @ spin_33.T + center_3, self.normal_F33 @ spin_33.T)

    def along_brush_marks(self, center_3: _Array) -> _Array:
        """Texture coordinates whose u runs around the vertical axis through `center_3`, [F, 3, 2].

        In each triangle's plane, (u, v) are lengths along the horizontal direction around the axis and along
        the one across, so that the derivative of the surface by u is that unit vector.
        """
        from_axis_F3 = self.corner_F33.mean(axis=1) - center_3
        around_F3 = np.stack((-from_axis_F3[:, 1], from_axis_F3[:, 0], np.zeros(len(from_axis_F3))), axis=1)
        normal_F3 = unit(face_normals(self))
        along_F3 = unit(around_F3 - (around_F3 * normal_F3).sum(axis=1, keepdims=True) * normal_F3)
        across_F3 = np.cross(normal_F3, along_F3)
        offset_F33 = self.corner_F33 - center_3
        return np.stack(
            [np.einsum("fck,fk->fc", offset_F33, axis_F3) for axis_F3 in (along_F3, across_F3)], axis=-1
        )


@cache
def rounded_cube() -> Triangles:
    """A cube with rounded edges: a smaller cube, with a ball of radius `EDGE` around each of its points.

    Each face is a grid that is flat in the middle and bends by 45 degrees at its borders, where it meets the
    neighbouring ones.

    Example:
        >>> cube = rounded_cube()
        >>> float(cube.corner_F33.max()), round(float(np.linalg.norm(cube.corner_F33, axis=2).max()), 3)
        (1.0, 1.593)
    """
    core, lean = 1 - EDGE, np.tan(np.linspace(0, math.pi / 4, _ARC + 1))
    core_R = np.repeat((-core, core), _ARC + 1)
    lean_R = np.concatenate((-lean[::-1], lean))
    first, second = np.meshgrid(np.arange(len(core_R)), np.arange(len(core_R)), indexing="ij")
    normal_RR3 = unit(np.stack((lean_R[first], lean_R[second], np.ones(first.shape)), axis=-1))
    corner_RR3 = (
        np.stack((core_R[first], core_R[second], np.full(first.shape, core)), axis=-1) + EDGE * normal_RR3
    )
    top = _grid(corner_RR3, normal_RR3)
    half_turn = np.array((-1.0, 1.0, -1.0))
    faces = [
        Triangles(np.roll(top.corner_F33 * side, axis, -1), np.roll(top.normal_F33 * side, axis, -1))
        for axis in range(3)
        for side in (np.ones(3), half_turn)
    ]
    return _joined(faces)


@cache
def cylinder() -> Triangles:
    """A cylinder whose rims are rounded with radius `BEVEL`.

    Example:
        >>> np.abs(cylinder().corner_F33).max(axis=(0, 1)).round(6).tolist()
        [1.0, 1.0, 1.0]
    """
    angle_K = np.linspace(0, math.pi / 2, _ARC + 1)
    upper_K2 = np.stack((np.cos(angle_K), np.sin(angle_K)), axis=1)
    normal_K2 = np.concatenate((((0.0, -1.0),), upper_K2[::-1] * (1, -1), upper_K2, ((0.0, 1.0),)))
    half = np.full(len(upper_K2) + 1, 1 - BEVEL)
    core_K2 = np.stack((np.concatenate((half, half)), np.concatenate((-half, half))), axis=1)
    profile_K2 = core_K2 + BEVEL * normal_K2
    profile_K2[[0, -1]] = (0.0, -1.0), (0.0, 1.0)
    return _lathed(profile_K2, normal_K2)


@cache
def sphere() -> Triangles:
    """The unit sphere.

    Example:
        >>> bool(np.allclose(sphere().corner_F33, sphere().normal_F33))
        True
    """
    angle_K = np.linspace(-math.pi / 2, math.pi / 2, _AROUND // 2 + 1)
    profile_K2 = np.stack((np.cos(angle_K), np.sin(angle_K)), axis=1)
    profile_K2[[0, -1], 0] = 0
    return _lathed(profile_K2, profile_K2)


@cache
def floor() -> Triangles:
    """The sweep of `visreason.render.sweep`, in world space.

    Example:
        >>> round(float(floor().corner_F33[..., 2].max()), 1)
        23.1
    """
    x_R = torch.linspace(*sweep.X_RANGE, _FLOOR_ROWS)
    sides = [sweep.from_floor(x_R, torch.full_like(x_R, y)) for y in sweep.Y_RANGE]
    corner_RR3 = np.stack([side.T.double().numpy() for side in sides], axis=1)
    normal_RR3 = np.stack([sweep.normal(side).T.double().numpy() for side in sides], axis=1)
    return _grid(corner_RR3, normal_RR3)


def face_normals(surface: Triangles) -> _Array:
    """Vectors normal to the triangles, outwards, as long as twice their areas, [F, 3]."""
    first_F3, second_F3, third_F3 = np.moveaxis(surface.corner_F33, 1, 0)
    normal_F3: _Array = np.cross(second_F3 - first_F3, third_F3 - first_F3)
    return normal_F3


def unit(vectors: _Array) -> _Array:
    """Vectors scaled to length 1 along the last dimension; the zero vector stays zero."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: _Array = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)
    return scaled


def _lathed(profile_K2: _Array, normal_K2: _Array) -> Triangles:
    """The surface that a profile of (radius, z), from bottom to top, makes when it is turned about z."""
    angle = np.linspace(0, 2 * math.pi, _AROUND + 1)
    angle[-1] = 0  # so that the last row is the first, bit by bit

    def turned(points_K2: _Array) -> _Array:
        radius, z = points_K2.T[..., None]
        return np.stack(
            (radius * np.cos(angle), radius * np.sin(angle), np.broadcast_to(z, (len(z), len(angle)))), -1
        )

    return _grid(turned(profile_K2), turned(normal_K2))


def _grid(corner_RR3: _Array, normal_RR3: _Array) -> Triangles:
    """Two triangles for each cell of a grid; those without an area are left out, the others face outwards."""
    rows, columns = corner_RR3.shape[:2]
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = (part.ravel() for part in (index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]))
    face_F3 = np.concatenate((np.stack((a, b, c), axis=1), np.stack((a, c, d), axis=1)))
    surface = Triangles(corner_RR3.reshape(-1, 3)[face_F3], normal_RR3.reshape(-1, 3)[face_F3])
    area_F3 = face_normals(surface)
    inward_F = (area_F3 * surface.normal_F33.mean(axis=1)).sum(axis=1) < 0
    kept_F = np.linalg.norm(area_F3, axis=1) > 1e-12
    order_F3 = np.where(inward_F[:, None], (0, 2, 1), (0, 1, 2))[..., None]
    corner_F33, normal_F33 = (
        np.take_along_axis(values, order_F3, axis=1)[kept_F]
        for values in (surface.corner_F33, surface.normal_F33)
    )
    return Triangles(corner_F33, normal_F33)


def _joined(parts: list[Triangles]) -> Triangles:
    return Triangles(
        np.concatenate([part.corner_F33 for part in parts]),
        np.concatenate([part.normal_F33 for part in parts]),
    )
