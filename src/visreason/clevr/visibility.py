"""Which object each pixel of the image shows, without light: enough to count what is visible of every object.

One ray through the middle of each pixel meets the analytic shapes; the nearest hit wins. All shapes are
convex, so a ray is inside one during a single interval of depth, the intersection of the intervals of its
parts. Only the pixels of an object's box on the screen are looked at.

Shapes: H, W pixels of the image; h, w pixels of a box; S pairs of parallel planes.
"""

import math
from itertools import product

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.attributes import RADIUS
from visreason.clevr.camera import FOCAL, HEIGHT, WIDTH, axes, project, scene_camera
from visreason.clevr.scene import Scene, SceneObject, Vector

CUBE_EDGE = 0.19
"""Radius of a cube's rounded edges, for a cube of half extent 1."""

_CUT = 0.915
"""Where planes cut edges and corners, from the rounding's centre (0) to its rim (1): over many views, flat
cuts here leave as many pixels to a cube as the rounding does (within 0.2 %)."""

_Array = NDArray[np.float32]
_CORNERS = np.array(list(product((-1.0, 1.0), repeat=3)))


def visible_pixels(scene: Scene, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.int64]:
    """How many pixels show each object, [N].

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
        >>> bool((visible_pixels(scene) >= 200).all())
        True
    """
    seen_HW = instance_mask(scene, width, height)
    return np.bincount(seen_HW.ravel() + 1, minlength=len(scene.objects) + 1)[1:]


def instance_mask(scene: Scene, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.int16]:
    """The index of the object each pixel shows, -1 where it shows the floor, [H, W]."""
    camera = scene_camera(scene)
    depth_HW = np.full((height, width), np.inf, dtype=np.float32)
    seen_HW = np.full((height, width), -1, dtype=np.int16)
    for i, thing in enumerate(scene.objects):
        rows, columns = _screen_box(thing, camera, width, height)
        if rows.start < rows.stop and columns.start < columns.stop:
            enter_hw, leave_hw = _interval(thing, _Rays(camera, rows, columns, width, height))
            nearest = (enter_hw <= leave_hw) & (enter_hw < depth_HW[rows, columns])
            np.copyto(depth_HW[rows, columns], enter_hw, where=nearest)
            np.copyto(seen_HW[rows, columns], np.int16(i), where=nearest)
    return seen_HW


def _screen_box(thing: SceneObject, camera: Vector, width: int, height: int) -> tuple[slice, slice]:
    """The rows and columns of pixels that may show an object: around the corners of a box that holds it."""
    turned = _CORNERS @ _turn(thing.rotation if thing.shape == "cube" else 0.0)
    pixel = project(np.asarray(thing.position) + RADIUS[thing.size] * turned, camera, width, height)
    left, top = np.floor(pixel[:, :2].min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(pixel[:, :2].max(axis=0)).astype(int).tolist()
    return slice(max(top, 0), min(bottom, height)), slice(max(left, 0), min(right, width))


def _turn(angle: float) -> NDArray[np.float64]:
    """The matrix that turns row vectors about the vertical axis, counterclockwise from above."""
    cos, sin = math.cos(angle), math.sin(angle)
    return np.array(((cos, sin, 0.0), (-sin, cos, 0.0), (0.0, 0.0, 1.0)))


class _Rays:
    """The rays through a box of pixels, camera + t (forward + across right + rise up), so that t is depth."""

    def __init__(self, camera: Vector, rows: slice, columns: slice, width: int, height: int) -> None:
        focal = FOCAL * width
        self.camera = np.asarray(camera)
        self.axes = axes(camera)
        self.across_w = ((np.arange(columns.start, columns.stop) + 0.5 - width / 2) / focal).astype(
            np.float32
        )
        self.rise_h1 = ((height / 2 - np.arange(rows.start, rows.stop) - 0.5) / focal).astype(np.float32)[
            :, None
        ]

    def along(self, normal: NDArray[np.float64]) -> _Array:
        """The component of every ray's direction along a vector, [h, w]."""
        right, up, forward = (self.axes @ normal).tolist()
        return self.across_w * np.float32(right) + (self.rise_h1 * np.float32(up) + np.float32(forward))


def _interval(thing: SceneObject, rays: _Rays) -> tuple[_Array, _Array]:
    """The depths where every ray enters and leaves an object, [h, w] each; it misses where enter > leave."""
    radius = RADIUS[thing.size]
    origin = rays.camera - thing.position
    if thing.shape == "sphere":
        return _round(rays, origin, radius, np.eye(3))
    if thing.shape == "cylinder":
        enter_hw, leave_hw = _round(rays, origin, radius, np.eye(3)[:2])
        return _slabs(rays, origin, np.eye(3)[2:], np.array((radius,)), enter_hw, leave_hw)
    everywhere = np.full_like(rays.across_w + rays.rise_h1, np.inf)
    normals_S3 = _CUBE_NORMALS @ _turn(thing.rotation)
    return _slabs(rays, origin, normals_S3, radius * _CUBE_HALF_WIDTHS, -everywhere, everywhere)


def _round(
    rays: _Rays, origin: NDArray[np.float64], radius: float, basis: NDArray[np.float64]
) -> tuple[_Array, _Array]:
    """The interval inside |basis (o + t d)| <= radius: a sphere for three axes, an upright tube for two."""
    start = basis @ origin
    parts = [rays.along(axis) for axis in basis]
    a_hw = sum((part * part for part in parts[1:]), start=parts[0] * parts[0])
    b_hw = rays.along(basis.T @ start)
    c = float(start @ start) - radius * radius
    root_hw = np.sqrt(np.maximum(b_hw * b_hw - np.float32(c) * a_hw, 0))
    missed = root_hw == 0
    enter_hw = (-b_hw - root_hw) / a_hw
    leave_hw = (root_hw - b_hw) / a_hw
    enter_hw[missed] = np.inf
    return enter_hw, leave_hw


def _slabs(
    rays: _Rays,
    origin: NDArray[np.float64],
    normals_S3: NDArray[np.float64],
    half_widths_S: NDArray[np.float64],
    enter_hw: _Array,
    leave_hw: _Array,
) -> tuple[_Array, _Array]:
    """The interval between all pairs of planes |n.(o + t d)| <= half width, within [enter, leave]."""
    for normal, half in zip(normals_S3, half_widths_S.tolist(), strict=True):
        # A ray parallel to the planes is between them for ever or never, as infinity says.
        with np.errstate(divide="ignore"):
            inverse_hw = 1 / rays.along(normal)
        start = float(normal @ origin)
        one_hw, other_hw = inverse_hw * np.float32(-half - start), inverse_hw * np.float32(half - start)
        enter_hw = np.maximum(enter_hw, np.minimum(one_hw, other_hw))
        leave_hw = np.minimum(leave_hw, np.maximum(one_hw, other_hw))
    return enter_hw, leave_hw


def _cube_planes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit normals and half widths of the planes that stand for a rounded cube: faces, edges and corners.

    A box of half extent 1 - e reaches (1 - e) |n|_1 along a unit vector n, and grown by e that much further.
    """
    directions = [n for n in product((-1, 0, 1), repeat=3) if any(n) and n > tuple(-part for part in n)]
    normals_S3 = np.array(directions) / np.linalg.norm(directions, axis=1, keepdims=True)
    reach_S = np.abs(normals_S3).sum(axis=1)
    return normals_S3, (1 - CUBE_EDGE) * reach_S + CUBE_EDGE * np.where(reach_S > 1, _CUT, 1)


_CUBE_NORMALS, _CUBE_HALF_WIDTHS = _cube_planes()
