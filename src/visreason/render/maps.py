"""Grids of values on the floor, one a scene, read between their entries."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Maps:
    """One grid a scene, stacked: B scenes, C channels, rows of W entries.

    Attributes:
        stack_CHW: the grids below each other, H = B * rows.
        rows: rows of one grid.
    """

    stack_CHW: Tensor
    rows: int

    @staticmethod
    def of(values_BCRW: Tensor) -> "Maps":
        """Stack grids given as [B, C, rows, W]."""
        _, channels, rows, width = values_BCRW.shape
        return Maps(values_BCRW.transpose(0, 1).reshape(channels, -1, width).contiguous(), rows)

    def at(self, scene_P: Tensor, column_P: Tensor, row_P: Tensor) -> Tensor:
        """Values between entries, bilinear, [C, P]; beyond the border as on it.

        Example:
            >>> grid = Maps.of(torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]]))
            >>> grid.at(torch.tensor([0]), torch.tensor([0.5]), torch.tensor([0.5])).tolist()
            [[1.5]]
        """
        channels, height, width = self.stack_CHW.shape
        row_P = row_P.clamp(0, self.rows - 1) + scene_P * self.rows
        place_P2 = torch.stack((column_P * (2 / (width - 1)) - 1, row_P * (2 / (height - 1)) - 1), dim=-1)
        return torch.nn.functional.grid_sample(
            self.stack_CHW[None], place_P2[None, None], padding_mode="border", align_corners=True
        ).reshape(channels, -1)
