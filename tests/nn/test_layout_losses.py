"""Losses of layouts and places, by their formulas."""

import math

import pytest
import torch

from visreason.nn.layout_losses import SMALLEST, layout_loss, location_loss, ramp, sharpening_loss


def test_every_step_of_a_layout_counts_alike_with_those_that_do_nothing():
    logits = torch.randn(2, 3, 9, generator=torch.Generator().manual_seed(0))
    layouts = torch.tensor([[1, 7, 0], [1, 0, 0]])
    chances = logits.log_softmax(2)
    each = [-chances[row, step, layouts[row, step]] for row in range(2) for step in range(3)]
    torch.testing.assert_close(layout_loss(logits, layouts), torch.stack(each).mean())


def test_undecided_steps_cost_more():
    even, sure = torch.zeros(1, 1, 4), torch.tensor([[[99.0, 0, 0, 0]]])
    assert sharpening_loss(even).item() == pytest.approx(math.log(4))
    assert sharpening_loss(even, "maximum").item() == pytest.approx(0.75)
    for kind in ("entropy", "maximum"):
        assert sharpening_loss(sure, kind).item() == pytest.approx(0, abs=1e-6)
        assert torch.isfinite(sharpening_loss(1e4 * sure, kind))


def test_tiny_chances_are_counted_as_the_smallest():
    logits = torch.tensor([[[0.0, -20.0]]])
    chances = logits.softmax(2)[0, 0].double()
    expected = -(chances[0] * chances[0].log() + chances[1] * math.log(SMALLEST))
    assert sharpening_loss(logits).item() == pytest.approx(expected.item(), abs=1e-9)


@pytest.mark.parametrize(("step", "scale"), [(0, 0), (10, 0), (15, 0.5), (20, 1), (99, 1)])
def test_a_ramp_rises_straight(step, scale):
    assert ramp(step, 10, 20) == scale


def test_corners_count_at_the_true_cell_alone():
    places, corners = torch.randn(2, 6), torch.randn(2, 6, 4)
    cells, offsets = torch.tensor([4, 1]), torch.randn(2, 4)
    place, corner = location_loss(places, corners, cells, offsets)
    torch.testing.assert_close(place, torch.nn.functional.cross_entropy(places, cells))
    expected = (
        (corners[0, 4] - offsets[0]).square().mean() + (corners[1, 1] - offsets[1]).square().mean()
    ) / 2
    torch.testing.assert_close(corner, expected)
