"""3x3 convolutions of many channels, trained on a CPU, with less than half of the multiplications.

Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (CVPR 2016), F(2x2, 3x3): 2x2 cells of the result
see 4x4 cells of the map, and instead of 36 products for each pair of channels 16 do:

```
y = A^T [(G w G^T) * (B^T x B)] A
```

`B^T x B` and `A^T [..] A` are sums and differences along one side of the map and then the other, `*` is a product of
matrices, tiles by channels, for each of the 16 points. The gradients go the same way back.

Shape legend: I images, C and D channels, h x w cells, T = I * h/2 * w/2 tiles, 16 = 4 x 4 points of a tile. Inside, the
channels of a cell lie side by side (`IhwC`), and both sides of a map are taken apart and put together along dimension
2: where points stand before it, the side that is still whole has moved there.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

_TOGETHER = 8
"""Images whose points are in memory at once: enough for fast products, and few enough to use freed memory again."""

_IN_CACHE = 2
"""Images that are taken apart at once."""

_G = torch.tensor([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]], dtype=torch.float64)

_Move = Callable[[Tensor, Tensor], None]
"""Reads the first tensor and writes the second."""


class GridConvolution(nn.Conv2d):
    """A 3x3 convolution that keeps a map's size, equal to `nn.Conv2d` up to rounding: `[I, C, h, w]` to `[I, D, h, w]`.

    Where its weights are trained on a CPU, the channels are many and the map's sides even, it takes Winograd's way;
    what it gives is then laid out channels last. Everywhere else it is PyTorch's own convolution.

    Args:
        channels: C.
        dim: D.

    Example:
        >>> convolution = GridConvolution(256, 128)
        >>> maps = torch.rand(2, 256, 4, 6)
        >>> plain = nn.functional.conv2d(maps, convolution.weight, convolution.bias, padding=1)
        >>> torch.allclose(convolution(maps), plain, atol=1e-5)
        True
    """

    def __init__(self, channels: int, dim: int) -> None:
        super().__init__(channels, dim, kernel_size=3, padding=1)
        self.plain = False

    def forward(self, input: Tensor) -> Tensor:
        """The map after the convolution."""
        if not self._pays(input):
            return super().forward(input)
        maps_IDhw: Tensor = _Winograd.apply(input, self.weight, self.bias)  # type: ignore[no-untyped-call]
        return maps_IDhw

    def _pays(self, maps_ICHW: Tensor) -> bool:
        """Whether Winograd's way is the faster one; in bfloat16 it would round too often."""
        trained = not self.plain and torch.is_grad_enabled() and self.weight.requires_grad
        alike = maps_ICHW.device.type == "cpu" and maps_ICHW.dtype == self.weight.dtype in (
            torch.float32,
            torch.float64,
        )
        even = not any(side % 2 for side in maps_ICHW.shape[2:])
        many = self.in_channels >= 256 and self.out_channels >= 128
        return trained and alike and even and many and not torch.is_autocast_enabled("cpu")


def make_plain(network: nn.Module) -> None:
    """Leave all grid convolutions of a network to PyTorch, for what ours are measured against."""
    for part in network.modules():
        if isinstance(part, GridConvolution):
            part.plain = True


class _Winograd(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, maps_ICHW: Tensor, weight_DC33: Tensor, bias_D: Tensor) -> Tensor:
        """Take the map apart, multiply, put the result together; the points are kept."""
        dim, channels = weight_DC33.shape[:2]
        cells_IhwC = _channels_last(maps_ICHW)
        images, height, width, _ = cells_IhwC.shape
        made_IDhw = maps_ICHW.new_empty(images, dim, height, width).to(memory_format=torch.channels_last)
        table_169 = torch.kron(_G, _G).to(weight_DC33)
        weight_16DC = (table_169 @ weight_DC33.reshape(-1, 9).T).view(16, dim, channels)
        points = []
        for cells, made in zip(
            torch.split(cells_IhwC, _TOGETHER),
            torch.split(made_IDhw.permute(0, 2, 3, 1), _TOGETHER),
            strict=True,
        ):
            points.append(_take_apart(_window, cells))
            shape = (*points[-1].shape[:5], dim)
            product = torch.bmm(points[-1].view(16, -1, channels), weight_16DC.transpose(1, 2))
            _put_together(_sum_points, product.view(shape), made)
        ctx.save_for_backward(table_169, weight_16DC, *points)
        return made_IDhw.add_(bias_D[:, None, None])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
        """The same products with the result's gradient taken apart."""
        table_169, weight_16DC, *points = ctx.saved_tensors
        _, dim, channels = weight_16DC.shape
        slope_IhwD = _channels_last(slopes[0])
        to_weight_16DC, to_maps = torch.zeros_like(weight_16DC), []
        for slope, read in zip(torch.split(slope_IhwD, _TOGETHER), points, strict=True):
            slope_16TD = _take_apart(_spread_points, slope).view(16, -1, dim)
            to_weight_16DC.baddbmm_(slope_16TD.transpose(1, 2), read.view(16, -1, channels))
            if ctx.needs_input_grad[0]:
                to_maps.append(slope.new_empty(*slope.shape[:3], channels))
                _put_together(_sum_windows, torch.bmm(slope_16TD, weight_16DC).view(read.shape), to_maps[-1])
        to_weight_33DC = (table_169.T @ to_weight_16DC.flatten(1)).view(3, 3, dim, channels)
        to_maps_ICHW = torch.cat(to_maps).permute(0, 3, 1, 2) if to_maps else None
        return to_maps_ICHW, to_weight_33DC.permute(2, 3, 0, 1), slope_IhwD.sum(dim=(0, 1, 2))


