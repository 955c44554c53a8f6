import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from visreason.data.regions.boxes import around, cut, from_sides, mirror, overlaps


@st.composite
def boxes(draw: st.DrawFn) -> np.ndarray:
    """Boxes of whole pixels in a picture of 12 x 9."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    x, y = np.sort(rng.integers(0, 12, (4, 2)), axis=1), np.sort(rng.integers(0, 9, (4, 2)), axis=1)
    return np.stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]], axis=1).astype(np.float32)


def painted(box: np.ndarray) -> np.ndarray:
    mask = np.zeros((9, 12), bool)
    x1, y1, x2, y2 = box.astype(int)
    mask[y1 : y2 + 1, x1 : x2 + 1] = True
    return mask


@given(boxes())
def test_what_is_painted_is_found_mirrored_and_counted(some: np.ndarray) -> None:
    for box, turned in zip(some, mirror(some, 12), strict=True):
        assert around(painted(box)) == tuple(box.astype(int))
        np.testing.assert_array_equal(painted(turned), painted(box)[:, ::-1])
    np.testing.assert_array_equal(mirror(mirror(some, 12), 12), some)
    found = overlaps(some, some)
    for row, one in enumerate(map(painted, some)):
        for column, other in enumerate(map(painted, some)):
            assert np.isclose(found[row, column], (one & other).sum() / (one | other).sum())


def test_nothing_is_around_nothing() -> None:
    assert around(np.zeros((3, 3), bool)) is None


def test_boxes_inside_are_not_cut() -> None:
    inside = np.array([[0, 0, 11, 8], [3, 2, 5, 4]], np.float32)
    np.testing.assert_array_equal(cut(inside, 12, 9), inside)


def test_sides() -> None:
    assert from_sides(2, 3, 4, 1) == (2, 3, 5, 3)
    x1, _, x2, _ = from_sides(2, 3, -4, 5)
    assert x2 < x1
