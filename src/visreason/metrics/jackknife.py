"""Intervals of figures that have no simple formula, from what they become without some of the images."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visreason.metrics.intervals import Interval, fraction_interval, student_quantile

_MOST_GROUPS = 50
_ROUNDING = 1e-12  # sums in another order differ by less


def deal_groups(images_N: NDArray[Any]) -> tuple[NDArray[np.int64], int]:
    """Deal images into at most 50 groups in turn: each sample's group, `[N]`, and the number of groups.

    Example:
        >>> deal_groups(np.array([7, 7, 3]))
        (array([1, 1, 0]), 2)
    """
    _, rank_N = np.unique(images_N, return_inverse=True)
    groups = min(int(rank_N.max()) + 1, _MOST_GROUPS)
    return rank_N % groups, groups


def jackknife_interval(values: NDArray[np.float64], count: int) -> Interval:
    r"""The delete-a-group jackknife's 95 % interval of a figure between 0 and 1.

    .. math:: v = \frac{G - 1}{G} \sum_g (\theta_{(g)} - \theta)^2, \qquad \theta \pm t_{G-1} \sqrt v,

    cut to [0, 1]; :math:`\theta_{(g)}` is the figure without the images of group g. Kott (2001), "The delete-a-group
    jackknife", Journal of Official Statistics 17. One group says nothing of others: the interval is all of [0, 1].
    Where a group holds all that the figure is about, its place is taken by the figure itself. Where no group changes
    it, the data does not show how much others would: then each group counts as one sample of a fraction, as in
    `visreason.metrics.intervals.clustered_fraction`.

    Args:
        values: the figure, then the figure without each group, `[1 + G]`; NaN where a figure does not exist.
        count: what the interval says it was counted over.

    Example:
        >>> print(jackknife_interval(np.array([0.5, 0.52, 0.48, 0.5]), count=30))
        50.0 % (40.1–59.9)
    """
    whole, parts = float(values[0]), values[1:]
    groups = len(parts)
    if groups == 1:
        return Interval(whole, 0.0, 1.0, count)
    shifts = np.nan_to_num(parts - whole)
    if np.abs(shifts).max() < _ROUNDING:
        return replace(fraction_interval(whole, groups, groups, groups * whole * (1 - whole)), count=count)
    half = student_quantile(groups - 1) * float(np.sqrt((groups - 1) / groups * (shifts @ shifts)))
    return Interval(whole, max(0.0, whole - half), min(1.0, whole + half), count)
