"""The floor: a photographer's sweep, flat under the objects and curving up into a wall behind them.

It is a profile z = h(x') extruded along y', where x', y' are world coordinates turned by 154.583 degrees
about (-24.0628, -17.9967). The profile is convex, so Newton's method that starts beyond the first hit of a
ray comes down to it from one side. Source of the profile: the numbers of CLEVR v1.0's `base_scene.blend`. A
flat floor instead costs about 2 dB against the real images.

Shapes: P points or rays.
"""

import math
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from visreason.render.vectors import normalize

_ANGLE = math.radians(154.583)
_COS, _SIN = math.cos(_ANGLE), math.sin(_ANGLE)
_AT_X, _AT_Y = -24.0628, -17.9967

# fmt: off
_PROFILE_X = (
    -40.0, -23.5, -16.2, -13.0, -11.1, -9.4, -7.9, -6.97, -5.9, -4.93, -4.05, -3.1, -2.53, -2.0, -1.51, -1.07,
    -0.56, -0.03, 0.45, 0.86, 1.28, 1.65, 2.01, 2.33, 2.62, 2.92, 3.22, 3.53, 3.81, 4.07, 4.4,
)
_PROFILE_Z = (
    0.0, 0.0, 0.002, 0.009, 0.02, 0.04, 0.071, 0.1, 0.148, 0.212, 0.295, 0.424, 0.531, 0.657, 0.804, 0.974,
    1.224, 1.584, 2.02, 2.54, 3.26, 4.13, 5.32, 6.75, 8.46, 10.74, 13.46, 16.66, 19.97, 23.14, 27.166,
)
# fmt: on

X_RANGE = (-23.476, 4.07)
"""Where the floor begins behind the camera and where its wall ends, along x'."""
Y_RANGE = (-56.485, 0.0)
"""From side to side, along y'."""
REFLECTANCE = 0.8
"""The grey of the floor, as linear light."""
WALL_DIRECTION = (_COS, _SIN)
"""Towards the wall, in world x and y."""
_WALL_X = 4.35
_STEPS = 2048


def profile_height(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The height h(x') through the profile's points, as a monotone cubic (Fritsch and Carlson 1980).

    Example:
        >>> profile_height(np.array([-7.9, 4.07])).round(3).tolist()
        [0.071, 23.14]
    """
    knots, heights = np.array(_PROFILE_X), np.array(_PROFILE_Z)
    width, rise = np.diff(knots), np.diff(heights) / np.diff(knots)
    slope = np.zeros_like(heights)
    weight = 2 * width[1:] + width[:-1], width[1:] + 2 * width[:-1]
    positive = rise[:-1] > 0
    inverse = weight[0] / np.where(positive, rise[:-1], 1) + weight[1] / np.where(positive, rise[1:], 1)
    slope[1:-1] = np.where(positive, (weight[0] + weight[1]) / inverse, 0)
    slope[-1] = rise[-1]
    cell = np.clip(np.searchsorted(knots, x, side="right") - 1, 0, len(width) - 1)
    t, w = (x - knots[cell]) / width[cell], width[cell]
    low, high = heights[cell], heights[cell + 1]
    between: NDArray[np.float64] = (1 + 2 * t) * (1 - t) ** 2 * low + t * t * (3 - 2 * t) * high
    between += w * (t * (1 - t) ** 2 * slope[cell] - t * t * (1 - t) * slope[cell + 1])
    return between


@lru_cache(maxsize=4)
def _tables(device: torch.device) -> tuple[Tensor, Tensor]:
    """Heights at evenly spaced x', and the slopes there."""
    x = np.linspace(_PROFILE_X[0], _PROFILE_X[-1], _STEPS)
    height = profile_height(x)
    slope = np.gradient(height, x)
    return (
        torch.tensor(height, dtype=torch.float32, device=device),
        torch.tensor(slope, dtype=torch.float32, device=device),
    )


def to_floor(point_3P: Tensor) -> tuple[Tensor, Tensor]:
    """World to floor coordinates (x', y')."""
    x, y = point_3P[0] - _AT_X, point_3P[1] - _AT_Y
    return _COS * x + _SIN * y, _COS * y - _SIN * x


def from_floor(x_P: Tensor, y_P: Tensor) -> Tensor:
    """The points of the sweep at floor coordinates (x', y'), [3, P]."""
    height_P, _ = _look_up(x_P, 0)
    return torch.stack((_COS * x_P - _SIN * y_P + _AT_X, _SIN * x_P + _COS * y_P + _AT_Y, height_P))


def height(x_P: Tensor, y_P: Tensor) -> Tensor:
    """The floor's height at world coordinates (x, y)."""
    return _look_up(_COS * (x_P - _AT_X) + _SIN * (y_P - _AT_Y), 0)[0]


def normal(point_3P: Tensor) -> Tensor:
    """Unit normals of the sweep at points on it."""
    slope_P, _ = _look_up(to_floor(point_3P)[0], 1)
    return normalize(torch.stack((-_COS * slope_P, -_SIN * slope_P, torch.ones_like(slope_P))))


def hit(origin_3P: Tensor, direction_3P: Tensor, steps: int = 6) -> Tensor:
    """Distance along rays to the sweep, infinite where they miss it.

    With f(t) = o_z + t d_z - h(o_x' + t d_x'), a step is t <- t - f / f'; f is concave, and the start is the
    nearer of the plane z = 0 and a plane behind the wall, both beyond the hit.

    Args:
        origin_3P, direction_3P: the rays; origins may be one column for all.
        steps: Newton's steps; 6 leave less than a millimetre for camera rays.
    """
    start_x, start_y = to_floor(origin_3P)
    slope_x = _COS * direction_3P[0] + _SIN * direction_3P[1]
    slope_y = _COS * direction_3P[1] - _SIN * direction_3P[0]
    down = direction_3P[2]
    far = torch.full_like(slope_x, torch.inf)
    t = torch.where(down < -1e-6, -origin_3P[2] / down, far)
    t = torch.minimum(t, torch.where(slope_x > 1e-6, (_WALL_X - start_x) / slope_x, far))
    reached = t < 1e3
    t = torch.where(reached, t, 0.0)
    cell = (_PROFILE_X[-1] - _PROFILE_X[0]) / (_STEPS - 1)
    for _ in range(steps):
        height_P, rise_P = _look_up(torch.addcmul(start_x, t, slope_x), 0)
        gap = torch.addcmul(origin_3P[2] - height_P, t, down)
        fall = torch.addcmul(down, rise_P, slope_x, value=-1 / cell)
        t = t - torch.where(fall < -1e-6, gap / fall, 0.0)
    x, y = torch.addcmul(start_x, t, slope_x), torch.addcmul(start_y, t, slope_y)
    inside = reached & (t > 1e-4) & _within(x, X_RANGE) & _within(y, Y_RANGE)
    return torch.where(inside, t, far)


def _within(x: Tensor, limits: tuple[float, float]) -> Tensor:
    return (x > limits[0]) & (x < limits[1])


def _look_up(x_P: Tensor, table: int) -> tuple[Tensor, Tensor]:
    """Values of a table at x', interpolated linearly, and their rise from one entry to the next."""
    values = _tables(x_P.device)[table]
    scale = (_STEPS - 1) / (_PROFILE_X[-1] - _PROFILE_X[0])
    place = ((x_P - _PROFILE_X[0]) * scale).clamp(0, _STEPS - 1.001)
    index = place.int()
    low, high = values[index], values[index + 1]
    rise = high - low
    return torch.addcmul(low, place - index, rise), rise
