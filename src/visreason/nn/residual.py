"""The residual block of module networks and convolutional baselines.

Shape legend: B maps, D channels, h x w cells.
"""

import torch
from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions around which the input passes: `[B, D, h, w]` to `[B, D, h, w]`.

    ```
    y = ReLU(x + [BatchNorm] Conv3x3(ReLU([BatchNorm] Conv3x3(x))))
    ```

    As in Johnson et al. (2017).

    Args:
        dim: D.
        batch_norm: normalise after each convolution.
        residual: add x; without it y is the second convolution's ReLU.

    Example:
        >>> ResidualBlock(8)(torch.zeros(2, 8, 5, 5)).shape
        torch.Size([2, 8, 5, 5])
    """

    def __init__(self, dim: int, *, batch_norm: bool = False, residual: bool = True) -> None:
        super().__init__()
        self.residual = residual
        self.conv1 = nn.Conv2d(dim, dim, kernel_size=3, padding=1)
        self.bn1 = nn.BatchNorm2d(dim) if batch_norm else nn.Identity()
        self.conv2 = nn.Conv2d(dim, dim, kernel_size=3, padding=1)
        self.bn2 = nn.BatchNorm2d(dim) if batch_norm else nn.Identity()

    def forward(self, x_BDhw: Tensor) -> Tensor:
        """y."""
        change_BDhw: Tensor = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x_BDhw)))))
        return torch.relu(x_BDhw + change_BDhw if self.residual else change_BDhw)
