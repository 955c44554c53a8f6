import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visreason.errors import UsageError
from visreason.metrics.average_precision import average_precision, mean_average_precision


def by_definition(targets: list[bool], scores: list[float]) -> float:
    """Walk down the distinct scores; add precision times the gain in recall."""
    area, recall_before = 0.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        chosen = [target for target, score in zip(targets, scores, strict=True) if score >= threshold]
        recall = sum(chosen) / sum(targets)
        area += (recall - recall_before) * sum(chosen) / len(chosen)
        recall_before = recall
    return area


@given(st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), min_size=1, max_size=40))
def test_equals_its_definition_ties_included(samples: list[tuple[bool, int]]) -> None:
    targets, scores = [one for one, _ in samples], [float(score) for _, score in samples]
    found = average_precision(targets, scores)
    if any(targets):
        assert found == pytest.approx(by_definition(targets, scores))
    else:
        assert math.isnan(found)


@pytest.mark.parametrize(
    ("targets", "scores", "expected"),
    [
        ([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], 0.8333333333),  # the example of scikit-learn's manual
        ([1, 0], [0.9, 0.1], 1.0),
        ([0, 1], [0.9, 0.1], 0.5),
        ([1, 0, 1, 0], [0.5, 0.5, 0.5, 0.5], 0.5),
        ([1, 1, 1], [3.0, 2.0, 1.0], 1.0),
    ],
)
def test_known_values(targets: list[int], scores: list[float], expected: float) -> None:
    assert average_precision(targets, scores) == pytest.approx(expected)


def test_only_the_order_counts() -> None:
    rng = np.random.default_rng(0)
    targets, scores = rng.random(200) < 0.3, rng.normal(size=200)
    assert average_precision(targets, scores) == average_precision(targets, np.exp(scores) * 7)


def test_labels_that_never_occur_are_counted_not_averaged() -> None:
    found = mean_average_precision([[1, 0, 0], [0, 0, 1]], [[0.9, 0.5, 0.8], [0.1, 0.5, 0.2]])
    assert found.per_label[[0, 2]].tolist() == [1.0, 0.5]
    assert math.isnan(found.per_label[1])
    assert found.mean == 0.75
    assert found.absent == 1


def test_no_label_at_all() -> None:
    found = mean_average_precision(np.zeros((3, 2)), np.zeros((3, 2)))
    assert math.isnan(found.mean)
    assert found.absent == 2


def test_wrong_input() -> None:
    with pytest.raises(UsageError, match="got 1 and 2"):
        average_precision([1, 0], [0.5])
    with pytest.raises(UsageError, match="1 of 2 scores are NaN"):
        average_precision([1, 0], [0.5, float("nan")])
    with pytest.raises(UsageError, match=r"\(2, 1\) and \(1, 2\)"):
        mean_average_precision([[1], [0]], [[0.1, 0.2]])
