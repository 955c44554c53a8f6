"""How well regions are classified: accuracy, score and average precision, over instances and over classes.

As Chen et al. (CVPR 2018) measure it: a region's prediction is its most probable class, the background left out; rare
classes count as much as frequent ones in the means over classes.

Shape legend: N regions of all images, K classes with the background (number 0), G groups of images, P positives.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from visreason.errors import UsageError
from visreason.metrics.intervals import Interval, clustered_fraction, clustered_mean
from visreason.metrics.jackknife import deal_groups, jackknife_interval

Numbers = NDArray[np.float64]

BANDS = (0, 1, 10, 100, 1000)
"""The least number of training regions of each band of classes."""


@dataclass(frozen=True, slots=True)
class RegionFigures:
    """Average precision, accuracy and mean probability of the true class.

    Attributes:
        ap, ac, sc: each with its 95 % interval, for other images of the same kind.
    """

    ap: Interval
    ac: Interval
    sc: Interval

    def to_dict(self) -> dict[str, Any]:
        """The form of `metrics.json`."""
        return {"ap": self.ap.to_dict(), "ac": self.ac.to_dict(), "sc": self.sc.to_dict()}


@dataclass(frozen=True, slots=True)
class Band:
    """Classes that are about equally frequent.

    Attributes:
        least, most: how many regions such a class has; `most` is None in the last band.
        classes: how many of these classes are met.
        figures: means over them.
    """

    least: int
    most: int | None
    classes: int
    figures: RegionFigures

    def __str__(self) -> str:
        if self.most is None:
            return f"{self.least:,} or more"
        return str(self.least) if self.most == self.least else f"{self.least:,}–{self.most:,}"


@dataclass(frozen=True, slots=True, eq=False)
class RegionScores:
    """All figures of a set of regions.

    Attributes:
        instances: over regions.
        classes: means over the classes that are met; an interval's count is the number of these.
        counts: int64 `[K]`, the regions of each class.
        ap, ac, sc: float64 `[K]`, the figures of each class; NaN where it is not met.
        bands: means over classes of similar frequency, the rarest first.
    """

    instances: RegionFigures
    classes: RegionFigures
    counts: NDArray[np.int64]
    ap: Numbers
    ac: Numbers
    sc: Numbers
    bands: tuple[Band, ...]

    def line(self) -> str:
        """The four figures of iter-reason's `results.txt`: AP and AC of instances, AP and AC of classes."""
        four = (self.instances.ap, self.instances.ac, self.classes.ap, self.classes.ac)
        return " ".join(f"{one.value:.3f}" for one in four)

    def to_dict(self, names: Sequence[str]) -> dict[str, Any]:
        """The form of `metrics.json`.

        Args:
            names: of the classes, the background first.
        """
        met = np.flatnonzero(self.counts)
        columns = {"regions": self.counts, "ap": self.ap, "ac": self.ac, "sc": self.sc}
        return {
            "instances": self.instances.to_dict(),
            "classes": self.classes.to_dict(),
            "bands": [
                {"regions": str(band), "classes": band.classes} | band.figures.to_dict()
                for band in self.bands
            ],
            "per_class": {
                names[number]: {key: column[number].item() for key, column in columns.items()}
                for number in met.tolist()
            },
        }


