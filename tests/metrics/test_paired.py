import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from visreason.errors import UsageError
from visreason.metrics.paired import Paired, holm, mcnemar, paired_by_type

answers = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 6)), min_size=1, max_size=60)


@given(st.integers(0, 400), st.integers(0, 400))
def test_mcnemar_is_the_binomial_test_of_the_questions_that_differ(first: int, second: int) -> None:
    expected = binomtest(first, first + second).pvalue if first + second else 1.0
    assert mcnemar(first, second) == pytest.approx(expected, rel=1e-7)
    assert mcnemar(first, second) == mcnemar(second, first)


def test_many_questions_do_not_overflow() -> None:
    assert mcnemar(40_000, 41_000) == pytest.approx(binomtest(40_000, 81_000).pvalue, rel=1e-6)
    assert mcnemar(0, 100_000) == 0


@given(answers)
def test_a_comparison_is_the_difference_of_the_accuracies(rows: list[tuple[bool, bool, int]]) -> None:
    first, second, images = (list(column) for column in zip(*rows, strict=True))
    found = Paired.of(first, second, images)
    assert found.count == len(rows)
    assert found.difference == pytest.approx(np.mean(second) - np.mean(first))
    assert -1 <= found.low <= found.difference <= found.high <= 1
    assert found.high > found.low
    other = Paired.of(second, first, images)
    assert (other.difference, other.p) == (-found.difference, found.p)
    assert (other.low, other.high) == pytest.approx((-found.high, -found.low))


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng, hits = np.random.default_rng(0), 0
    for _ in range(400):
        skill = rng.random((40, 1))
        first, second = rng.random((40, 5)) < 0.4 + 0.3 * skill, rng.random((40, 5)) < 0.5 + 0.3 * skill
        found = Paired.of(first.ravel(), second.ravel(), np.repeat(np.arange(40), 5))
        hits += found.low <= 0.1 <= found.high
    assert 0.91 < hits / 400 <= 1


def test_two_models_that_never_differ_are_not_known_to_be_alike() -> None:
    few, many = (Paired.of([1, 0] * n, [1, 0] * n, range(2 * n)) for n in (3, 300))
    assert few.high == -few.low > 0.3
    assert 0 < many.high < 0.01
    assert many.p == 1
    assert str(Paired(1, 2, 1, 0, -0.9, 0.4, 1.0)) == "−25.0 (−90.0 to +40.0)"


def test_types_are_compared_apart() -> None:
    found = paired_by_type([1, 1, 0], [1, 0, 1], [0, 1, 2], ["count", "exist", "count"])
    assert list(found) == ["count", "exist"]
    assert (found["count"].second, found["exist"].first) == (1, 1)
    assert found["count"].to_dict()["difference"]["value"] == 0.5


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_raises_values_and_keeps_their_order(values: list[float]) -> None:
    adjusted = holm(values)
    assert all(value <= one <= 1 for value, one in zip(values, adjusted, strict=True))
    order = sorted(range(len(values)), key=lambda i: values[i])
    assert [adjusted[i] for i in order] == sorted(adjusted)


def test_bad_arguments() -> None:
    with pytest.raises(UsageError, match="2 and 1 answers"):
        Paired.of([1, 0], [1], [0, 1])
    with pytest.raises(UsageError, match="two answers"):
        Paired.of([], [], [])
