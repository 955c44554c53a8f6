"""A convolution of batch-normalised, rectified maps that keeps the maps alone for its backward pass.

```
y = w * ReLU((x - m) / sqrt(v + eps) * a + b) + c
```

with m and v the mean and variance of x over images and cells, a channel, and `*` the convolution. Layer after layer,
PyTorch keeps x and the ReLU's result, and going back it holds the gradients of both and the copies that its convolution
makes of them. Here the ReLU's result is there for a few images at a time, in both passes: to compute it again in the
cache costs no more than to read it from memory.

Shape legend: I images, C and D channels, H x W cells, h x w cells of the result.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

_TOGETHER = 2**19
"""Numbers that are normalised at once: 2 MiB in float32."""


def normed_convolution(maps_ICHW: Tensor, norm: nn.BatchNorm2d, convolution: nn.Conv2d) -> Tensor:
    """`convolution(relu(norm(maps)))`, `[I, D, h, w]`, and the norm's running statistics moved as it would move them.

    Without its intermediate results where a batch norm trains on a CPU in full precision, and then differentiable
    once; everywhere else by the layers themselves.

    Args:
        maps_ICHW: x.
        norm: with a, b and running statistics.
        convolution: with w and c; zeros beyond the maps' ends.

    Example:
        >>> norm, convolution = nn.BatchNorm2d(3), nn.Conv2d(3, 5, 3)
        >>> maps = torch.rand(2, 3, 8, 8)
        >>> plain = convolution(norm(maps).relu())
        >>> torch.allclose(normed_convolution(maps, norm, convolution), plain, atol=1e-5)
        True
    """
    if not _pays(maps_ICHW, norm):
        return convolution(norm(maps_ICHW).relu_())  # type: ignore[no-any-return]
    assert norm.num_batches_tracked is not None
    assert norm.momentum is not None
    norm.num_batches_tracked += 1
    statistics = torch.batch_norm_update_stats(
        maps_ICHW.detach(), norm.running_mean, norm.running_var, norm.momentum
    )
    steps = (convolution.stride, convolution.padding, convolution.dilation, convolution.groups)
    parameters = (norm.weight, norm.bias, convolution.weight, convolution.bias)
    return _NormedConvolution.apply(  # type: ignore[no-any-return, no-untyped-call]
        steps, norm.eps, maps_ICHW, *statistics, *parameters
    )


def _pays(maps_ICHW: Tensor, norm: nn.BatchNorm2d) -> bool:
    """Whether there is something to save, and the norm is of these maps alone, not of several processes'."""
    trained = norm.training and type(norm) is nn.BatchNorm2d and torch.is_grad_enabled()
    exact = maps_ICHW.dtype in (torch.float32, torch.float64) and not torch.is_autocast_enabled("cpu")
    return trained and exact and maps_ICHW.device.type == "cpu"


class _NormedConvolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, steps: tuple[Any, ...], eps: float, *inputs: Tensor) -> Tensor:
        """Normalise and convolve a few images at a time; only what was given is kept."""
        ctx.save_for_backward(*inputs)
        ctx.steps, ctx.eps = steps, eps
        maps_ICHW, *norm, weight_DC33, bias_D = inputs
        return torch.cat(
            [
                functional.conv2d(_rectified(maps, *norm, eps=eps), weight_DC33, bias_D, *steps)
                for maps in _few(maps_ICHW)
            ]
        )

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor | None, ...]:
        """Compute the convolution's input again and go back through it; then, in place, through the norm."""
        maps_ICHW, *norm, weight_DC33, bias_D = ctx.saved_tensors
        stride, padding, dilation, groups = ctx.steps
        to_maps_ICHW = torch.empty_like(maps_ICHW)
        to_weight_DC33, to_bias_D = torch.zeros_like(weight_DC33), torch.zeros_like(bias_D)
        few = _few(maps_ICHW)
        ways_back = torch.split(slopes[0], [len(maps) for maps in few])
        for maps, to_normed, slope in zip(few, _few(to_maps_ICHW), ways_back, strict=True):
            read = _rectified(maps, *norm, eps=ctx.eps)
            to_read, addend_DC33, addend_D = torch.ops.aten.convolution_backward(
                slope,
                read,
                weight_DC33,
                bias_D.shape,
                *(stride, padding, dilation, False, (0, 0), groups),
                (True, True, True),
            )
            to_weight_DC33 += addend_DC33
            to_bias_D += addend_D
            torch.ops.aten.threshold_backward.grad_input(to_read, read, 0, grad_input=to_normed)
        to_scale_C, to_shift_C = _through_norm(to_maps_ICHW, maps_ICHW, *norm[:3], eps=ctx.eps)
        return None, None, to_maps_ICHW, None, None, to_scale_C, to_shift_C, to_weight_DC33, to_bias_D


def _through_norm(
    grad_ICHW: Tensor, maps_ICHW: Tensor, mean_C: Tensor, variance_C: Tensor, scale_C: Tensor, *, eps: float
) -> tuple[Tensor, Tensor]:
    """Turn the gradient by the normed maps into that by the maps; gives those by the norm's scale and shift.

    ```
    n = (x - m) / sqrt(v + eps);   to_x = (to_y - mean(to_y) - n mean(n to_y)) a / sqrt(v + eps)
    ```
    """
    pieces = list(zip(_few(grad_ICHW), _few(maps_ICHW), strict=True))
    to_scale_C, to_shift_C = torch.zeros_like(scale_C), torch.zeros_like(scale_C)
    for grad, maps in pieces:
        to_shift_C += grad.sum((0, 2, 3))
        to_scale_C += functional.batch_norm(maps, mean_C, variance_C, eps=eps).mul_(grad).sum((0, 2, 3))
    count = maps_ICHW.numel() // len(mean_C)
    shift_C11, slope_C11, factor_C11 = (
        numbers[:, None, None]
        for numbers in (to_shift_C / count, to_scale_C / count, scale_C * (variance_C + eps).rsqrt())
    )
    for grad, maps in pieces:
        normal = functional.batch_norm(maps, mean_C, variance_C, eps=eps)
        grad.sub_(shift_C11).sub_(normal.mul_(slope_C11)).mul_(factor_C11)
    return to_scale_C, to_shift_C


def _few(maps_ICHW: Tensor) -> Sequence[Tensor]:
    """The maps of a few images each."""
    return torch.split(maps_ICHW, max(1, _TOGETHER // maps_ICHW.shape[1:].numel()))


def _rectified(
    maps_ICHW: Tensor, mean_C: Tensor, variance_C: Tensor, scale_C: Tensor, shift_C: Tensor, *, eps: float
) -> Tensor:
    """ReLU of the normalised maps."""
    return functional.batch_norm(maps_ICHW, mean_C, variance_C, scale_C, shift_C, eps=eps).relu_()
