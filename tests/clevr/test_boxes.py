import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visreason.clevr.boxes import Box, around, box_from_json, mask_boxes, overlap
from visreason.errors import DataError

BOXES = st.tuples(*[st.integers(-20, 20)] * 2, *[st.integers(1, 20)] * 2)


def pixels(box: Box) -> set[tuple[int, int]]:
    x, y, w, h = map(int, box)
    return {(column, row) for column in range(x, x + w) for row in range(y, y + h)}


@given(BOXES, BOXES)
def test_overlap_counts_pixels(first: Box, second: Box) -> None:
    one, other = pixels(first), pixels(second)
    assert overlap(first, second) == pytest.approx(len(one & other) / len(one | other))
    assert overlap(first, second) == overlap(second, first)
    assert overlap(first, first) == 1


@given(BOXES, BOXES)
def test_the_box_around_two_is_the_smallest(first: Box, second: Box) -> None:
    both = pixels(first) | pixels(second)
    columns, rows = zip(*both, strict=True)
    x, y, w, h = around(first, second)
    assert (x, y, x + w - 1, y + h - 1) == (min(columns), min(rows), max(columns), max(rows))


def test_boxes_of_a_mask() -> None:
    mask_HW = np.full((6, 9), -1, np.int16)
    mask_HW[2:4, 3:8] = 0
    mask_HW[5, 0] = 2
    assert mask_boxes(mask_HW, 3) == [(3, 2, 5, 2), None, (0, 5, 1, 1)]
    assert mask_boxes(mask_HW, 0) == []


@pytest.mark.parametrize(
    "value", [None, "box", [1, 2, 3], [1, 2, 3, "4"], [1, 2, 3, True], [0, 0, float("inf"), 1]]
)
def test_what_is_no_box_is_an_error(value: object) -> None:
    with pytest.raises(DataError, match=r"'bbox' should be \[x, y, width, height\]"):
        box_from_json(value, "expression 3, 'bbox'")


@pytest.mark.parametrize("value", [[1, 2, 0, 4], [1, 2, 3, -4]])
def test_an_empty_box_is_an_error(value: list[int]) -> None:
    with pytest.raises(DataError, match="should be positive"):
        box_from_json(value, "expression 3, 'bbox'")
