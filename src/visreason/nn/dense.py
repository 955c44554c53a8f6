"""Linear layers whose products are those of `visreason.nn.products`.

Shape legend: R rows (all leading dimensions together), K numbers read, N numbers written, I images, P cells of a map.
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
    if _left_to_pytorch(read):
        return functional.linear(read, weight_NK, bias_N)
    written: Tensor = _Dense.apply(read, weight_NK, bias_N)  # type: ignore[no-untyped-call]
    return written


def dense_over_maps(read_IKP: Tensor, weight_NK: Tensor, bias_PN: Tensor) -> Tensor:
    """A linear layer over every cell of maps, with a bias for each, `[I, P, N]`; differentiable once.

    ```
    y_p = W x_p + b_p
    ```

    It lays the maps out by cells for the product alone, and keeps them for the gradient as they came.

    Args:
        read_IKP: x, channels first.
        weight_NK: W.
        bias_PN: b.

    Example:
        >>> x, weight, bias = torch.randn(2, 64, 9), torch.randn(48, 64), torch.randn(9, 48)
        >>> torch.allclose(dense_over_maps(x, weight, bias), x.transpose(1, 2) @ weight.T + bias, atol=1e-4)
        True
    """
    if _left_to_pytorch(read_IKP):
        return functional.linear(read_IKP.transpose(1, 2), weight_NK) + bias_PN
    written: Tensor = _DenseOverMaps.apply(read_IKP, weight_NK, bias_PN)  # type: ignore[no-untyped-call]
    return written


def _left_to_pytorch(read: Tensor) -> bool:
    """Whether PyTorch's own operations do it: on other devices, under autocast and while compiling."""
    on_cpu = read.device.type == "cpu"
    return not on_cpu or torch.is_autocast_enabled("cpu") or torch.compiler.is_compiling()


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


class _DenseOverMaps(torch.autograd.Function):
    """The products forwards and backwards."""

    @staticmethod
    def forward(ctx: Any, read_IKP: Tensor, weight_NK: Tensor, bias_PN: Tensor) -> Tensor:
        ctx.save_for_backward(read_IKP, weight_NK)
        images, channels, cells = read_IKP.shape
        cells_IPK = read_IKP.new_empty(images, cells, channels)
        for laid_PK, map_KP in zip(cells_IPK, read_IKP, strict=True):
            laid_PK.copy_(map_KP.T)  # PyTorch turns a matrix faster than a stack of them
        written_RN = products.linear(cells_IPK.view(images * cells, channels), weight_NK)
        return written_RN.resize_(images, *bias_PN.shape).add_(
            bias_PN
        )  # a view could not be changed in place

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, slope_IPN: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        read_IKP, weight_NK = ctx.saved_tensors
        images, channels, cells = read_IKP.shape
        slope_RN = slope_IPN.reshape(images * cells, len(weight_NK))
        by_read, by_weight, by_bias = ctx.needs_input_grad
        of_read_IKP = of_weight_NK = None
        if by_read:
            of_read_RK = products.slope_of_read(slope_RN, weight_NK)
            of_read_IKP = of_read_RK.view(images, cells, channels).transpose(1, 2)
        if by_weight:
            read_KR = read_IKP.transpose(0, 1).reshape(channels, images * cells)
            of_weight_NK = products.slope_of_weight(slope_RN, read_KR.T)
        return of_read_IKP, of_weight_NK, slope_IPN.sum(dim=0) if by_bias else None
