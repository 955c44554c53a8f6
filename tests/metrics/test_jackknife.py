from dataclasses import replace

import numpy as np
import pytest

from visreason.metrics.intervals import clustered_fraction, clustered_mean
from visreason.metrics.jackknife import deal_groups, jackknife_interval, jackknifed


def test_a_mean_has_the_interval_of_its_clusters() -> None:
    rng = np.random.default_rng(3)
    clusters = np.repeat(np.arange(40), 5)
    values = np.clip(rng.normal(0.5, 0.05, 40)[clusters] + rng.normal(0, 0.1, 200), 0, 1)
    parts = [values.mean(), *(values[clusters != one].mean() for one in range(40))]
    jackknife, linear = jackknife_interval(np.array(parts), 200), clustered_mean(values, clusters)
    assert (jackknife.low, jackknife.high) == pytest.approx((linear.low, linear.high), abs=1e-3)


def test_many_images_make_fifty_groups_of_about_equal_size() -> None:
    groups, count = deal_groups(np.repeat(np.arange(120) * 7, 2))
    assert count == 50
    assert set(np.bincount(groups).tolist()) == {4, 6}
    assert (groups[::2] == groups[1::2]).all()


def test_a_group_that_holds_everything_counts_as_no_change() -> None:
    missing, same = (jackknife_interval(np.array([0.5, one, 0.5, 0.52]), 3) for one in (np.nan, 0.5))
    assert missing == same
    assert 0.4 < missing.low < 0.5


@pytest.mark.parametrize("groups", [2, 9, 50])
def test_what_no_group_changes_is_as_sure_as_so_many_samples(groups: int) -> None:
    for value in (0.0, 1.0):
        found = jackknife_interval(np.full(1 + groups, value), 700)
        expected = clustered_fraction(np.full(100, value), np.arange(100) % groups)
        assert found == replace(expected, count=700)
    half = jackknife_interval(np.full(1 + groups, 0.5), 700)
    assert 0.5 / groups**0.5 < half.high - half.low < 1


def test_one_group_tells_nothing() -> None:
    interval = jackknife_interval(np.array([0.5, 0.7]), 3)
    assert (interval.low, interval.high) == (0.0, 1.0)


def test_a_figure_of_images_is_asked_without_each_group_of_them() -> None:
    values = np.random.default_rng(5).random(120)
    asked: list[int] = []

    def mean(rows: np.ndarray) -> float:
        asked.append(len(rows))
        return float(values[rows].mean())

    found = jackknifed(mean, 120)
    assert sorted(asked) == [117] * 20 + [118] * 30 + [120]
    expected = clustered_mean(values, np.arange(120))
    assert (found.value, found.count) == (values.mean(), 120)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.02)


def test_a_figure_may_be_less_than_nothing() -> None:
    found = jackknife_interval(np.array([-2.0, -1.9, -2.1]), 9, least=float("-inf"))
    assert found.low < found.value == -2 < found.high
    assert jackknifed(lambda rows: -1.0, 1, least=-5.0).low == -5
