"""One vector from a map of cells: its mean, its maximum, or the maxima of regions.

Shape suffixes: I images, C channels, h x w cells.
"""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

Pooling = Literal["mean", "max", "rmac"]

SCALES = 3
"""Sizes of regions: from the largest square in the map to half of that."""

_OVERLAP = 0.4
"""How much of itself a region shares with the next, about."""


def pool(map_IChw: Tensor, how: Pooling) -> Tensor:
    """A vector of each map, `[I, C]`.

    Example:
        >>> pool(torch.tensor([[[[0.0, 2.0], [4.0, 6.0]]]]), "mean")
        tensor([[3.]])
    """
    if how == "rmac":
        return regional_maxima(map_IChw)
    cells_ICN = map_IChw.flatten(2)
    return cells_ICN.mean(dim=2) if how == "mean" else cells_ICN.amax(dim=2)


def regional_maxima(map_IChw: Tensor, scales: int = SCALES) -> Tensor:
    """RMAC: the normalised sum of the normalised maxima of square regions at several scales, `[I, C]`.

    ```
    f = sum_R f_R / |f_R|,   feature = f / |f|,   f_R = max of region R's cells
    ```

    At scale s = 1 ... regions have the side 2 min(h, w) / (s + 1) and lie evenly, s of them along the shorter side and
    more along the longer, so that neighbours overlap by about 40 %. From Tolias et al., "Particular object retrieval
    with integral max-pooling of CNN activations" (2016), without its whitening, which would have to be learnt from
    other images.

    Example:
        >>> regional_maxima(torch.ones(1, 4, 8, 12)).norm().item()
        1.0
    """
    total_IC = map_IChw.new_zeros(map_IChw.shape[:2])
    for top, left, side in regions(map_IChw.shape[2], map_IChw.shape[3], scales):
        best_IC = map_IChw[:, :, top : top + side, left : left + side].amax(dim=(2, 3))
        total_IC = total_IC + functional.normalize(best_IC, dim=1)
    return functional.normalize(total_IC, dim=1)


def regions(height: int, width: int, scales: int = SCALES) -> list[tuple[int, int, int]]:
    """The squares of RMAC on a map of cells: top, left and side of each.

    Example:
        >>> regions(8, 12, scales=2)
        [(0, 0, 8), (0, 4, 8), (0, 0, 5), (0, 3, 5), (0, 7, 5), (3, 0, 5), (3, 3, 5), (3, 7, 5)]
    """
    shorter, longer = min(height, width), max(height, width)
    further = _further_along(shorter, longer)
    found = []
    for scale in range(1, scales + 1):
        side = max(1, 2 * shorter // (scale + 1))
        down, across = (scale, scale + further) if height <= width else (scale + further, scale)
        tops, lefts = _starts(height - side, down), _starts(width - side, across)
        found += [(top, left, side) for top in tops for left in lefts]
    return found


def _further_along(shorter: int, longer: int) -> int:
    """How many more regions the longer side takes: so many that the largest overlap by about `_OVERLAP`."""
    if shorter == longer:
        return 0
    overlaps = [1 - (longer - shorter) / more / shorter for more in range(1, 7)]
    return 1 + min(range(6), key=lambda more: abs(overlaps[more] - _OVERLAP))


def _starts(room: int, count: int) -> list[int]:
    """Where `count` regions begin that lie evenly over a side with `room` cells to spare; each place once."""
    places = torch.linspace(0, room, count).int().tolist() if count > 1 else [room // 2]
    return sorted(set(places))
