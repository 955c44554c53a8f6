import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from visreason.errors import UsageError
from visreason.metrics.intervals import Interval, clustered_fraction, clustered_mean, student_quantile


def wilson(hits: int, count: int) -> tuple[float, float]:
    interval = stats.binomtest(hits, count).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def test_independent_samples_give_wilsons_interval() -> None:
    hits = np.arange(4000) % 4 > 0
    found = clustered_fraction(hits, range(4000))
    assert found.value == 0.75
    assert found.count == 4000
    assert (found.low, found.high) == pytest.approx(wilson(3000, 4000), abs=2e-5)


@pytest.mark.parametrize(("hits", "count"), [(0, 40), (40, 40)])
def test_at_the_ends_each_image_counts_once(hits: int, count: int) -> None:
    found = clustered_fraction([hits > 0] * 10 * count, np.repeat(np.arange(count), 10))
    assert (found.low, found.high) == pytest.approx(wilson(hits, count))
    assert found.count == 400


def test_one_image_tells_little() -> None:
    found = clustered_fraction([True, True, False, True], [5, 5, 5, 5])
    assert found.value == 0.75
    assert found.high - found.low > 0.7


def test_identical_questions_count_once() -> None:
    hits = np.random.default_rng(0).random(200) < 0.7
    once = clustered_fraction(hits, range(200))
    tenfold = clustered_fraction(np.repeat(hits, 10), np.repeat(np.arange(200), 10))
    assert (tenfold.low, tenfold.high) == pytest.approx((once.low, once.high), abs=2e-3)
    assert tenfold.count == 2000


def test_variance_is_the_cluster_robust_one() -> None:
    rng = np.random.default_rng(1)
    clusters = rng.integers(0, 60, 900)
    hits = rng.random(900) < rng.beta(2, 1, 60)[clusters]
    p, n = hits.mean(), 900
    totals = [(hits[clusters == one] - p).sum() for one in range(60)]
    variance = 60 / 59 * sum(total**2 for total in totals) / n**2
    effective, t = p * (1 - p) / variance, stats.t.ppf(0.975, 59)
    half = t / (1 + t**2 / effective) * math.sqrt(p * (1 - p) / effective + t**2 / (4 * effective**2))
    found = clustered_fraction(hits, clusters)
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=1e-4)


def test_the_interval_covers_the_truth_in_95_of_100_samples() -> None:
    rng = np.random.default_rng(2)
    trials, images, each, truth = 600, 80, 10, 0.9
    clusters = np.repeat(np.arange(images), each)
    covered = 0
    for _ in range(trials):
        chance = rng.beta(4.5, 0.5, images)  # mean 0.9, alike within an image
        found = clustered_fraction(rng.random(images * each) < chance[clusters], clusters)
        covered += found.low <= truth <= found.high
    assert 0.925 <= covered / trials <= 0.98


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=60))
def test_low_value_high_are_in_order(samples: list[tuple[bool, int]]) -> None:
    found = clustered_fraction(*zip(*samples, strict=True))
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.low < found.high


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=40), st.randoms())
def test_the_order_of_samples_does_not_matter(samples: list[tuple[bool, int]], random: Random) -> None:
    shuffled = random.sample(samples, len(samples))
    a, b = (clustered_fraction(*zip(*each, strict=True)) for each in (samples, shuffled))
    assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high), rel=1e-9)


def test_labels_of_clusters_do_not_matter() -> None:
    hits = [True, False, True, True, False, True]
    numbers = clustered_fraction(hits, [3, 3, 9, 9, 1, 1])
    assert numbers == clustered_fraction(hits, ["b", "b", "c", "c", "a", "a"])


@pytest.mark.parametrize(("hits", "clusters"), [([], []), ([True], []), ([True, False], [1])])
def test_samples_and_clusters_must_match(hits: list[bool], clusters: list[int]) -> None:
    with pytest.raises(UsageError, match=rf"got {len(hits)} and {len(clusters)}"):
        clustered_fraction(hits, clusters)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 9, 30, 400])
def test_students_quantile(freedom: int) -> None:
    assert student_quantile(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=2e-3)
    if freedom >= 9:
        assert student_quantile(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), rel=1e-5)


def test_no_freedom() -> None:
    with pytest.raises(UsageError, match="at least 1"):
        student_quantile(0)


def test_for_people_and_for_files() -> None:
    interval = Interval(0.5, 0.25, 1.0, 8)
    assert str(interval) == "50.0 % (25.0–100.0)"
    assert interval.to_dict() == {"value": 0.5, "low": 0.25, "high": 1.0, "count": 8}


def test_a_mean_at_its_bound_is_as_unsure_as_a_fraction() -> None:
    at_one = clustered_mean([1.0] * 40, range(40))
    assert (at_one.low, at_one.high) == pytest.approx(wilson(40, 40))
    at_minus_one = clustered_mean([-1.0] * 40, range(40), within=(-1.0, 1.0))
    assert (at_minus_one.low, at_minus_one.high) == pytest.approx((-1, 2 * wilson(0, 40)[1] - 1))


def test_a_mean_keeps_within_its_bounds() -> None:
    values = np.tile([-1.0, 1.0], 4)
    found = clustered_mean(values, range(8), within=(-1.0, 1.0))
    reach = stats.t.ppf(0.975, 7) * values.std(ddof=1) / math.sqrt(8)
    assert (found.low, found.high) == pytest.approx((-reach, reach), rel=2e-3)
    assert clustered_mean([0.0, 1.0, 1.0], range(3)).high == 1
