"""The residual blocks of module networks and convolutional baselines, for one input and for two.

Shape legend: B maps, D channels, h x w cells.
"""

from typing import Literal

import torch
from torch import Tensor, nn

Joining = Literal["1x1", "3x3"]


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around which the input passes: `[B, D, h, w]` to `[B, D, h, w]`.

    ```
    y = ReLU(x + [BatchNorm] Conv3x3(ReLU([BatchNorm] Conv3x3(x) + [V s])))
    ```

    As in Johnson et al. (2017), who have no V and no s.

    Args:
        dim: D.
        batch_norm: normalise after each convolution.
        residual: add x; without it y is the second convolution's ReLU.
        context: every cell is told what the map holds as a whole: s, `[B, D]`, which `forward` is given, such as
            `visreason.nn.referents.referent_sum`. V begins as zeros.

    Example:
        >>> ResidualBlock(8)(torch.zeros(2, 8, 5, 5)).shape
        torch.Size([2, 8, 5, 5])
    """

    def __init__(
        self, dim: int, *, batch_norm: bool = False, residual: bool = True, context: bool = False
    ) -> None:
        super().__init__()
        self.residual = residual
        self.conv1 = nn.Conv2d(dim, dim, kernel_size=3, padding=1)
        self.bn1 = nn.BatchNorm2d(dim) if batch_norm else nn.Identity()
        self.conv2 = nn.Conv2d(dim, dim, kernel_size=3, padding=1)
        self.bn2 = nn.BatchNorm2d(dim) if batch_norm else nn.Identity()
        self.context = nn.Linear(dim, dim, bias=False) if context else None
        if self.context is not None:
            nn.init.zeros_(self.context.weight)

    def forward(self, x_BDhw: Tensor, sum_BD: Tensor | None = None) -> Tensor:
        """y."""
        inner_BDhw: Tensor = self.bn1(self.conv1(x_BDhw))
        if self.context is not None:
            inner_BDhw = inner_BDhw + self.context(sum_BD)[..., None, None]
        change_BDhw: Tensor = self.bn2(self.conv2(torch.relu(inner_BDhw)))
        return torch.relu(x_BDhw + change_BDhw if self.residual else change_BDhw)


class JoiningBlock(nn.Module):
    """Two maps into one, then a residual block: twice `[B, D, h, w]` to `[B, D, h, w]`.

    ```
    z = ReLU(Conv([x | y]));   a residual block of z
    ```

    Args:
        dim: D.
        joining: the size of the first convolution: `"1x1"` as in Johnson et al. (2017), `"3x3"` as in
            VisualReasoning_MMnet (https://github.com/rs9000/VisualReasoning_MMnet).
        batch_norm: in the residual block; there is none after the first convolution.
        residual: in the residual block, add z.

    Example:
        >>> JoiningBlock(8)(torch.zeros(2, 8, 5, 5), torch.zeros(2, 8, 5, 5)).shape
        torch.Size([2, 8, 5, 5])
    """

    def __init__(
        self, dim: int, *, joining: Joining = "1x1", batch_norm: bool = False, residual: bool = True
    ) -> None:
        super().__init__()
        size = 1 if joining == "1x1" else 3
        self.join = nn.Conv2d(2 * dim, dim, kernel_size=size, padding=size // 2)
        self.block = ResidualBlock(dim, batch_norm=batch_norm, residual=residual)

    def forward(self, x_BDhw: Tensor, y_BDhw: Tensor) -> Tensor:
        """The joined maps."""
        joined_BDhw: Tensor = self.block(torch.relu(self.join(torch.cat([x_BDhw, y_BDhw], dim=1))))
        return joined_BDhw
