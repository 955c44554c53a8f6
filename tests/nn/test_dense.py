import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from visreason.nn.dense import Dense, dense, dense_over_maps


def gradients(layer: nn.Module, read: Tensor) -> list[Tensor]:
    read = read.detach().requires_grad_()
    layer.zero_grad()
    layer(read).square().sum().backward()
    return [each.grad for each in (read, *layer.parameters()) if each.grad is not None]


@pytest.mark.parametrize("shape", [(64,), (3, 64), (2, 40, 64), (0, 64)])
@pytest.mark.parametrize("bias", [True, False])
def test_a_dense_layer_learns_as_pytorchs_does(shape: tuple[int, ...], bias: bool) -> None:
    ours, theirs, read = Dense(64, 48, bias=bias), nn.Linear(64, 48, bias=bias), torch.randn(shape)
    theirs.load_state_dict(ours.state_dict())
    assert torch.allclose(ours(read), theirs(read), atol=1e-5)
    pairs = list(zip(gradients(ours, read), gradients(theirs, read), strict=True))
    assert len(pairs) == 2 + bias
    assert all(torch.allclose(one, other, rtol=1e-5, atol=1e-4) for one, other in pairs)


def test_gradients_are_the_formulas() -> None:
    inputs = [
        torch.randn(size, dtype=torch.float64, requires_grad=True) for size in ((3, 5, 40), (33, 40), (33,))
    ]
    assert torch.autograd.gradcheck(dense, inputs)


def test_cells_that_lie_across_are_read() -> None:
    cells, weight = torch.randn(2, 64, 9).transpose(1, 2), torch.randn(96, 64).T[:, :64].T
    assert torch.allclose(dense(cells, weight), functional.linear(cells, weight), atol=1e-4)


def test_autocast_and_narrow_weights_are_pytorchs() -> None:
    layer, read = Dense(64, 48), torch.randn(70, 64)
    with torch.autocast("cpu", torch.bfloat16):
        assert layer(read).dtype == torch.bfloat16
    assert layer.bfloat16()(read.bfloat16()).dtype == torch.bfloat16


def test_second_derivatives_are_refused() -> None:
    read = torch.randn(4, 64, requires_grad=True)
    (slope,) = torch.autograd.grad(dense(read, torch.randn(48, 64)).square().sum(), read, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        slope.sum().backward()


@pytest.mark.parametrize("images", [0, 1, 3])
@pytest.mark.parametrize("kind", [torch.float32, torch.float64])
def test_maps_are_read_cell_by_cell(images: int, kind: torch.dtype) -> None:
    maps, weight, bias = (torch.randn(size, dtype=kind) for size in ((images, 64, 9), (48, 64), (9, 48)))
    slopes = []
    for layer in (
        dense_over_maps,
        lambda x, w, b: functional.linear(x.transpose(1, 2), w) + b,
    ):
        given = [one.clone().requires_grad_() for one in (maps, weight, bias)]
        written = layer(*given)
        written.square().sum().backward()
        slopes.append([written.detach(), *(one.grad for one in given)])
    for ours, theirs in zip(*slopes, strict=True):
        assert ours.shape == theirs.shape
        assert torch.allclose(ours, theirs, rtol=1e-5, atol=1e-4)


def test_only_the_gradients_asked_for_are_made() -> None:
    maps, weight, bias = torch.randn(2, 64, 9), torch.randn(48, 64, requires_grad=True), torch.randn(9, 48)
    dense_over_maps(maps, weight, bias).sum().backward()
    assert torch.allclose(weight.grad, maps.sum(dim=(0, 2)).expand(48, -1), atol=1e-4)
    assert maps.grad is None
    assert bias.grad is None
