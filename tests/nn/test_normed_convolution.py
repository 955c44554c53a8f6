"""A convolution of normalised maps against the three layers that it stands for."""

from copy import deepcopy

import pytest
import torch
from torch import Tensor, nn
from torch.testing import assert_close

from visreason.nn import normed_convolution as module
from visreason.nn.normed_convolution import normed_convolution


@pytest.fixture
def layers() -> tuple[nn.BatchNorm2d, nn.Conv2d]:
    torch.manual_seed(0)
    norm, convolution = nn.BatchNorm2d(3), nn.Conv2d(3, 4, 3, stride=2, padding=1)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    return norm.double(), convolution.double()


def passes(norm: nn.BatchNorm2d, convolution: nn.Conv2d, maps: Tensor, *, plain: bool) -> list[Tensor]:
    """Result, gradients and running statistics of one step, of copies of the layers."""
    norm, convolution, maps = deepcopy(norm), deepcopy(convolution), maps.clone().requires_grad_()
    made = convolution(norm(maps).relu()) if plain else normed_convolution(maps, norm, convolution)
    (made * torch.linspace(-1, 1, made.numel(), dtype=made.dtype).view(made.shape)).sum().backward()
    learnt = [*norm.parameters(), *convolution.parameters()]
    return [made.detach(), *(one.grad for one in (maps, *learnt) if one.grad is not None), *norm.buffers()]


@pytest.mark.parametrize("together", [1, 2 * 3 * 7 * 6, 2**19])  # one image at a time, two, all
def test_a_step_equals_that_of_the_plain_layers(
    layers: tuple[nn.BatchNorm2d, nn.Conv2d], together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TOGETHER", together)
    maps = torch.randn(5, 3, 7, 6, dtype=torch.float64) * 2 + 1
    found, expected = (passes(*layers, maps, plain=plain) for plain in (False, True))
    assert len(found) == len(expected) == 1 + 5 + 3
    assert_close(found, expected, rtol=1e-9, atol=1e-9)


def test_of_all_maps_only_those_given_are_kept(layers: tuple[nn.BatchNorm2d, nn.Conv2d]) -> None:
    kept: list[Tensor] = []

    def keep(one: Tensor) -> Tensor:
        kept.append(one)
        return one

    maps = torch.randn(2, 3, 8, 8, dtype=torch.float64, requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda one: one):
        normed_convolution(maps, *layers)
    assert [one.shape for one in kept if len(one) == len(maps)] == [maps.shape]


def test_what_is_frozen_gets_no_gradient(layers: tuple[nn.BatchNorm2d, nn.Conv2d]) -> None:
    maps = torch.randn(2, 3, 8, 8, dtype=torch.float64)
    expected = passes(*layers, maps, plain=True)
    layers[1].requires_grad_(False)
    found = passes(*layers, maps, plain=False)
    assert_close(found, [*expected[:4], *expected[6:]], rtol=1e-9, atol=1e-9)


def test_in_evaluation_the_layers_compute(layers: tuple[nn.BatchNorm2d, nn.Conv2d]) -> None:
    norm, convolution = layers
    maps = torch.randn(2, 3, 8, 8, dtype=torch.float64)
    before = deepcopy(norm.eval().state_dict())
    assert torch.equal(normed_convolution(maps, norm, convolution), convolution(norm(maps).relu()))
    assert_close(norm.state_dict(), before)
