"""Hard attention over the cells of an image: those that matter are kept, the others cost nothing.

As in Malinowski et al., "Learning Visual Question Answering by Bootstrapping Hard Attention" (2018), who keep the cells
of the longest feature vectors and relate these alone. Here a 1x1 convolution scores the cells. What is kept is weighted
by the sigmoid of its score, so that answers teach the scores (where they choose, no gradient passes); the places of
objects can teach them besides (`visreason.nn.referents`).

Shape legend: I images, C channels, H x W cells, K cells that are kept, E = C + 2.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from visreason.nn.coordinates import unit_coordinates
from visreason.nn.referents import RARE


class Attended(NamedTuple):
    """The cells that are kept.

    Attributes:
        objects: `[I, K, C + 2]`: their weighted features, and their x and y in [-1, 1].
        cells: Long `[I, K]`, which they are in row order, the highest score first.
        scores: `[I, H, W]`, of all cells: the logarithm of the odds that something is there.
    """

    objects: Tensor
    cells: Tensor
    scores: Tensor


class CellAttention(nn.Module):
    r"""Keeps the K cells of the highest scores.

    $$s_c = w^\top x_c + b; \qquad
      \text{objects} = \{[\sigma(s_c) x_c \mid \text{place}_c]: s_c \text{ among the K highest}\}$$

    Args:
        channels: C.
        kept: K; of fewer cells all are kept.

    Example:
        >>> attended = CellAttention(4, kept=3)(torch.rand(2, 4, 8, 12))
        >>> attended.objects.shape, attended.cells.shape, attended.scores.shape
        (torch.Size([2, 3, 6]), torch.Size([2, 3]), torch.Size([2, 8, 12]))
    """

    def __init__(self, channels: int, kept: int) -> None:
        super().__init__()
        self.kept = kept
        self.score = nn.Conv2d(channels, 1, kernel_size=1)
        assert self.score.bias is not None
        nn.init.constant_(self.score.bias, RARE)

    def forward(self, cells_ICHW: Tensor) -> Attended:
        """The cells that are kept of every image."""
        scores_IHW = self.score(cells_ICHW).squeeze(1)
        scores_IN = scores_IHW.flatten(1)
        best_IK = scores_IN.detach().topk(min(self.kept, scores_IN.shape[1]), dim=1).indices
        weighted_ICHW = cells_ICHW * scores_IHW.sigmoid()[:, None]
        _, height, width = scores_IHW.shape
        place_2HW = unit_coordinates(height, width, cells_ICHW)
        both_IEHW = torch.cat([weighted_ICHW, place_2HW.expand(len(cells_ICHW), -1, -1, -1)], dim=1)
        objects_INE = both_IEHW.flatten(2).transpose(1, 2)
        rows_I1 = torch.arange(len(best_IK), device=best_IK.device)[:, None]
        return Attended(objects_INE[rows_I1, best_IK], best_IK, scores_IHW)