def score_regions(
    probabilities_NK: ArrayLike,
    labels_N: ArrayLike,
    images_N: ArrayLike,
    *,
    frequencies_K: ArrayLike | None = None,
) -> RegionScores:
    r"""Score predictions of regions.

    With probabilities p, true classes y and predictions :math:`\hat y = \arg\max_{c \ge 1} p_c`:

    * accuracy AC is the share of :math:`\hat y = y`, score SC the mean of :math:`p_y`; over instances, or averaged
      within each class first and then over the classes that are met.
    * AP of a class c ranks all regions by :math:`p_c`; those of class c are the positives.
    * AP over instances ranks all regions by :math:`p_y`; those with :math:`\hat y = y` are found, of all N.

    AP is the area under the interpolated precision (`voc_ap`). Equal scores keep their order in the input. Intervals:
    accuracy and score over instances by clusters of images (`visreason.metrics.intervals`), everything else by the
    jackknife over groups of images (`visreason.metrics.jackknife`).

    Args:
        probabilities_NK: of all classes; what column 0 holds does not matter.
        labels_N: the true classes, from 1.
        images_N: which image each region is of.
        frequencies_K: how often each class occurs in training, for the bands; None: in these regions.

    Raises:
        UsageError: shapes do not fit, a label is no class, or a probability is NaN.

    Example:
        >>> scores = score_regions([[0.1, 0.7, 0.2], [0.1, 0.6, 0.3], [0.0, 0.2, 0.8]], [1, 2, 2], [0, 0, 1])
        >>> scores.line()
        '0.667 0.667 1.000 0.750'
    """
    p_NK, y_N, images = _checked(probabilities_NK, labels_N, images_N)
    kinds = p_NK.shape[1]
    groups_N, groups = deal_groups(images)
    own_N = p_NK[np.arange(len(y_N)), y_N]
    hits_N = (1 + p_NK[:, 1:].argmax(axis=1)) == y_N
    counts_K = np.bincount(y_N, minlength=kinds)
    ap_KG = np.full((kinds, groups + 1), np.nan)
    for number in np.flatnonzero(counts_K):
        found_N = y_N == number
        ap_KG[number] = _ranked_ap(p_NK[:, number], found_N, found_N, groups_N, groups)
    ac_KG = _class_means(hits_N, y_N, groups_N, kinds, groups)
    sc_KG = _class_means(own_N, y_N, groups_N, kinds, groups)
    every_N = np.ones(len(y_N), bool)
    instances = RegionFigures(
        jackknife_interval(_ranked_ap(own_N, hits_N, every_N, groups_N, groups), len(y_N)),
        clustered_fraction(hits_N, images),
        clustered_mean(own_N, images),
    )
    tables = (ap_KG, ac_KG, sc_KG)
    frequencies = counts_K if frequencies_K is None else np.asarray(frequencies_K)
    if frequencies.shape != (kinds,):
        raise UsageError(f"{kinds} classes have {kinds} frequencies; got {list(frequencies.shape)}.")
    return RegionScores(
        instances,
        _means_over(counts_K > 0, tables),
        counts_K,
        ap_KG[:, 0],
        ac_KG[:, 0],
        sc_KG[:, 0],
        tuple(_bands(frequencies, counts_K, tables)),
    )


def voc_ap(recall: ArrayLike, precision: ArrayLike, *, eleven_points: bool = False) -> float:
    r"""The area under the interpolated precision-recall curve of the PASCAL VOC challenge.

    .. math:: \mathrm{AP} = \sum_i (r_i - r_{i-1}) \max_{j \ge i} p_j,

    or, as until 2007, the mean of :math:`\max_{r_j \ge t} p_j` over the eleven recalls t = 0, 0.1, …, 1. Everingham et
    al. (2010), https://doi.org/10.1007/s11263-009-0275-4.

    Args:
        recall: rising.
        precision: at each.
        eleven_points: the older form.

    Example:
        >>> voc_ap([0.5, 0.5, 1.0], [1.0, 0.5, 2 / 3])
        0.8333333333333333
    """
    r, p = np.asarray(recall, np.float64), np.asarray(precision, np.float64)
    if eleven_points:
        reached = (p[r >= threshold].max(initial=0.0) for threshold in np.arange(0.0, 1.1, 0.1))
        return float(sum(reached) / 11)
    best = np.maximum.accumulate(p[::-1])[::-1]
    return float(np.diff(r, prepend=0.0) @ best)


def _checked(
    probabilities: ArrayLike, labels: ArrayLike, images: ArrayLike
) -> tuple[Numbers, NDArray[np.int64], NDArray[Any]]:
    """The arrays, as they should be."""
    p, y, i = np.asarray(probabilities, np.float64), np.asarray(labels), np.asarray(images)
    if p.ndim != 2 or not len(p) or y.shape != (len(p),) or i.shape != (len(p),):
        raise UsageError(
            "scores need probabilities [N, K] of at least one region, with N labels and N images; got "
            f"{list(p.shape)}, {list(y.shape)} and {list(i.shape)}."
        )
    if y.min() < 1 or y.max() >= p.shape[1]:
        raise UsageError(
            f"labels are classes 1 to {p.shape[1] - 1}, as 0 is the background; got {y.min()} to {y.max()}."
        )
    if np.isnan(p).any():
        raise UsageError(
            f"{int(np.isnan(p).any(axis=1).sum())} of {len(p)} regions have NaN for a probability."
        )
    return p, y.astype(np.int64), i


