"""Fractions with 95 % intervals when the samples come in clusters, such as ten questions about one image."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from visreason.errors import UsageError

_Z = 1.959963984540054
"""The 97.5 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A fraction, its 95 % interval and the number of samples it was counted over.

    Example:
        >>> Interval(0.9, 0.85, 0.94, 120).to_dict()
        {'value': 0.9, 'low': 0.85, 'high': 0.94, 'count': 120}
        >>> print(Interval(0.9, 0.85, 0.94, 120))
        90.0 % (85.0–94.0)
    """

    value: float
    low: float
    high: float
    count: int

    def to_dict(self) -> dict[str, float | int]:
        """Return the form of `metrics.json`."""
        return {"value": self.value, "low": self.low, "high": self.high, "count": self.count}

    def __str__(self) -> str:
        return f"{self.value:.1%} ({100 * self.low:.1f}–{100 * self.high:.1f})".replace("%", " %")


def clustered_fraction(hits: ArrayLike, clusters: ArrayLike) -> Interval:
    r"""Estimate a fraction p and its 95 % interval, allowing for samples of one cluster being alike.

    With n samples in G clusters, the linearised (cluster-robust) variance of the ratio estimator is

    .. math:: v = \frac{G}{G-1} \sum_g \Bigl(\sum_{i \in g} (y_i - p)\Bigr)^2 / n^2,

    the design effect is :math:`d = \max(1, v / (p (1-p) / n))`, and the interval is Wilson's with
    :math:`n_e = n / d` effective samples and Student's t of G - 1 degrees of freedom in place of the normal
    quantile

    .. math:: \frac{p + t^2/2n_e \pm t \sqrt{p(1-p)/n_e + t^2/4n_e^2}}{1 + t^2/n_e}.

    It stays inside 0 .. 1, is never narrower than for independent samples, and has a width at 0 % and 100 %
    too: there, and with a single cluster, the likeness inside clusters cannot be seen in the data, so each
    cluster counts as one sample (and the quantile is the normal one). Kish (1965), *Survey Sampling*, for v
    and d; Dean and Pagano (2015), https://doi.org/10.1093/jssam/smv024, for Wilson's interval with
    effective sample sizes.

    Args:
        hits: n truth values.
        clusters: n labels, equal for samples of one cluster (the image's index).

    Raises:
        UsageError: there are no samples, or the two differ in length.

    Example:
        >>> print(clustered_fraction([1, 1, 0, 1], clusters=[7, 7, 8, 9]))
        75.0 % (6.2–99.3)
        >>> print(clustered_fraction([True] * 50, clusters=range(50)))
        100.0 % (92.9–100.0)
    """
    y = np.asarray(hits, dtype=bool).astype(np.float64).ravel()
    labels = np.asarray(clusters).ravel()
    if y.size == 0 or y.size != labels.size:
        raise UsageError(
            f"a fraction needs samples and one cluster for each; got {y.size} and {labels.size}."
        )
    _, member = np.unique(labels, return_inverse=True)
    groups = int(member.max()) + 1
    p = float(y.mean())
    residuals = np.bincount(member, weights=y - p)
    return fraction_interval(p, y.size, groups, float(residuals @ residuals))


def clustered_mean(
    values: ArrayLike, clusters: ArrayLike, within: tuple[float, float] = (0.0, 1.0)
) -> Interval:
    r"""Estimate the mean of bounded values and its 95 % interval, allowing for samples of one cluster being alike.

    The interval is :math:`\bar y \pm t \sqrt{\max(v, s^2/n)}` with the cluster-robust variance v of
    `clustered_fraction`, the plain variance s² and Student's t of G - 1 degrees of freedom, cut to the bounds.
    A single cluster says nothing of others: the interval reaches from bound to bound. Where all values lie on one
    bound, each cluster counts as one sample of a fraction, as in `clustered_fraction`.

    Args:
        values: n numbers, such as overlaps of boxes.
        clusters: n labels, equal for samples of one cluster (the image's index).
        within: the least and the greatest that a value can be.

    Raises:
        UsageError: there are no samples, or the two differ in length.

    Example:
        >>> print(clustered_mean([0.8, 0.6, 0.7, 0.9], clusters=[7, 7, 8, 9]))
        75.0 % (50.4–99.6)
    """
    y, labels = np.asarray(values, np.float64).ravel(), np.asarray(clusters).ravel()
    if y.size == 0 or y.size != labels.size:
        raise UsageError(f"a mean needs samples and one cluster for each; got {y.size} and {labels.size}.")
    _, member = np.unique(labels, return_inverse=True)
    groups = int(member.max()) + 1
    mean = float(y.mean())
    if groups == 1:
        return Interval(mean, *within, y.size)
    if np.ptp(y) == 0 and mean in within:
        extreme = _wilson(float(mean == within[1]), groups, _Z, y.size)
        low, high = (within[0] + (within[1] - within[0]) * end for end in (extreme.low, extreme.high))
        return Interval(mean, low, high, y.size)
    sums_G = np.bincount(member, weights=y - mean)
    variance = max(groups / (groups - 1) * float(sums_G @ sums_G) / y.size**2, float(y.var()) / y.size)
    half = student_quantile(groups - 1) * math.sqrt(variance)
    return Interval(mean, max(within[0], mean - half), min(within[1], mean + half), y.size)


def fraction_interval(p: float, n: int, groups: int, residual: float) -> Interval:
    """The interval of `clustered_fraction`, from sums over the clusters.

    Args:
        p: the fraction.
        n: the number of samples.
        groups: the number of clusters G.
        residual: the sum over the clusters of (sum of y - p within the cluster) squared.

    Example:
        >>> fraction_interval(0.75, 4, 3, 0.875) == clustered_fraction([1, 1, 0, 1], clusters=[7, 7, 8, 9])
        True
    """
    spread = p * (1 - p) / n
    if groups == 1 or spread == 0:
        return _wilson(p, groups, _Z, n)
    variance = groups / (groups - 1) * residual / n**2
    return _wilson(p, n / max(1.0, variance / spread), student_quantile(groups - 1), n)


def share_of(hits: int, count: int) -> Interval:
    """The fraction hits / count of independent samples, with its 95 % interval.

    Example:
        >>> print(share_of(9, 10))
        90.0 % (52.3–98.7)
    """
    p = hits / count
    return fraction_interval(p, count, count, count * p * (1 - p))


def _wilson(p: float, effective: float, quantile: float, count: int) -> Interval:
    """Wilson's score interval for `effective` samples."""
    shrink = quantile**2 / effective
    centre = (p + shrink / 2) / (1 + shrink)
    half = quantile * math.sqrt(p * (1 - p) / effective + shrink / (4 * effective)) / (1 + shrink)
    return Interval(p, min(p, max(0.0, centre - half)), max(p, min(1.0, centre + half)), count)


def student_quantile(freedom: int) -> float:
    """Return the 97.5 % quantile of Student's t, to 0.2 % (to 1e-5 from 10 degrees of freedom on).

    Closed forms for 1 and 2 degrees of freedom; else the expansion in 1/freedom of Abramowitz and Stegun
    (1964), 26.7.5.

    Raises:
        UsageError: `freedom` is below 1.

    Example:
        >>> [round(student_quantile(freedom), 2) for freedom in (1, 2, 5, 30, 10_000)]
        [12.71, 4.3, 2.57, 2.04, 1.96]
    """
    if freedom < 1:
        raise UsageError(f"Student's t needs at least 1 degree of freedom; got {freedom}.")
    if freedom == 1:
        return math.tan(math.pi * 0.475)
    if freedom == 2:
        return 0.95 * math.sqrt(2 / (1 - 0.95**2))
    z, nu = _Z, freedom
    return (
        z
        + (z**3 + z) / (4 * nu)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * nu**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * nu**3)
        + (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / (92160 * nu**4)
    )
