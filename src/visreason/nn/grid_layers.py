"""What module networks and attention share around their middle: a stem before it and a classifier after it.

Shape legend: B questions or images, C and D channels, h x w cells, A answers.
"""

from collections.abc import Sequence
from typing import Literal

from torch import nn

from visreason.errors import ModelError
from visreason.nn.dense import Dense
from visreason.nn.winograd import GridConvolution

Pooling = Literal["max2", "max4", "max", "none"]

POOLED: dict[Pooling, int] = {"max2": 2, "max4": 4, "none": 1}
"""How many cells become one, along each side; with `"max"` all do."""


def pooling_layer(pooling: Pooling, height: int, width: int) -> tuple[nn.Module, tuple[int, int]]:
    """What takes the largest of some cells of a map of h x w, and the size of what it gives.

    Raises:
        ModelError: the map is smaller than the pooling.

    Example:
        >>> pooling_layer("max2", 6, 9)[1], pooling_layer("max", 6, 9)[1]
        ((3, 4), (1, 1))
    """
    if pooling == "max":
        return nn.AdaptiveMaxPool2d(1), (1, 1)
    side = POOLED[pooling]
    if side == 1:
        return nn.Identity(), (height, width)
    if min(height, width) < side:
        raise ModelError(f"a map of {height}x{width} cells cannot be pooled by {side}x{side}.")
    return nn.MaxPool2d(kernel_size=side, stride=side), (height // side, width // side)


def stem(
    channels: int, dim: int, layers: int = 2, *, batch_norm: bool = False, winograd: bool = False
) -> nn.Sequential:
    """3x3 convolutions from a backbone's channels to the model's: `[B, C, h, w]` to `[B, D, h, w]`.

    ```
    x_0 = cells;   x_l = ReLU([BatchNorm] Conv3x3(x_{l-1}))
    ```

    As in Johnson et al. (2017), where there are two.

    Args:
        channels: C.
        dim: D.
        layers: how many convolutions.
        batch_norm: normalise after each convolution.
        winograd: take Winograd's way where it is faster. Its rounding is another one, which gradients through many
            modules show (6e-4 of a module network's), and those of attention do not.
    """
    parts: list[nn.Module] = []
    for layer in range(layers):
        read = channels if layer == 0 else dim
        parts.append(
            GridConvolution(read, dim) if winograd else nn.Conv2d(read, dim, kernel_size=3, padding=1)
        )
        parts += [nn.BatchNorm2d(dim)] if batch_norm else []
        parts.append(nn.ReLU(inplace=True))
    return nn.Sequential(*parts)


def grid_classifier(
    shape: tuple[int, int, int],
    projection: int | None,
    pooling: Pooling,
    widths: Sequence[int],
    answers: int,
    *,
    batch_norm: bool = False,
    dropout: float = 0.0,
) -> nn.Sequential:
    """From a map to scores of answers: `[B, D, h, w]` to `[B, A]`.

    ```
    Conv1x1 -> [BatchNorm] ReLU -> max-pool -> flatten -> (Linear -> [BatchNorm] ReLU [Dropout]) ... -> Linear
    ```

    As in Johnson et al. (2017), whose widths are 512 after the projection and 1024 in the one hidden layer.

    Args:
        shape: (D, h, w).
        projection: the width after the 1x1 convolution; None leaves it out.
        pooling: `"max2"` and `"max4"` take the largest of 2x2 and 4x4 cells, `"max"` of all: then an answer cannot
            depend on where in the image a thing is, and need not be learnt for every place anew.
        widths: of the hidden layers.
        answers: A.
        batch_norm: normalise after every layer but the last.
        dropout: the share of each hidden layer dropped in training.

    Raises:
        ModelError: the map is smaller than the pooling.

    Example:
        >>> import torch
        >>> grid_classifier((16, 8, 8), 32, "max2", (64,), answers=28)(torch.zeros(2, 16, 8, 8)).shape
        torch.Size([2, 28])
    """
    channels, height, width = shape
    parts: list[nn.Module] = []
    if projection is not None:
        parts.append(nn.Conv2d(channels, projection, kernel_size=1))
        parts += [nn.BatchNorm2d(projection)] if batch_norm else []
        parts.append(nn.ReLU(inplace=True))
        channels = projection
    pool, (height, width) = pooling_layer(pooling, height, width)
    parts += [pool] if pooling != "none" else []
    parts.append(nn.Flatten())
    before = channels * height * width
    for after in widths:
        parts.append(Dense(before, after))
        parts += [nn.BatchNorm1d(after)] if batch_norm else []
        parts.append(nn.ReLU(inplace=True))
        parts += [nn.Dropout(dropout)] if dropout else []
        before = after
    parts.append(nn.Linear(before, answers))
    return nn.Sequential(*parts)
