"""Which regions a reasoner is not given: the study of missing regions of Chen et al. (CVPR 2018).

Regions are left out at random, or when no proposal of a detector covers them. *Before* (the paper's "pre"): a model
reasons about those that are left (`keep`). *After* ("post"): it is given all, and only those that are left are scored
(`visreason.metrics.regions.score_regions` of their rows).

Shape legend: R regions of an image, P proposals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from visreason.data.regions.boxes import Boxes, overlaps
from visreason.data.regions.region_set import RegionSet
from visreason.errors import DataError, UsageError

Kept = Sequence[NDArray[np.bool_]]
"""For each image of a set, which of its regions are left, bool `[R]`."""


def kept_at_random(regions: RegionSet, dropped: float, seed: int) -> list[NDArray[np.bool_]]:
    """Leave out a fraction of the regions, each by a draw of its own.

    A region's draw depends on the seed and its place alone: what is left at a larger fraction is also left at
    a smaller one.

    Args:
        regions: the set.
        dropped: the fraction, 0 to 1.
        seed: of the draws.

    Raises:
        UsageError: it is no fraction.
    """
    return [kept_of_image(len(image), row, dropped, seed) for row, image in enumerate(regions.images)]


def kept_of_image(count: int, row: int, dropped: float, seed: int) -> NDArray[np.bool_]:
    """Which regions of one image are left by `kept_at_random`, bool `[count]`.

    Args:
        count: how many regions it has.
        row: its place in the set.
        dropped: the fraction to leave out, 0 to 1.
        seed: of the draws.

    Raises:
        UsageError: it is no fraction.

    Example:
        >>> kept_of_image(4, 0, 0.5, seed=0).tolist()
        [True, False, False, False]
    """
    if not 0 <= dropped <= 1:
        raise UsageError(f"a fraction of regions to leave out lies between 0 and 1; got {dropped}.")
    return np.random.default_rng([seed, row]).random(count) >= dropped


def kept_by_proposals(
    regions: RegionSet, proposals: Mapping[str, Boxes], threshold: float
) -> list[NDArray[np.bool_]]:
    """Leave out regions that no proposal covers: those whose largest intersection over union is not above a threshold.

    Args:
        regions: the set.
        proposals: float32 `[P, 4]` (x1, y1, x2, y2) by the image's file name, in its own pixels.
        threshold: the paper's δ, 0 to 1.

    Raises:
        UsageError: the threshold is not in 0 .. 1.
        DataError: an image with regions has no entry in `proposals` (an empty array says that there are none).
    """
    if not 0 <= threshold <= 1:
        raise UsageError(f"an overlap lies between 0 and 1; got {threshold}.")
    kept = []
    for image in regions.images:
        if len(image) and image.file.name not in proposals:
            raise DataError(
                f"there are no proposals for {image.file.name}; give an empty list if none was made."
            )
        boxes = np.asarray(proposals.get(image.file.name, np.zeros((0, 4))), np.float32).reshape(-1, 4)
        best = overlaps(image.boxes, boxes).max(axis=1, initial=0.0)
        kept.append(best > threshold)
    return kept


def keep(regions: RegionSet, kept: Kept) -> RegionSet:
    """The set with the regions that are left; images stay, if need be without a region.

    Raises:
        DataError: nothing is left.
    """
    images = tuple(image.select(rows) for image, rows in zip(regions.images, kept, strict=True))
    total = sum(map(len, images))
    if not total:
        raise DataError(f"none of the {regions.report.regions} regions is left; leave out fewer.")
    present = len({label for image in images for label in image.labels.tolist()})
    return RegionSet(regions.classes, images, replace(regions.report, regions=total, classes=present))


def rows_kept(kept: Kept) -> NDArray[np.bool_]:
    """Which rows of the predictions of all regions, image after image, are to be scored ("after")."""
    return np.concatenate(list(kept))
