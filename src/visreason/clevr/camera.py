"""CLEVR's camera: where a point of the world is seen, and where the camera of a released scene stood.

The camera looks at the origin from `BASE_CAMERA` plus a jitter of up to 0.5 on each axis, z up, through a 35
mm lens on a 32 mm wide sensor. With c its location, f = -c/|c| its view axis, r = f x z/|f x z| and u = r x
f:

    depth = (p - c).f        px = W/2 + F (p - c).r / depth        py = H/2 - F (p - c).u / depth        F =
    35/32 W

Shapes: N points or objects. Source: the numbers of CLEVR v1.0's `base_scene.blend`.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from visreason.clevr.scene import Scene, SceneObject, Vector
from visreason.errors import DataError

BASE_CAMERA: Vector = (7.481132, -6.50764, 5.343665)
"""Where the camera stands before jitter."""

CAMERA_JITTER = 0.5
"""The released scenes move the camera by up to this much on each axis."""

FOCAL = 35 / 32
"""Focal length as a multiple of the image's width."""

WIDTH, HEIGHT = 480, 320
"""The size of the released images, in pixels; `pixel_coords` refer to it."""


def axes(camera: Vector) -> NDArray[np.float64]:
    """The camera's axes in world space, one a row: right, up and forward.

    Raises:
        DataError: the camera stands above or below the origin, where `right` is undefined.

    Example:
        >>> bool(np.allclose(axes(BASE_CAMERA) @ axes(BASE_CAMERA).T, np.eye(3)))
        True
    """
    x, y, z = camera
    flat = math.hypot(x, y)
    if flat < 1e-9:
        raise DataError(f"a camera at {camera} looks straight up or down; CLEVR's stands near {BASE_CAMERA}.")
    far = math.hypot(x, y, z)
    right = (-y / flat, x / flat, 0.0)
    forward = (-x / far, -y / far, -z / far)
    up = (-x * z / (flat * far), -y * z / (flat * far), flat / far)
    return np.array((right, up, forward))


def project(
    points_N3: ArrayLike, camera: Vector, width: int = WIDTH, height: int = HEIGHT
) -> NDArray[np.float64]:
    """Where points are seen on the image.

    Args:
        points_N3: world positions, [N, 3].
        camera: the camera's location.
        width, height: the image's size in pixels.

    Returns:
        [N, 3]: px and py in pixels from the top left, not rounded, and the depth along the view axis.

    Example:
        >>> [round(float(value), 3) for value in project([(0.0, 0.0, 0.0)], BASE_CAMERA)[0]]
        [240.0, 160.0, 11.264]
    """
    x_N, y_N, depth_N = axes(camera) @ (np.asarray(points_N3, dtype=np.float64) - camera).T
    focal = FOCAL * width
    return np.stack((width / 2 + focal * x_N / depth_N, height / 2 - focal * y_N / depth_N, depth_N), axis=1)


def place_in_image(thing: SceneObject) -> tuple[float, float]:
    """Where an object's centre is seen, x and y as fractions of the image.

    Example:
        >>> place_in_image(SceneObject("red", "large", "cube", "metal", (0, 0, 0.7), 0.0, (120.0, 80.0, 9.5)))
        (0.25, 0.25)
    """
    across, down, _ = thing.pixel
    return across / WIDTH, down / HEIGHT


def recover_camera(scene: Scene) -> Vector:
    """Where the camera of a scene stood, from the depths stored with its objects.

    The depth of an object at p is |c| - p.c/|c|, three unknowns c and an equation an object; Gauss-Newton
    from `BASE_CAMERA` solves them, moving no further than the objects demand (least norm) where they stand in
    one line.

    Raises:
        DataError: the scene has fewer than three objects, or depths that no camera explains.
    """
    if len(scene.objects) < 3:
        raise DataError(
            f"{scene.image_filename}: a camera can be recovered from 3 objects, not {len(scene.objects)}."
        )
    points_N3 = np.array([thing.position for thing in scene.objects])
    depth_N = np.array([thing.pixel[2] for thing in scene.objects])
    camera = np.array(BASE_CAMERA)
    for _ in range(20):
        residual_N, slope_N3 = _depth_error(points_N3, depth_N, camera)
        step = np.linalg.lstsq(slope_N3, -residual_N, rcond=1e-6)[0]
        camera = camera + step
        if np.abs(step).max() < 1e-12:
            break
    worst = float(np.abs(_depth_error(points_N3, depth_N, camera)[0]).max())
    if not worst < 1e-3:
        raise DataError(
            f"{scene.image_filename}: no camera explains the depths in 'pixel_coords' (off by {worst:.3g}); "
            "give the scene's 'camera'."
        )
    x, y, z = camera.tolist()
    return (x, y, z)


def scene_camera(scene: Scene) -> Vector:
    """Where a scene's camera stood: as stored, else recovered, else `BASE_CAMERA` for fewer than three
    objects.

    Raises:
        DataError: as `recover_camera`.
    """
    if scene.camera is not None:
        return scene.camera
    return recover_camera(scene) if len(scene.objects) >= 3 else BASE_CAMERA


def _depth_error(
    points_N3: NDArray[np.float64], depth_N: NDArray[np.float64], camera: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Depths seen from `camera` less the given ones, [N], and their slope by its location, [N, 3]."""
    far = np.linalg.norm(camera)
    unit = camera / far
    along_N = points_N3 @ unit
    slope_N3 = unit - (points_N3 - along_N[:, None] * unit) / far
    return far - along_N - depth_N, slope_N3
