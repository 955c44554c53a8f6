"""Figures of boxes, and the interval of a mean."""

import pytest

from visreason.errors import UsageError
from visreason.metrics.intervals import clustered_mean
from visreason.metrics.locations import score_locations


def test_a_half_counts_as_located():
    scores = score_locations([0.5, 0.49, 1.0, 0.0], [0, 0, 1, 2], ["or", "or", "and", "and"])
    assert scores.iou50.value == 0.5
    assert scores.mean_iou.value == pytest.approx(0.4975)
    assert {name: one.value for name, one in scores.iou50_by_type.items()} == {"and": 0.5, "or": 0.5}
    assert scores.to_dict()["mean_iou"]["overall"]["count"] == 4


def test_kinds_may_be_unknown():
    assert score_locations([0.5], [0]).iou50_by_type == {}


def test_the_interval_of_a_mean_widens_where_samples_of_an_image_are_alike():
    values = [0.9, 0.9, 0.1, 0.1, 0.5, 0.5]
    alike, apart = clustered_mean(values, [0, 0, 1, 1, 2, 2]), clustered_mean(values, range(6))
    assert alike.value == apart.value == 0.5
    assert alike.high - alike.low > apart.high - apart.low
    assert (clustered_mean([0.5], [0]).low, clustered_mean([0.5], [0]).high) == (0.0, 1.0)
    with pytest.raises(UsageError, match="one cluster for each"):
        clustered_mean([], [])
