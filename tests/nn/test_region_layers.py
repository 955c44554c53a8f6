"""How layers of regions start, and that they keep the size of a map."""

import pytest
import torch

from visreason.nn.region_layers import convolution, linear


@pytest.mark.parametrize(("small", "share"), [(False, 2.0), (True, 0.45)])
@pytest.mark.parametrize("inputs", [64, 256])
def test_weights_let_the_same_share_of_variance_through_at_every_size(inputs, small, share):
    torch.manual_seed(0)
    for layer, fan_in in (
        (linear(inputs, 400, small=small), inputs),
        (convolution(inputs, 64, small=small), 9 * inputs),
        (convolution(inputs, 400, side=1, small=small), inputs),
    ):
        assert layer.weight.mean().item() == pytest.approx(0, abs=0.01)
        assert (fan_in * layer.weight.var()).item() == pytest.approx(share, rel=0.05)


def test_the_published_sizes_start_as_published():
    """Gates and scores: a deviation of 0.01 at 4,096 numbers and at 3 x 3 cells of 512."""
    torch.manual_seed(0)
    assert linear(4096, 200, small=True).weight.std().item() == pytest.approx(0.01, rel=0.06)
    assert convolution(512, 32, small=True).weight.std().item() == pytest.approx(0.01, rel=0.06)


def test_biases_start_at_zero_or_are_not_there():
    for layer in (linear(3, 4), convolution(3, 4)):
        assert not layer.bias.any()
    for layer in (linear(3, 4, bias=False), convolution(3, 4, bias=False)):
        assert layer.bias is None


@pytest.mark.parametrize("side", [1, 3, 5])
def test_a_convolution_keeps_the_size(side):
    assert convolution(2, 6, side=side)(torch.rand(1, 2, 7, 4)).shape == (1, 6, 7, 4)
