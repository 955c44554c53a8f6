"""Nearest neighbours among many vectors, exactly: in blocks, so that the vectors may stay on disk.

```
d(q, v) = |q - v|,     |q - v|^2 / 2 = |v - m|^2 / 2 - (q - m).v + what is the same for all v
```

One matrix product and one table of |v - m|^2 order the candidates; m is the mean of all vectors, which keeps rounding
small where vectors are long and lie close together, as relational features do. The few best are then measured anew,
straight from their differences.

Shape suffixes: Q queries, N vectors, R vectors of a block, D numbers a vector, k neighbours.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Vectors = NDArray[np.floating[Any]]

BLOCK = 1 << 21
"""Numbers of a block: 8 MB in 32 bits, which a processor's cache holds."""

SPARE = 16
"""Candidates beyond k, so that rounding in the matrix product costs no neighbour."""


@dataclass(frozen=True, slots=True)
class Centred:
    """What must be known of the vectors before they are searched: one pass over them.

    Attributes:
        mean_D: their mean m.
        half_N: |v - m|^2 / 2 of each.
    """

    mean_D: Tensor
    half_N: Tensor


def blocks(features_ND: Vectors, most: int = BLOCK) -> Iterator[tuple[int, Tensor]]:
    """The vectors in 32 bits, block by block, each with the number of its first vector.

    Example:
        >>> [(first, len(block)) for first, block in blocks(np.zeros((5, 3), np.float16), most=6)]
        [(0, 2), (2, 2), (4, 1)]
    """
    rows = max(1, most // features_ND.shape[1])
    for first in range(0, len(features_ND), rows):
        yield first, torch.from_numpy(features_ND[first : first + rows]).float()


def centre(features_ND: Vectors) -> Centred:
    """Mean and lengths of the vectors."""
    total_D = torch.zeros(features_ND.shape[1], dtype=torch.float64)
    for _, block_RD in blocks(features_ND):
        total_D += block_RD.sum(dim=0, dtype=torch.float64)
    mean_D = (total_D / max(1, len(features_ND))).float()
    half_N = [(block_RD - mean_D).square().sum(dim=1) / 2 for _, block_RD in blocks(features_ND)]
    return Centred(mean_D, torch.cat(half_N) if half_N else torch.zeros(0))


def nearest(features_ND: Vectors, centred: Centred, vectors_QD: Tensor, k: int) -> NDArray[np.int64]:
    """The numbers of the k likely nearest vectors and a few more, `[Q, min(N, k + SPARE)]`, in no order.

    Args:
        features_ND: what is searched, in 16 or 32 bits, in memory or mapped.
        centred: of the same vectors.
        vectors_QD: what is searched for.
        k: how many.
    """
    wanted = min(len(features_ND), k + SPARE)
    moved_QD = vectors_QD - centred.mean_D
    if len(moved_QD) == 1:  # a product with two rows takes less than half the time of one with a single row
        moved_QD = moved_QD.repeat(2, 1)
    score_QK = torch.zeros(len(vectors_QD), 0)
    number_QK = torch.zeros(len(vectors_QD), 0, dtype=torch.long)
    for first, block_RD in blocks(features_ND):
        product_QR = (block_RD @ moved_QD.T).T[: len(vectors_QD)]
        score_QR = centred.half_N[first : first + len(block_RD)] - product_QR
        best_QK, place_QK = score_QR.topk(min(wanted, len(block_RD)), dim=1, largest=False, sorted=False)
        score_QK = torch.cat([score_QK, best_QK], dim=1)
        number_QK = torch.cat([number_QK, place_QK + first], dim=1)
        score_QK, place_QK = score_QK.topk(min(wanted, score_QK.shape[1]), dim=1, largest=False, sorted=False)
        number_QK = number_QK.gather(1, place_QK)
    return number_QK.numpy()


def rank(
    features_ND: Vectors, vectors_QD: Tensor, numbers_QK: NDArray[np.int64], k: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The k nearest among candidates, nearest first, and their distances; equals in the order of their numbers.

    Args:
        features_ND: all vectors.
        vectors_QD: what is searched for.
        numbers_QK: candidates of each query; -1 is none.
        k: how many.

    Returns:
        numbers and distances, `[Q, min(k, K)]`; a distance of infinity where there was no candidate.
    """
    ordered_QK = np.sort(numbers_QK, axis=1)
    found_QKD = torch.from_numpy(np.asarray(features_ND[ordered_QK.clip(0)])).float()
    distance_QK = (found_QKD - vectors_QD[:, None]).square().sum(dim=2).sqrt().numpy()
    distance_QK[ordered_QK < 0] = np.inf
    place_Qk = distance_QK.argsort(axis=1, kind="stable")[:, :k]
    return np.take_along_axis(ordered_QK, place_Qk, axis=1), np.take_along_axis(distance_QK, place_Qk, axis=1)


def distances(features_ND: Vectors, vectors_QD: Tensor) -> NDArray[np.float32]:
    """The distance of every query to every vector, `[Q, N]`, from their differences.

    Example:
        >>> distances(np.array([[0.0, 3.0], [4.0, 0.0]], np.float32), torch.zeros(1, 2)).tolist()
        [[3.0, 4.0]]
    """
    found_QN = np.empty((len(vectors_QD), len(features_ND)), np.float32)
    for first, block_RD in blocks(features_ND):
        part_QR = torch.cdist(vectors_QD, block_RD, compute_mode="donot_use_mm_for_euclid_dist")
        found_QN[:, first : first + len(block_RD)] = part_QR.numpy()
    return found_QN