def _channels_last(maps_ICHW: Tensor) -> Tensor:
    """`[I, h, w, C]`, laid out so."""
    cells_IhwC = maps_ICHW.permute(0, 2, 3, 1)
    if cells_IhwC.is_contiguous():
        return cells_IhwC
    done_IhwC = torch.empty_like(cells_IhwC, memory_format=torch.contiguous_format)
    # PyTorch turns matrices faster than it turns stacks.
    for done, cells in zip(done_IhwC, cells_IhwC, strict=True):
        done.flatten(0, 1).copy_(cells.flatten(0, 1))
    return done_IhwC


def _take_apart(move: _Move, cells_IhwC: Tensor) -> Tensor:
    """The points of all tiles, `[4, 4, I, h/2, w/2, C]`."""
    images, height, width, channels = cells_IhwC.shape
    points = cells_IhwC.new_empty(4, 4, images, height // 2, width // 2, channels)
    for cells, done in zip(
        torch.split(cells_IhwC, _IN_CACHE), torch.split(points, _IN_CACHE, dim=2), strict=True
    ):
        half = cells.new_empty(4, len(cells), height, width // 2, channels)
        move(cells, half)
        move(half, done)
    return points


def _put_together(move: _Move, points: Tensor, cells_IhwC: Tensor) -> None:
    """From points of tiles to cells."""
    images, height, width, channels = cells_IhwC.shape
    half = points.new_empty(4, images, height, width // 2, channels)
    move(points, half)
    move(half, cells_IhwC)


def _window(line: Tensor, out: Tensor) -> None:
    """B^T: of the four neighbours d that each two cells see, d0 - d2, d1 + d2, d2 - d1, d1 - d3; 0 beyond the ends."""
    even, odd = line[:, :, ::2], line[:, :, 1::2]
    torch.neg(odd[:, :, :1], out=out[0][:, :, :1])
    torch.sub(odd[:, :, :-1], odd[:, :, 1:], out=out[0][:, :, 1:])
    torch.add(even, odd, out=out[1])
    torch.sub(odd, even, out=out[2])
    torch.sub(even[:, :, :-1], even[:, :, 1:], out=out[3][:, :, :-1])
    out[3][:, :, -1:] = even[:, :, -1:]


def _sum_windows(points: Tensor, line: Tensor) -> None:
    """The gradient of `_window`'s line from its points'."""
    even, odd = line[:, :, ::2], line[:, :, 1::2]
    torch.sub(points[1], points[2], out=even).add_(points[3])
    even[:, :, 1:] -= points[3][:, :, :-1]
    torch.add(points[1], points[2], out=odd).sub_(points[0])
    odd[:, :, :-1] += points[0][:, :, 1:]


def _sum_points(points: Tensor, line: Tensor) -> None:
    """A^T: v0 + v1 + v2 and v1 - v2 - v3."""
    torch.add(points[0], points[1], out=line[:, :, ::2]).add_(points[2])
    torch.sub(points[1], points[2], out=line[:, :, 1::2]).sub_(points[3])


def _spread_points(line: Tensor, out: Tensor) -> None:
    """The gradient of `_sum_points`' points from its line's."""
    even, odd = line[:, :, ::2], line[:, :, 1::2]
    out[0].copy_(even)
    torch.add(even, odd, out=out[1])
    torch.sub(even, odd, out=out[2])
    torch.neg(odd, out=out[3])