def _ranked_ap(
    score_N: Numbers,
    found_N: NDArray[np.bool_],
    wanted_N: NDArray[np.bool_],
    groups_N: NDArray[np.int64],
    groups: int,
) -> Numbers:
    """AP of a ranking with all regions, then without each group, `[1 + G]`; NaN where nothing is wanted.

    Only the places of the P that are found matter: between them precision falls, so that none of them is a largest one.
    How many regions of each group stand before each place is counted once; leaving a group out takes its own away.

    Args:
        score_N: higher comes first.
        found_N: which regions raise the recall.
        wanted_N: which regions the recall is a share of.
        groups_N: each region's group.
        groups: G.
    """
    order = np.argsort(-score_N, kind="stable")
    hit_N = found_N[order]
    place_P = np.flatnonzero(hit_N)
    wanted_G = np.bincount(groups_N[wanted_N], minlength=groups)
    left_G = np.concatenate([[wanted_G.sum()], wanted_G.sum() - wanted_G])
    if not place_P.size:
        return np.where(left_G > 0, 0.0, np.nan)
    group_N, hit_N = groups_N[order[: place_P[-1] + 1]], hit_N[: place_P[-1] + 1]
    before_N: NDArray[np.int64] = np.cumsum(hit_N) - hit_N
    ranks_PG = np.bincount(before_N * groups + group_N, minlength=place_P.size * groups)
    ranks_PG = ranks_PG.reshape(-1, groups).cumsum(axis=0)
    own_PG = group_N[place_P][:, None] == np.arange(groups)
    rank_PG = np.column_stack([place_P + 1, (place_P + 1)[:, None] - ranks_PG])
    here_PG = np.column_stack([np.ones(place_P.size, bool), ~own_PG])
    precision_PG = here_PG.cumsum(axis=0) / np.maximum(rank_PG, 1)
    best_PG = np.maximum.accumulate(precision_PG[::-1], axis=0)[::-1]
    with np.errstate(invalid="ignore"):
        return np.asarray((best_PG * here_PG).sum(axis=0) / left_G)


def _class_means(
    values_N: NDArray[Any], y_N: NDArray[np.int64], groups_N: NDArray[np.int64], kinds: int, groups: int
) -> Numbers:
    """The mean of each class with all regions, then without each group, `[K, 1 + G]`; NaN where there are none."""
    cells = y_N * groups + groups_N
    sums, counts = (
        np.bincount(cells, weights, kinds * groups).reshape(kinds, groups) for weights in (values_N, None)
    )
    totals, numbers = (
        np.column_stack([some.sum(axis=1), some.sum(axis=1)[:, None] - some]) for some in (sums, counts)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(numbers > 0, totals / numbers, np.nan)


def _means_over(chosen_K: NDArray[np.bool_], tables: tuple[Numbers, ...]) -> RegionFigures:
    """The means over some classes, which are all met."""
    count = int(chosen_K.sum())
    return RegionFigures(*(jackknife_interval(_mean_of_met(table[chosen_K]), count) for table in tables))


def _mean_of_met(table_KG: Numbers) -> Numbers:
    """The mean of each column over the rows that are not NaN; NaN where there is none."""
    met_KG = ~np.isnan(table_KG)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(met_KG, table_KG, 0.0).sum(axis=0) / met_KG.sum(axis=0))


def _bands(
    frequencies_K: NDArray[Any], counts_K: NDArray[np.int64], tables: tuple[Numbers, ...]
) -> list[Band]:
    """The bands that have a class which is met."""
    bands = []
    for least, end in zip(BANDS, (*BANDS[1:], None), strict=True):
        chosen = (counts_K > 0) & (frequencies_K >= least)
        if end is not None:
            chosen &= frequencies_K < end
        if chosen.any():
            most = None if end is None else end - 1
            bands.append(Band(least, most, int(chosen.sum()), _means_over(chosen, tables)))
    return bands
