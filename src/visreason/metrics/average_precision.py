"""Average precision of multi-label predictions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from visreason.errors import UsageError


def average_precision(targets: ArrayLike, scores: ArrayLike) -> float:
    r"""Return the area under the precision-recall steps of one label.

    .. math:: \mathrm{AP} = \sum_k (R_k - R_{k-1}) P_k

    over the distinct scores in falling order, with precision P and recall R of "score at least the k-th".
    Samples with equal scores enter together, so their order cannot matter, and nothing is interpolated.
    This is scikit-learn's `average_precision_score`; Davis and Goadrich (2006),
    https://doi.org/10.1145/1143844.1143874, say why not to interpolate.

    Args:
        targets: n truth values.
        scores: n numbers, higher for "present".

    Returns:
        The area, 0 to 1; NaN where no target is true, because there is nothing to find.

    Raises:
        UsageError: the lengths differ, there are no samples or a score is NaN.

    Example:
        >>> round(average_precision([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 4)
        0.8333
    """
    truth = np.asarray(targets).astype(bool).ravel()
    score = np.asarray(scores, np.float64).ravel()
    if truth.size != score.size or truth.size == 0:
        raise UsageError(
            f"average precision needs as many scores as targets; got {score.size} and {truth.size}."
        )
    if np.isnan(score).any():
        raise UsageError(
            f"{int(np.isnan(score).sum())} of {score.size} scores are NaN; the model has diverged."
        )
    if not truth.any():
        return float("nan")
    order = np.argsort(-score, kind="stable")
    score = score[order]
    last_of_tie = np.append(score[1:] != score[:-1], True)
    found = np.cumsum(truth[order])[last_of_tie]
    named = np.flatnonzero(last_of_tie) + 1
    recall = found / found[-1]
    return float(np.diff(recall, prepend=0.0) @ (found / named))


@dataclass(frozen=True, slots=True)
class LabelPrecision:
    """Average precision of several labels.

    Attributes:
        per_label: [labels], NaN for a label that never occurs.
        mean: over the labels that occur.
        absent: how many labels never occur and are not in the mean.
    """

    per_label: NDArray[np.float64]
    mean: float
    absent: int


def mean_average_precision(targets_BL: ArrayLike, scores_BL: ArrayLike) -> LabelPrecision:
    """Return the average precision of every label and their mean, from [samples, labels] targets and scores.

    Raises:
        UsageError: the shapes differ or are not two-dimensional.

    Example:
        >>> result = mean_average_precision([[1, 0], [0, 0]], [[0.9, 0.2], [0.1, 0.3]])
        >>> result.mean, result.absent
        (1.0, 1)
    """
    truth, score = np.asarray(targets_BL), np.asarray(scores_BL)
    if truth.shape != score.shape or truth.ndim != 2:
        raise UsageError(
            f"targets and scores must both be [samples, labels]; got {truth.shape} and {score.shape}."
        )
    areas = np.array([average_precision(*columns) for columns in zip(truth.T, score.T, strict=True)])
    present = ~np.isnan(areas)
    return LabelPrecision(
        areas, float(areas[present].mean()) if present.any() else float("nan"), int((~present).sum())
    )
