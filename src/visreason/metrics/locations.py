"""How well boxes were located: the share that overlap the true box by half, and the mean overlap."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from visreason.metrics.intervals import Interval, clustered_fraction, clustered_mean

HALF = 0.5
"""A box that overlaps the true one by this much of their union counts as located."""


@dataclass(frozen=True, slots=True)
class LocationScores:
    """Figures of located boxes, each with its 95 % interval clustered by image.

    Attributes:
        iou50: the share of boxes whose intersection over union with the true one is at least a half.
        mean_iou: the mean intersection over union.
        iou50_by_type: the share for each kind of expression, where the kinds are told.
    """

    iou50: Interval
    mean_iou: Interval
    iou50_by_type: dict[str, Interval]

    def to_dict(self) -> dict[str, Any]:
        """The form of `metrics.json`."""
        by_type = {name: one.to_dict() for name, one in self.iou50_by_type.items()}
        return {
            "iou50": {"overall": self.iou50.to_dict(), "by_type": by_type},
            "mean_iou": {"overall": self.mean_iou.to_dict()},
        }


def score_locations(
    overlaps: ArrayLike, images: ArrayLike, types: Sequence[str] | None = None
) -> LocationScores:
    """The figures of boxes with these overlaps.

    Args:
        overlaps: intersection over union of each box with the true one.
        images: image indices; expressions about one image form a cluster.
        types: the kinds of expression; None where they are not known.

    Example:
        >>> scores = score_locations([0.9, 0.4], images=[0, 1], types=["or", "and"])
        >>> scores.iou50.value, scores.mean_iou.value, scores.iou50_by_type["or"].value
        (0.5, 0.65, 1.0)
    """
    shared, image = np.asarray(overlaps, np.float64), np.asarray(images)
    kinds = np.asarray([] if types is None else types)
    located = shared >= HALF
    by_type = {
        name: clustered_fraction(located[kinds == name], image[kinds == name])
        for name in sorted(set(kinds.tolist()))
    }
    return LocationScores(clustered_fraction(located, image), clustered_mean(shared, image), by_type)
