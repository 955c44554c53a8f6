import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visreason.retrieval import exact


def plain(features_ND: np.ndarray, queries_QD: np.ndarray) -> np.ndarray:
    return np.sqrt(((queries_QD[:, None].astype(np.float64) - features_ND.astype(np.float64)) ** 2).sum(2))


def search(features_ND: np.ndarray, queries_QD: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    queries = torch.from_numpy(queries_QD)
    return exact.rank(
        features_ND, queries, exact.nearest(features_ND, exact.centre(features_ND), queries, k), k
    )


@settings(deadline=None, max_examples=40)
@given(
    count=st.integers(1, 90),
    queries=st.integers(1, 4),
    k=st.integers(1, 100),
    block=st.sampled_from([1, 40, 10**6]),
)
def test_finds_what_sorting_all_distances_finds(count: int, queries: int, k: int, block: int) -> None:
    rng = np.random.default_rng(count)
    features, asked = (
        rng.standard_normal((count, 6), np.float32),
        rng.standard_normal((queries, 6), np.float32),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exact.blocks, "__defaults__", (block,))
        numbers, distances = search(features, asked, k)
        everything = exact.distances(features, torch.from_numpy(asked))
    expected = plain(features, asked)
    assert numbers.tolist() == expected.argsort(axis=1, kind="stable")[:, :k].tolist()
    np.testing.assert_allclose(distances, np.sort(expected, axis=1)[:, :k], rtol=1e-5)
    np.testing.assert_allclose(everything, expected, rtol=1e-5)


def test_long_vectors_that_lie_close_together_are_told_apart() -> None:
    rng = np.random.default_rng(0)
    features = (1000 + 0.01 * rng.standard_normal((500, 32))).astype(np.float32)
    numbers, distances = search(features, features[:20], 3)
    assert numbers[:, 0].tolist() == list(range(20))
    assert not distances[:, 0].any()
    assert numbers.tolist() == plain(features, features[:20]).argsort(axis=1)[:, :3].tolist()


def test_half_precision_is_searched_as_it_is() -> None:
    features = np.random.default_rng(0).standard_normal((50, 8)).astype(np.float16)
    numbers, distances = search(features, features[:5].astype(np.float32), 2)
    assert numbers[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert not distances[:, 0].any()


def test_equals_come_in_the_order_of_their_numbers() -> None:
    numbers, _ = search(np.ones((9, 3), np.float32), np.zeros((1, 3), np.float32), 4)
    assert numbers.tolist() == [[0, 1, 2, 3]]


def test_candidates_that_are_none_come_last() -> None:
    features = np.eye(3, dtype=np.float32)
    numbers, distances = exact.rank(features, torch.zeros(1, 3), np.array([[2, -1]]), 2)
    assert numbers.tolist() == [[2, -1]]
    assert distances.tolist() == [[1.0, np.inf]]
