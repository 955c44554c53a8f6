from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from visreason.nn import products
from visreason.nn.products import linear, slope_of_read, slope_of_weight

ROWS = [1, 16, 70]
"""One, fewer and more than `products.LEAST_ROWS`."""
WIDTHS = [(48, 64), (64, 32), (33, 100), (5, 64), (64, 1)]
"""Written and read; the last two are too narrow for oneDNN."""


def close(one: Tensor, other: Tensor) -> bool:
    return torch.allclose(one, other.float(), rtol=1e-5, atol=1e-4)


@pytest.fixture(params=["oneDNN", "PyTorch's own"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "oneDNN" and not products._has_onednn():
        pytest.skip("this PyTorch carries no oneDNN")
    monkeypatch.setattr(products, "_has_onednn", lambda: request.param == "oneDNN")
    return str(request.param)


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("sizes", WIDTHS)
def test_all_three_products_are_those_of_the_formulas(
    library: str, rows: int, sizes: tuple[int, int]
) -> None:
    read, weight = torch.randn(rows, sizes[1]), torch.randn(*sizes)
    bias, slope = torch.randn(sizes[0]), torch.randn(rows, sizes[0])
    right = read.double() @ weight.double().T + bias
    assert close(linear(read, weight, bias), right)
    assert close(linear(read, weight), right - bias)
    assert close(linear(read, weight, bias, relu=True), right.relu())
    assert close(slope_of_weight(slope, read), slope.double().T @ read.double())
    assert close(slope_of_read(slope, weight), slope.double() @ weight.double())


@pytest.mark.parametrize("with_bias", [True, False])
def test_room_may_be_given(library: str, with_bias: bool) -> None:
    read, weight, slope = torch.randn(70, 64), torch.randn(48, 64), torch.randn(70, 48)
    bias = torch.randn(48) if with_bias else None
    assert close(
        linear(read, weight, bias, relu=True, out=torch.empty(70, 48)),
        functional.linear(read, weight, bias).relu(),
    )
    assert close(slope_of_read(slope, weight, out=torch.empty(70, 64)), slope @ weight)


@pytest.mark.parametrize("turn", [Tensor.clone, lambda each: each.T.clone().T], ids=["rows", "columns"])
def test_matrices_may_be_laid_out_by_columns(library: str, turn: Callable[[Tensor], Tensor]) -> None:
    read, weight, slope = (turn(torch.randn(70, 64)), turn(torch.randn(48, 64)), turn(torch.randn(70, 48)))
    assert close(linear(read, weight), read @ weight.T)
    assert close(slope_of_weight(slope, read), slope.T @ read)
    assert close(slope_of_read(slope, weight), slope @ weight)


def test_nothing_is_read(library: str) -> None:
    assert linear(torch.empty(0, 64), torch.randn(48, 64)).shape == (0, 48)
    assert (slope_of_weight(torch.empty(0, 48), torch.empty(0, 64)) == torch.zeros(48, 64)).all()


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_numbers_are_pytorchs(dtype: torch.dtype) -> None:
    read, weight = torch.randn(70, 64, dtype=dtype), torch.randn(48, 64, dtype=dtype)
    assert torch.equal(linear(read, weight), functional.linear(read, weight))
    assert slope_of_read(linear(read, weight), weight).dtype == dtype


def test_onednn_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "_onednn", None)
    with torch.backends.mkldnn.flags(enabled=False):
        assert linear(torch.ones(2, 64), torch.ones(48, 64)).sum() == 2 * 48 * 64
