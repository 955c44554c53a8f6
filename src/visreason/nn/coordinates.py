"""Where the cells of a feature map lie: coordinates the network reads, and anchors people see.

Shape legend: B images, C channels, H x W cells, N = H * W objects in row order (cell = row * W + column).
"""

import torch
from torch import Tensor


def coordinate_channels(height: int, width: int, like: Tensor) -> Tensor:
    """The x and y coordinate of every cell, `[2, H, W]`, of `like`'s type and device.

    ```
    x(row, column) = linspace(-W/2, W/2, W)[column]        y(row, column) = linspace(-H/2, H/2, H)[row]
    ```

    Example:
        >>> coordinate_channels(1, 3, torch.zeros(())).tolist()
        [[[-1.5, 0.0, 1.5]], [[-0.5, -0.5, -0.5]]]
    """
    x_W = torch.linspace(-width / 2, width / 2, width, dtype=like.dtype, device=like.device)
    y_H = torch.linspace(-height / 2, height / 2, height, dtype=like.dtype, device=like.device)
    return torch.stack([x_W.expand(height, width), y_H[:, None].expand(height, width)])


def unit_coordinates(height: int, width: int, like: Tensor) -> Tensor:
    """The x and y of every cell from -1 to 1, `[2, H, W]`: no larger than features are.

    Example:
        >>> unit_coordinates(1, 3, torch.zeros(())).tolist()
        [[[-1.0, 0.0, 1.0]], [[-0.5, -0.5, -0.5]]]
    """
    half_211 = like.new_tensor([max(width, 2) / 2, max(height, 2) / 2])[:, None, None]
    return coordinate_channels(height, width, like) / half_211


def cells_as_objects(features_BCHW: Tensor) -> Tensor:
    """Every cell of a feature map as an object, its two coordinates appended: `[B, H * W, C + 2]`.

    Example:
        >>> cells_as_objects(torch.zeros(1, 24, 8, 8)).shape
        torch.Size([1, 64, 26])
    """
    batch, _, height, width = features_BCHW.shape
    place_2HW = coordinate_channels(height, width, features_BCHW)
    return torch.cat([features_BCHW, place_2HW.expand(batch, -1, -1, -1)], dim=1).flatten(2).transpose(1, 2)


def cell_anchors(height: int, width: int, stride: int) -> list[tuple[float, float]]:
    """The pixel `(x, y)` on which each cell's receptive field is centred.

    A 3x3 convolution of stride 2 and padding 1 centres cell k on pixel 2k of its input, so a tower of them
    centres it on pixel `stride * k` (whose middle is `stride * k + 1/2`) of the image: the upper left of the
    cell's share.

    Example:
        >>> cell_anchors(1, 2, 16)
        [(0.5, 0.5), (16.5, 0.5)]
    """
    return [(stride * column + 0.5, stride * row + 0.5) for row in range(height) for column in range(width)]
