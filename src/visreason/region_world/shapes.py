"""Flat shapes as signed distances: how far each point is from an outline, negative within.

Shape suffixes: H x W points. Coordinates are in units of the shape's radius, x to the right and y downwards.
"""

from collections.abc import Callable
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float64]
"""One number a point, `[H, W]`."""

Shape = Callable[[Field, Field], Field]
"""From x and y, `[H, W]` each, to the signed distance from the outline, in radii."""


def disc(x_HW: Field, y_HW: Field) -> Field:
    """A disc of radius 1.

    Example:
        >>> disc(np.array([[0.0, 3.0]]), np.array([[0.0, 4.0]])).tolist()
        [[-1.0, 4.0]]
    """
    distance_HW: Field = np.hypot(x_HW, y_HW) - 1
    return distance_HW


def rectangle(width: float, height: float) -> Shape:
    """A rectangle of this half width and half height."""

    def distance(x_HW: Field, y_HW: Field) -> Field:
        return np.maximum(abs(x_HW) - width, abs(y_HW) - height)

    return distance


def polygon(corners: int, radius: float = 1.0) -> Shape:
    """A regular polygon whose corners lie on a circle."""
    angles = 2 * np.pi * (np.arange(corners) + 0.5) / corners
    inner = radius * float(np.cos(np.pi / corners))

    def distance(x_HW: Field, y_HW: Field) -> Field:
        sides = [x_HW * np.cos(angle) + y_HW * np.sin(angle) for angle in angles]
        farthest_HW: Field = np.max(sides, axis=0) - inner
        return farthest_HW

    return distance


def cross(x_HW: Field, y_HW: Field) -> Field:
    """A plus sign."""
    return np.minimum(rectangle(1, 0.42)(x_HW, y_HW), rectangle(0.42, 1)(x_HW, y_HW))


def ring(x_HW: Field, y_HW: Field) -> Field:
    """A ring."""
    return abs(np.hypot(x_HW, y_HW) - 0.7) - 0.3


def star(x_HW: Field, y_HW: Field) -> Field:
    """A star of five rounded points."""
    outline_HW = 0.68 + 0.32 * np.cos(5 * np.arctan2(y_HW, x_HW))
    distance_HW: Field = 0.6 * (np.hypot(x_HW, y_HW) - outline_HW)
    return distance_HW


SHAPES = MappingProxyType(
    {
        "disc": disc,
        "triangle": polygon(3, 1.2),
        "diamond": polygon(4),
        "hexagon": polygon(6),
        "cross": cross,
        "ring": ring,
        "star": star,
        "block": rectangle(0.72, 0.72),
        "house": rectangle(0.95, 0.95),
        "column": rectangle(0.5, 1.05),
        "bar": rectangle(1.3, 0.36),
    }
)
"""Every shape that is drawn, by name."""
