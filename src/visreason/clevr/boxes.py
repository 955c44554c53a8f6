"""Boxes around objects, in pixels of an image: from masks of instances, from JSON, and how far two overlap.

A box is (x, y, w, h), as CLEVR-Ref writes it: its first column and row, counted from 0 at the top left, and
how many columns and rows it has; so its last column is x + w - 1. Shapes: H, W pixels.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from visreason.errors import DataError

Box = tuple[float, float, float, float]
"""(x, y, w, h) in pixels."""


def mask_boxes(mask_HW: NDArray[np.integer[Any]], count: int) -> list[Box | None]:
    """The boxes around what an image shows of its objects; None for an object of which it shows nothing.

    Args:
        mask_HW: the index of the object each pixel shows; anything below 0 is none.
        count: how many objects the scene has.

    Example:
        >>> mask_boxes(np.array([[-1, 0, 0], [-1, -1, 0]]), 2)
        [(1, 0, 2, 2), None]
    """
    boxes: list[Box | None] = []
    for index in range(count):
        shown_HW = mask_HW == index
        columns, rows = np.flatnonzero(shown_HW.any(axis=0)), np.flatnonzero(shown_HW.any(axis=1))
        if len(rows) == 0:
            boxes.append(None)
            continue
        left, top = int(columns[0]), int(rows[0])
        boxes.append((left, top, int(columns[-1]) - left + 1, int(rows[-1]) - top + 1))
    return boxes


def around(first: Box, second: Box) -> Box:
    """The smallest box that holds two boxes.

    Example:
        >>> around((0, 0, 2, 2), (3, 1, 2, 4))
        (0, 0, 5, 5)
    """
    left, top = min(first[0], second[0]), min(first[1], second[1])
    right = max(first[0] + first[2], second[0] + second[2])
    bottom = max(first[1] + first[3], second[1] + second[3])
    return (left, top, right - left, bottom - top)


def overlap(first: Box, second: Box) -> float:
    """Intersection over union of two boxes, 0 to 1.

    With I the pixels of both, it is I / (w h + w' h' - I).

    Example:
        >>> overlap((0, 0, 2, 2), (1, 0, 2, 2))
        0.3333333333333333
    """
    across = min(first[0] + first[2], second[0] + second[2]) - max(first[0], second[0])
    down = min(first[1] + first[3], second[1] + second[3]) - max(first[1], second[1])
    shared = max(across, 0) * max(down, 0)
    return shared / (first[2] * first[3] + second[2] * second[3] - shared)


def box_from_json(value: Any, where: str) -> Box:
    """Read a box.

    Raises:
        DataError: it is no list of four finite numbers, or its width or height is not positive.

    Example:
        >>> box_from_json([10, 20, 30, 40], "expression 3, 'bbox'")
        (10, 20, 30, 40)
    """
    numbers = isinstance(value, list | tuple) and len(value) == 4
    if not numbers or not all(type(side) in (int, float) and abs(side) < 1e6 for side in value):
        raise DataError(f"{where} should be [x, y, width, height] in pixels, not {value!r:.60}.")
    if value[2] <= 0 or value[3] <= 0:
        raise DataError(f"{where} is {list(value)}: its width and height should be positive.")
    x, y, w, h = value
    return (x, y, w, h)
