"""Winograd's convolution against PyTorch's."""

import pytest
import torch
from torch.nn import functional

from visreason.nn import winograd
from visreason.nn.winograd import GridConvolution


@pytest.fixture
def taken(monkeypatch):
    """The number of calls that took Winograd's way."""
    calls, apply = [], winograd._Winograd.apply
    monkeypatch.setattr(winograd._Winograd, "apply", lambda *given: calls.append(1) or apply(*given))
    return calls


@pytest.mark.parametrize("images", [1, 11])
@pytest.mark.parametrize("shape", [(2, 2), (4, 10)])
@pytest.mark.parametrize("last", [True, False])
def test_maps_and_every_gradient_equal_the_plain_form(taken, images, shape, last):
    torch.manual_seed(0)
    convolution = GridConvolution(256, 128).double()
    layout = torch.channels_last if last else torch.contiguous_format
    maps = (
        torch.randn(images, 256, *shape, dtype=torch.float64)
        .contiguous(memory_format=layout)
        .requires_grad_()
    )
    inputs, found = [maps, convolution.weight, convolution.bias], []
    for form in (
        convolution,
        lambda x: functional.conv2d(x, convolution.weight, convolution.bias, padding=1),
    ):
        made = form(maps).relu_()
        found.append([made.detach(), *torch.autograd.grad((made**2).sum(), inputs)])
    assert len(taken) == 1
    for ours, expected in zip(*found, strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-10, atol=1e-10)


def test_in_single_precision_it_is_as_exact_as_is_asked(taken):
    torch.manual_seed(0)
    convolution, maps = GridConvolution(512, 128), torch.rand(3, 512, 14, 14)
    expected = functional.conv2d(maps, convolution.weight, convolution.bias, padding=1)
    torch.testing.assert_close(convolution(maps), expected, rtol=1e-5, atol=1e-5)
    ours, plain = (
        torch.autograd.grad((y**2).sum(), convolution.weight)[0] for y in (convolution(maps), expected)
    )
    assert (ours - plain).norm() <= 1e-5 * plain.norm()
    assert len(taken) == 2


def test_it_is_pytorchs_own_where_that_is_faster(taken):
    wide, narrow = GridConvolution(256, 128), GridConvolution(8, 128)
    wide(torch.rand(1, 256, 3, 4))
    narrow(torch.rand(1, 8, 4, 4))
    with torch.no_grad():
        wide(torch.rand(1, 256, 4, 4))
    with torch.autocast("cpu", torch.bfloat16):
        assert wide(torch.rand(1, 256, 4, 4)).dtype == torch.bfloat16
    wide.weight.requires_grad_(False)
    wide(torch.rand(1, 256, 4, 4))
    assert not taken
