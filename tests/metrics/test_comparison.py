import json
import math

import pytest

from visreason.metrics.comparison import Comparison
from visreason.metrics.intervals import Interval


@pytest.mark.parametrize(
    ("value", "low", "high", "published", "reach", "deviates"),
    [
        (0.20, 0.15, 0.26, 0.11, 0.0, False),  # 0.09 away, twice 0.05 is more
        (0.20, 0.15, 0.26, 0.09, 0.0, True),
        (0.20, 0.15, 0.26, 0.31, 0.0, False),  # the side of the published figure counts
        (0.20, 0.15, 0.26, 0.33, 0.0, True),
        (0.20, 0.15, 0.26, 0.09, 0.05, False),  # a published figure may be off too
        (0.5, 0.5, 0.5, 0.5, 0.0, False),
    ],
)
def test_a_share_deviates_beyond_twice_both_intervals(
    value: float, low: float, high: float, published: float, reach: float, deviates: bool
) -> None:
    one = Comparison("share", Interval(value, low, high, 99), published, "design", reach=reach)
    assert one.deviates is deviates


@pytest.mark.parametrize(
    ("here", "published", "source", "deviates"),
    [
        ((0.24, 1.0), (0.25, math.inf), "design", True),
        ((0.24995, 99.0), (0.25, math.inf), "design", False),
        ((4, 43), (5, 42), "test", False),  # a larger sample reaches further
        ((2, 43), (5, 42), "test", True),
        ((5, 45), (5, 42), "test", True),
        ((4, 43), (5, 42), "design", True),
    ],
)
def test_a_range_deviates_when_it_leaves_the_published_one(
    here: tuple[float, float], published: tuple[float, float], source: str, deviates: bool
) -> None:
    assert Comparison("range", here, published, source).deviates is deviates


def test_cells_and_documents() -> None:
    rows = [
        Comparison("a", Interval(0.5, 0.4, 0.6, 10), 0.25, "design"),
        Comparison("b", Interval(18.4, 18.0, 18.8, 10), 18.7, "test", "words"),
        Comparison("c", (0.3, 7.0), (0.25, math.inf), "design", "units"),
        Comparison("d", (90, 90)),
    ]
    assert [row.cells() for row in rows] == [
        ("a", "50.0 % (40.0–60.0)", "25.0 %"),
        ("b", "18.40 (18.00–18.80) words", "18.7 words"),
        ("c", "0.3–7 units", "from 0.25 units"),
        ("d", "90", ""),
    ]
    documents = [json.loads(json.dumps(row.to_dict())) for row in rows]
    assert documents[0] == {
        "figure": "a",
        "here": {"value": 0.5, "low": 0.4, "high": 0.6, "count": 10},
        "published": 0.25,
        "unit": "share",
        "source": "design",
        "deviates": True,
    }
    assert documents[2]["published"] == [0.25, None]
    assert (documents[3]["published"], documents[3]["source"], documents[3]["deviates"]) == (
        None,
        None,
        False,
    )
