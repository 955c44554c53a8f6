import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from visreason.trace.links import Spot
from visreason.trace.picture import anchor_scale, canvas_size, draw_image, glow, link_control
from visreason.trace.schema import Trace
from visreason.trace.style import AGAINST, FOR


def test_the_canvas_is_the_images_else_the_traces_else_clevrs(grid):
    assert canvas_size(grid, np.zeros((10, 20, 3), np.uint8)) == (10, 20)
    assert canvas_size(grid, None) == (128, 128)
    assert canvas_size(Trace(family="x", steps=()), None) == (320, 480)


def test_anchors_scale_to_the_image(grid):
    assert anchor_scale(grid, (320, 480)) == (3.75, 2.5)


def test_glow_is_warm_where_it_speaks_for_and_blue_where_against(grid):
    light = glow(grid.steps[1], (3.75, 2.5), (320, 480))
    assert light.shape == (80, 120, 4)

    def colour_at(cell):
        row, column = divmod(cell, 8)
        return light[int(row * 16 * 2.5 / 4), int(column * 16 * 3.75 / 4)]

    assert colour_at(45)[:3] == pytest.approx(to_rgb(FOR))
    assert colour_at(51)[:3] == pytest.approx(to_rgb(AGAINST))
    assert colour_at(45)[3] > 0.3
    assert colour_at(12)[3] < 0.05  # floor


def test_curves_bend_upwards_in_either_direction():
    left, right = Spot(0, 100, 1, (0,)), Spot(200, 100, 1, (1,))
    assert link_control(left, right)[1] < 100
    assert link_control(right, left) == link_control(left, right)


def test_links_are_drawn_and_the_strongest_labelled(objects):
    axes = Figure().add_subplot()
    draw_image(axes, objects, None)
    assert [text.get_text() for text in axes.texts] == ["+0.5", "−1.5", "+3.0"]
    dashed = [patch.get_linestyle() for patch in axes.patches if patch.get_edgecolor()[:3] == to_rgb(AGAINST)]
    assert len(dashed) == 1
    assert dashed[0] != "solid"
