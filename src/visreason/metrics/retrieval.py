"""How well a ranking of images agrees with the true one: Spearman's correlation, nDCG@k and recall@k, query by query.

Shape suffixes: Q queries, N candidates of each, the query itself not among them.

Both rankings are given as distances. Where distances are equal, all orders of the equals are equally likely, and
the figures are what is expected over them; no order of files decides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from visreason.errors import UsageError
from visreason.metrics.intervals import Interval, clustered_mean

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class RetrievalScores:
    """Means over queries, with 95 % intervals.

    Attributes:
        spearman: the rank correlation, from -1 to 1.
        ndcg: by k.
        recall: by k.
    """

    spearman: Interval
    ndcg: Mapping[int, Interval]
    recall: Mapping[int, Interval]

    def to_dict(self) -> dict[str, Any]:
        """The form of `metrics.json`."""
        by_k = {"ndcg": self.ndcg, "recall": self.recall}
        return {"spearman": self.spearman.to_dict()} | {
            name: {str(k): one.to_dict() for k, one in figures.items()} for name, figures in by_k.items()
        }


def retrieval_scores(distances_QN: ArrayLike, truth_QN: ArrayLike, ks: Sequence[int]) -> RetrievalScores:
    """All figures of a ranking.

    Args:
        distances_QN: by which candidates are ranked.
        truth_QN: their true distances.
        ks: the depths of nDCG and recall.

    Raises:
        UsageError: as `spearman` and `ndcg_at_k`.

    Example:
        >>> scores = retrieval_scores([[1, 2, 3], [3, 2, 1]], [[1, 2, 3], [1, 2, 3]], ks=[1])
        >>> scores.spearman.value, scores.recall[1].value
        (0.0, 0.5)
    """

    def mean(values_Q: Values, least: float = 0.0) -> Interval:
        return clustered_mean(values_Q, np.arange(len(values_Q)), within=(least, 1.0))

    def by_k(figure: Callable[[ArrayLike, ArrayLike, int], Values]) -> dict[int, Interval]:
        return {k: mean(figure(distances_QN, truth_QN, k)) for k in ks}

    return RetrievalScores(mean(spearman(distances_QN, truth_QN), -1.0), by_k(ndcg_at_k), by_k(recall_at_k))


def spearman(distances_QN: ArrayLike, truth_QN: ArrayLike) -> Values:
    """Spearman's rank correlation of each query, [Q]: Pearson's of the ranks, equals sharing their mean rank.

    0 where one of the two does not order the candidates at all.

    Raises:
        UsageError: the two differ in shape, or there are no candidates.

    Example:
        >>> spearman([[0.1, 0.5, 0.9]], [[2, 5, 3]]).tolist()
        [0.5]
    """
    distances, truth = _matrices(distances_QN, truth_QN)
    first, second = (ranks - ranks.mean(1, keepdims=True) for ranks in map(_ranks, (distances, truth)))
    scale_Q = np.sqrt((first**2).sum(1) * (second**2).sum(1))
    return _share((first * second).sum(1), scale_Q, otherwise=0.0)


def ndcg_at_k(distances_QN: ArrayLike, truth_QN: ArrayLike, k: int) -> Values:
    r"""The normalised discounted cumulative gain of the first k places of each query, [Q].

    .. math:: \mathrm{DCG@}k = \sum_{p=1}^{k} \frac{2^{g_p} - 1}{\log_2(p + 1)},
              \qquad g = 1 - \frac{d}{\max d},

    over the DCG of the true order, d being the true distances from this query. Järvelin and Kekäläinen (2002),
    https://doi.org/10.1145/582415.582418, with exponential gains; expected gains at equals as in McSherry and Najork
    (2008), https://doi.org/10.1007/978-3-540-78646-7_38. 1 where all candidates are equally far.

    Raises:
        UsageError: k is not from 1 to the number of candidates, or as `spearman`.

    Example:
        >>> ndcg_at_k([[1, 2, 3]], [[0, 1, 2]], k=3).tolist()
        [1.0]
    """
    distances, truth = _matrices(distances_QN, truth_QN, k)
    farthest_Q1 = truth.max(1, keepdims=True)
    gains = np.exp2(1 - truth / np.where(farthest_Q1 > 0, farthest_Q1, 1.0)) - 1
    places = np.arange(1, truth.shape[1] + 1)
    discounts_N = np.where(places <= k, 1 / np.log2(places + 1), 0.0)
    found_Q = (gains * _expected(discounts_N, distances)).sum(1)
    ideal_Q = -np.sort(-gains, axis=1) @ discounts_N
    return _share(found_Q, ideal_Q, otherwise=1.0)


def recall_at_k(distances_QN: ArrayLike, truth_QN: ArrayLike, k: int) -> Values:
    """The share of the first k places of each query that hold one of its k nearest candidates, [Q].

    A candidate as far as the k-th nearest is one of the nearest too, so a ranking by the truth itself has 1.

    Raises:
        UsageError: as `ndcg_at_k`.

    Example:
        >>> recall_at_k([[1, 2, 3, 4]], [[1, 4, 2, 3]], k=2).tolist()
        [0.5]
    """
    distances, truth = _matrices(distances_QN, truth_QN, k)
    nearest = truth <= np.partition(truth, k - 1, axis=1)[:, k - 1 : k]
    first_N = (np.arange(truth.shape[1]) < k).astype(np.float64)
    return np.asarray((nearest * _expected(first_N, distances)).sum(1) / k)


def _matrices(distances_QN: ArrayLike, truth_QN: ArrayLike, k: int = 1) -> tuple[Values, Values]:
    """Both as matrices of one shape."""
    distances, truth = (np.asarray(one, np.float64) for one in (distances_QN, truth_QN))
    if distances.shape != truth.shape or distances.ndim != 2 or distances.size == 0:
        raise UsageError(
            "a ranking needs a distance and a true distance of each candidate; got "
            f"{list(distances.shape)} and {list(truth.shape)}."
        )
    if not 1 <= k <= distances.shape[1]:
        raise UsageError(
            f"k must be from 1 to {distances.shape[1]}, the number of candidates a query has; got {k}."
        )
    return distances, truth


def _share(parts_Q: Values, wholes_Q: Values, otherwise: float) -> Values:
    """Part by whole, and another value where the whole is 0."""
    shares_Q = np.full(len(wholes_Q), otherwise)
    np.divide(parts_Q, wholes_Q, out=shares_Q, where=wholes_Q > 0)
    return shares_Q


def _ranks(values_QN: Values) -> Values:
    """Ranks from 1, equals sharing their mean."""
    return np.asarray(rankdata(values_QN, axis=1), np.float64)


def _expected(weights_N: Values, distances_QN: Values) -> Values:
    """Each candidate's expected weight, the weights belonging to places, over all orders of equals."""
    first_QN, last_QN = (rankdata(distances_QN, method, axis=1).astype(np.intp) for method in ("min", "max"))
    sums = np.concatenate(([0.0], np.cumsum(weights_N)))
    return np.asarray((sums[last_QN] - sums[first_QN - 1]) / (last_QN - first_QN + 1))
