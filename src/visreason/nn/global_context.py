"""What a map holds as a whole, told to each of its cells: for modules whose convolutions do not reach across an image.

The global context block of Cao et al., "GCNet: Non-local Networks Meet Squeeze-Excitation Networks and Beyond" (2019),
with one matrix in place of its bottleneck. `same_color` of one object has to compare it with objects anywhere, and two
3x3 convolutions see two cells far; Mascharka et al., "Transparency by Design" (2018), give their `Same` module the
features of the attended cell for the same reason.

Shape legend: N maps, D channels, h x w = C cells.
"""

import math

import torch
from torch import Tensor, nn


def global_context(x_NDhw: Tensor, key: Tensor, value: Tensor) -> Tensor:
    r"""One vector a map, `[N, D, 1, 1]`, read where the map itself says.

    $$g = V \sum_c a_c x_c, \qquad a = \text{softmax}_c(k^\top x_c)$$

    Args:
        x_NDhw: the maps.
        key: k, `[D]`, the same for all maps, or `[N, D]`, each map's own.
        value: V, `[D, D]`, or `[N, D, D]`.

    Example:
        >>> maps = torch.tensor([1.0, 9.0, 2.0]).view(1, 1, 1, 3)
        >>> round(global_context(maps, torch.ones(1), torch.eye(1)).item(), 2)
        8.99
    """
    cells_NDC = x_NDhw.flatten(2)
    weights_N1C = (key.unsqueeze(-2) @ cells_NDC).softmax(dim=-1)
    return (value @ (cells_NDC @ weights_N1C.to(cells_NDC.dtype).mT)).unsqueeze(-1)


class GlobalContext(nn.Module):
    """`global_context` with k and V of its own; V begins as zeros, so that at first nothing is told.

    Args:
        dim: D.

    Example:
        >>> GlobalContext(8)(torch.rand(2, 8, 5, 5)).shape
        torch.Size([2, 8, 1, 1])
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.key = nn.Parameter(torch.empty(dim))
        self.value = nn.Parameter(torch.zeros(dim, dim))
        initialise_keys(self.key, dim)

    def forward(self, x_NDhw: Tensor) -> Tensor:
        """g, for each map."""
        return global_context(x_NDhw, self.key, self.value)


def initialise_keys(keys: Tensor, dim: int) -> None:
    """Fill keys in place, uniform within 1 / sqrt(D)."""
    with torch.no_grad():
        keys.uniform_(-1 / math.sqrt(dim), 1 / math.sqrt(dim))
