"""Grids of values on the floor, one a scene, read between their entries."""

from dataclasses import dataclass

import torch
from torch import Tensor

from visreason.render.vectors import take


@dataclass(frozen=True, slots=True)
class Maps:
    """One grid a scene: B scenes, C channels, R rows of W entries.

    Attributes:
        values_CE: all entries, scene by scene and row by row, E = B * R * W.
        rows, width: the size of one grid.
    """

    values_CE: Tensor
    rows: int
    width: int

    @staticmethod
    def of(values_BCRW: Tensor) -> "Maps":
        """Hold grids given as [B, C, R, W]."""
        _, channels, rows, width = values_BCRW.shape
        return Maps(values_BCRW.transpose(0, 1).reshape(channels, -1).contiguous(), rows, width)

    def at(self, scene_P: Tensor, column_P: Tensor, row_P: Tensor, channels: slice) -> Tensor:
        """Values of some channels between entries, bilinear, [C, P]; beyond the border as on it.

        Example:
            >>> grid = Maps.of(torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]]))
            >>> grid.at(torch.tensor([0]), torch.tensor([0.5]), torch.tensor([0.5]), slice(1)).tolist()
            [[1.5]]
        """
        column_P, row_P = column_P.clamp(0, self.width - 1.001), row_P.clamp(0, self.rows - 1.001)
        left_P, upper_P = column_P.long(), row_P.long()
        across_P, down_P = column_P - left_P, row_P - upper_P
        entry_P = (scene_P * self.rows + upper_P) * self.width + left_P
        return torch.stack(
            [self._between(values_E, entry_P, across_P, down_P) for values_E in self.values_CE[channels]]
        )

    def _between(self, values_E: Tensor, entry_P: Tensor, across_P: Tensor, down_P: Tensor) -> Tensor:
        upper_P = torch.lerp(take(values_E, entry_P), take(values_E, entry_P + 1), across_P)
        below_P = entry_P + self.width
        lower_P = torch.lerp(take(values_E, below_P), take(values_E, below_P + 1), across_P)
        return torch.lerp(upper_P, lower_P, down_P)
