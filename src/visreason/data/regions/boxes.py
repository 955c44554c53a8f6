"""Boxes with both edges inside, (x1, y1, x2, y2) in whole pixels: cutting, mirroring, overlap.

Shape legend: R, P boxes, H x W pixels of a mask.
"""

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float32]


def from_sides(x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
    """A box given by its first column and row, width and height; x2 < x1 where it has no area.

    It covers the pixels x .. x + width - 1, and at least one each way.

    Example:
        >>> from_sides(3, 4, 10, 0.5), from_sides(3, 4, 10, 0)
        ((3, 4, 12, 4), (3, 4, 2, 3))
    """
    if width <= 0 or height <= 0:
        return x, y, x - 1, y - 1
    return x, y, x + max(0, width - 1), y + max(0, height - 1)


def cut(boxes_R4: Boxes, width: int, height: int) -> Boxes:
    """Boxes cut at the edges of an image: columns to 0 .. width - 1, rows to 0 .. height - 1.

    A box outside the image becomes one with x2 < x1 or y2 < y1.

    Example:
        >>> cut(np.float32([[-5, 2, 30, 9], [40, 0, 50, 9]]), 20, 10).tolist()
        [[0.0, 2.0, 19.0, 9.0], [40.0, 0.0, 19.0, 9.0]]
    """
    x1, y1, x2, y2 = boxes_R4.T
    return np.stack([x1.clip(0), y1.clip(0), x2.clip(max=width - 1), y2.clip(max=height - 1)], axis=1)


def mirror(boxes_R4: Boxes, width: int) -> Boxes:
    """Boxes of an image that is mirrored left to right: x1' = width - 1 - x2.

    Example:
        >>> mirror(np.float32([[0, 2, 3, 9]]), 20).tolist()
        [[16.0, 2.0, 19.0, 9.0]]
    """
    x1, y1, x2, y2 = boxes_R4.T
    return np.stack([width - 1 - x2, y1, width - 1 - x1, y2], axis=1)


def around(mask_HW: NDArray[np.bool_]) -> tuple[int, int, int, int] | None:
    """The tight box of a mask's true pixels; None where there are none.

    Example:
        >>> around(np.eye(5, 8, dtype=bool))
        (0, 0, 4, 4)
    """
    rows, columns = np.flatnonzero(mask_HW.any(axis=1)), np.flatnonzero(mask_HW.any(axis=0))
    if not rows.size:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])


def overlaps(boxes_R4: Boxes, others_P4: Boxes) -> NDArray[np.float64]:
    """Intersection over union of every box with every other, `[R, P]`, counted in whole pixels.

    Example:
        >>> overlaps(np.float32([[0, 0, 1, 1]]), np.float32([[1, 0, 2, 1], [0, 0, 1, 1]])).round(3).tolist()
        [[0.333, 1.0]]
    """
    one, other = boxes_R4.astype(np.float64)[:, None], others_P4.astype(np.float64)[None]
    low, high = np.maximum(one[..., :2], other[..., :2]), np.minimum(one[..., 2:], other[..., 2:])
    shared = (high - low + 1).clip(0).prod(axis=-1)
    area_R1, area_1P = ((some[..., 2:] - some[..., :2] + 1).prod(axis=-1) for some in (one, other))
    return np.asarray(shared / (area_R1 + area_1P - shared))
