"""Intervals of figures that have no simple formula, from what they become without some of the images."""

from collections.abc import Callable
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


def jackknifed(figure: Callable[[NDArray[np.intp]], float], images: int, least: float = 0.0) -> Interval:
    """A figure of images, each a sample of its own, with its 95 % interval.

    Args:
        figure: of the images with these numbers.
        images: how many there are.
        least: that the figure can be; the most is 1.

    Example:
        >>> right = np.array([1, 1, 0, 1, 0, 1, 1, 1])
        >>> print(jackknifed(lambda rows: float(right[rows].mean()), 8))
        75.0 % (36.3–100.0)
    """
    every = np.arange(images)
    group_N, groups = deal_groups(every)
    rows = [every, *(every[group_N != group] for group in range(groups if groups > 1 else 0))]
    if len(rows) == 1:
        return Interval(figure(every), least, 1.0, images)
    return jackknife_interval(np.array([figure(one) for one in rows]), images, least)


def jackknife_interval(values: NDArray[np.float64], count: int, least: float = 0.0) -> Interval:
    r"""The delete-a-group jackknife's 95 % interval of a figure of at most 1.

    .. math:: v = \frac{G - 1}{G} \sum_g (\theta_{(g)} - \theta)^2, \qquad \theta \pm t_{G-1} \sqrt v,

    cut to [least, 1]; :math:`\theta_{(g)}` is the figure without the images of group g. Kott (2001), "The
    delete-a-group jackknife", Journal of Official Statistics 17. One group says nothing of others: the interval is
    all of [least, 1].
    Where a group holds all that the figure is about, its place is taken by the figure itself. Where no group changes
    it, the data does not show how much others would: then each group counts as one sample of a fraction, as in
    `visreason.metrics.intervals.clustered_fraction`.

    Args:
        values: the figure, then the figure without each group, `[1 + G]`; NaN where a figure does not exist.
        count: what the interval says it was counted over.
        least: that the figure can be, such as minus infinity of an explained variance.

    Example:
        >>> print(jackknife_interval(np.array([0.5, 0.52, 0.48, 0.5]), count=30))
        50.0 % (40.1–59.9)
    """
    whole, parts = float(values[0]), values[1:]
    groups = len(parts)
    if groups == 1:
        return Interval(whole, least, 1.0, count)
    shifts = np.nan_to_num(parts - whole)
    if np.abs(shifts).max() < _ROUNDING and 0 <= whole <= 1:
        return replace(fraction_interval(whole, groups, groups, groups * whole * (1 - whole)), count=count)
    half = student_quantile(groups - 1) * float(np.sqrt((groups - 1) / groups * (shifts @ shifts)))
    return Interval(whole, max(least, whole - half), min(1.0, whole + half), count)
