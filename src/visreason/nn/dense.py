"""A linear layer whose products are those of `visreason.nn.products`.

Shape legend: R rows (all leading dimensions together), K numbers read, N numbers written.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from visreason.nn import products


def dense(read: Tensor, weight_NK: Tensor, bias_N: Tensor | None = None) -> Tensor:
    """A linear layer, `[..., N]`: what `torch.nn.functional.linear` says, to rounding; differentiable once.

    ```
    y = x W^T + b
    ```

    Args:
        read: x, `[..., K]`.
        weight_NK: W.
        bias_N: b; None adds nothing.

    Example:
        >>> x, weight = torch.randn(5, 64), torch.randn(48, 64)
        >>> torch.allclose(dense(x, weight), x @ weight.T, atol=1e-4)
        True
    """
    on_cpu = read.device.type == "cpu"
    if not on_cpu or torch.is_autocast_enabled("cpu") or torch.compiler.is_compiling():
        return functional.linear(read, weight_NK, bias_N)
    written: Tensor = _Dense.apply(read, weight_NK, bias_N)  # type: ignore[no-untyped-call]
    return written


class Dense(nn.Linear):
    """`torch.nn.Linear` with the products of `dense`; its weights have the same names.

    Example:
        >>> Dense(64, 48)(torch.randn(2, 3, 64)).shape
        torch.Size([2, 3, 48])
    """

    def forward(self, input: Tensor) -> Tensor:
        """The layer's output, `[..., N]`."""
        return dense(input, self.weight, self.bias)


class _Dense(torch.autograd.Function):
    """The products forwards and backwards."""

    @staticmethod
    def forward(ctx: Any, read: Tensor, weight_NK: Tensor, bias_N: Tensor | None) -> Tensor:
        read = read.contiguous()  # once, for both passes
        ctx.save_for_backward(read, weight_NK)
        return products.linear(read, weight_NK, bias_N)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        read, weight_NK = ctx.saved_tensors
        slope_RN, read_RK = slope.reshape(-1, slope.shape[-1]), read.reshape(-1, read.shape[-1])
        by_read, by_weight, by_bias = ctx.needs_input_grad
        return (
            products.slope_of_read(slope_RN, weight_NK).view_as(read) if by_read else None,
            products.slope_of_weight(slope_RN, read_RK) if by_weight else None,
            slope_RN.sum(dim=0) if by_bias else None,
        )
