import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from visreason.errors import UsageError
from visreason.metrics.retrieval import ndcg_at_k, recall_at_k, retrieval_scores, spearman

rankings = st.integers(2, 12).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 5), min_size=n, max_size=n)] * 2)
)


@given(rankings)
def test_spearman_is_scipys_with_equals_too(pair: tuple[list[int], list[int]]) -> None:
    found = spearman([pair[0]], [pair[1]])[0]
    if len(set(pair[0])) == 1 or len(set(pair[1])) == 1:
        assert found == 0
    else:
        assert found == pytest.approx(stats.spearmanr(*pair).statistic, abs=1e-12)


def test_spearman_of_each_query_by_itself() -> None:
    rng = np.random.default_rng(0)
    distances, truth = rng.random((2, 5, 30))
    expected = [stats.spearmanr(a, b).statistic for a, b in zip(distances, truth, strict=True)]
    assert spearman(distances, truth) == pytest.approx(expected)


def test_ndcg_by_hand() -> None:
    truth = [[0.0, 2.0, 4.0, 1.0]]  # gains 1, 2^0.5 - 1, 0, 2^0.75 - 1
    found = [[2.0, 1.0, 3.0, 4.0]]  # second, first, third, fourth
    half, most = 2**0.5 - 1, 2**0.75 - 1
    assert ndcg_at_k(found, truth, 1)[0] == pytest.approx(half)
    assert ndcg_at_k(found, truth, 2)[0] == pytest.approx(
        (half + 1 / math.log2(3)) / (1 + most / math.log2(3))
    )
    deep = (half + 1 / math.log2(3) + most / math.log2(5)) / (1 + most / math.log2(3) + half / 2)
    assert ndcg_at_k(found, truth, 4)[0] == pytest.approx(deep)


def test_ndcg_of_a_ranking_that_says_nothing_is_the_mean_over_all_orders() -> None:
    truth, k = np.array([[3.0, 1.0, 2.0, 5.0]]), 2
    orders = [np.random.default_rng(i).permutation(4)[None] for i in range(4000)]
    expected = np.mean([ndcg_at_k(order, truth, k) for order in orders])
    assert ndcg_at_k([[7, 7, 7, 7]], truth, k)[0] == pytest.approx(expected, abs=0.01)


def test_recall_by_hand() -> None:
    truth = [[1, 2, 3, 4, 5]]
    assert recall_at_k([[1, 2, 3, 4, 5]], truth, 3)[0] == 1
    assert recall_at_k([[5, 4, 3, 2, 1]], truth, 2)[0] == 0
    assert recall_at_k([[1, 5, 4, 3, 2]], truth, 2)[0] == 0.5
    assert recall_at_k([[0, 0, 0, 0, 0]], truth, 2)[0] == pytest.approx(2 / 5)


def test_whoever_is_as_near_as_the_kth_is_near() -> None:
    truth = [[1, 2, 2, 2, 9]]
    assert recall_at_k([[1, 3, 4, 2, 5]], truth, 2)[0] == 1
    assert recall_at_k([[1, 3, 4, 5, 2]], truth, 2)[0] == 0.5


@given(rankings, st.integers(1, 12))
def test_the_truth_ranks_best_and_all_lies_between_0_and_1(pair: tuple[list[int], list[int]], k: int) -> None:
    k = min(k, len(pair[0]))
    for figure in (ndcg_at_k, recall_at_k):
        assert figure([pair[0]], [pair[0]], k)[0] == pytest.approx(1)
        assert -1e-12 <= figure([pair[0]], [pair[1]], k)[0] <= 1 + 1e-12


@given(rankings)
def test_the_order_of_files_decides_nothing(pair: tuple[list[int], list[int]]) -> None:
    order = np.random.default_rng(len(pair[0])).permutation(len(pair[0]))
    here = [np.array([one]) for one in pair]
    there = [one[:, order] for one in here]
    for figure in (spearman, lambda a, b: ndcg_at_k(a, b, 2), lambda a, b: recall_at_k(a, b, 2)):
        assert figure(*here) == pytest.approx(figure(*there))


def test_means_with_intervals_over_queries() -> None:
    rng = np.random.default_rng(1)
    truth = rng.random((40, 20))
    distances = truth + rng.normal(0, 0.3, truth.shape)
    scores = retrieval_scores(distances, truth, ks=[1, 5])
    values = spearman(distances, truth)
    reach = stats.t.ppf(0.975, 39) * values.std(ddof=1) / math.sqrt(40)
    assert scores.spearman.value == pytest.approx(values.mean())
    assert scores.spearman.low == pytest.approx(values.mean() - reach, rel=1e-3)
    assert scores.ndcg[5].value == pytest.approx(ndcg_at_k(distances, truth, 5).mean())
    assert scores.to_dict()["recall"]["1"]["count"] == 40


def test_one_query_says_nothing_of_others() -> None:
    scores = retrieval_scores([[1, 2, 3]], [[1, 2, 3]], ks=[1])
    assert (scores.spearman.value, scores.spearman.low, scores.spearman.high) == (1, -1, 1)


def test_a_figure_that_never_varied_may_yet() -> None:
    scores = retrieval_scores([[3, 2, 1]] * 10, [[1, 2, 3]] * 10, ks=[1])
    assert scores.recall[1].value == 0
    assert 0.2 < scores.recall[1].high < 0.3
    assert scores.spearman.low == -1 < scores.spearman.high < -0.4


@pytest.mark.parametrize("k", [0, 4])
def test_k_must_fit(k: int) -> None:
    with pytest.raises(UsageError, match=f"from 1 to 3.* got {k}"):
        ndcg_at_k([[1, 2, 3]], [[1, 2, 3]], k)


@pytest.mark.parametrize("pair", [([[1, 2]], [[1, 2, 3]]), ([1, 2], [1, 2]), ([[]], [[]])])
def test_the_two_rankings_must_match(pair: tuple[list[object], list[object]]) -> None:
    with pytest.raises(UsageError, match="a distance and a true distance of each"):
        spearman(*pair)
