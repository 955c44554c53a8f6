import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from visreason.metrics.intervals import Interval, clustered_fraction, share_of
from visreason.metrics.shares import Shares

CLUSTERS = st.lists(st.lists(st.sampled_from("abc"), max_size=6), min_size=1, max_size=12)


def rounded(interval: Interval) -> tuple[float, ...]:
    return tuple(round(part, 9) for part in interval.to_dict().values())


@given(CLUSTERS)
def test_intervals_are_those_of_all_samples_at_once(clusters: list[list[str]]) -> None:
    shares = Shares()
    for values in clusters:
        shares.add(values)
    samples = [(value, place) for place, values in enumerate(clusters) for value in values]
    assert shares.total == len(samples)
    for value in "abc" if samples else "":
        hits = [one == value for one, _ in samples]
        assert rounded(shares.interval(value)) == rounded(
            clustered_fraction(hits, [place for _, place in samples])
        )


def test_the_dictionary_has_the_order_asked_for_and_every_value() -> None:
    shares = Shares()
    shares.add(["b", "x"])
    assert list(shares.to_dict("abc")) == ["a", "b", "c", "x"]
    assert shares.to_dict("abc")["a"]["value"] == 0
    assert Shares().to_dict("abc") == {}


def test_the_share_of_independent_samples() -> None:
    assert share_of(3, 8) == clustered_fraction(np.arange(8) < 3, np.arange(8))
    assert share_of(0, 8).value == 0
