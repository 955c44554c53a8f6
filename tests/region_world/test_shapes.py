import numpy as np
import pytest

from visreason.region_world.shapes import SHAPES


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_are_bounded_and_have_an_inside(name: str) -> None:
    y_HW, x_HW = np.mgrid[-2:2:101j, -2:2:101j]
    inside_HW = SHAPES[name](x_HW, y_HW) < 0
    assert 0.3 < inside_HW.sum() * 0.04**2 < 4
    assert not inside_HW[np.hypot(x_HW, y_HW) > 1.36].any()


@pytest.mark.parametrize("name", sorted(set(SHAPES) - {"star"}))
def test_distances_grow_no_faster_than_the_way(name: str) -> None:
    """Else edges would not be smooth; a star's are nearly so."""
    y_HW, x_HW = np.mgrid[-1.5:1.5:61j, -1.5:1.5:61j]
    distance_HW = SHAPES[name](x_HW, y_HW)
    assert abs(np.diff(distance_HW, axis=0)).max() <= 0.05 + 1e-9
    assert abs(np.diff(distance_HW, axis=1)).max() <= 0.05 + 1e-9


@pytest.mark.parametrize("name", ["cross", "disc", "block", "ring"])
def test_what_stands_left_and_right_alike_is_symmetric(name: str) -> None:
    y_HW, x_HW = np.mgrid[-1.5:1.5:41j, -1.5:1.5:41j]
    np.testing.assert_allclose(SHAPES[name](x_HW, y_HW), SHAPES[name](-x_HW, y_HW), atol=1e-12)
