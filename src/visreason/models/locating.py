"""From the map a network ends with to a box: which cell, and where the box's corners lie from there.

Shape legend: B expressions, P = h * w cells, D numbers a cell, H question size.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from visreason.models.config import require


@dataclass(frozen=True, slots=True, kw_only=True)
class LocationHeadConfig:
    """How a map becomes a box; the defaults are those of Hu et al. (ECCV 2018).

    Attributes:
        scores: from the map to the cells' scores: "affine" with one weight and bias, "affine-by-cell" with a pair for
            each cell (as a public port has it), or a 3x3 "convolution".
        positive: the affine weights count by their size, so that more attention never scores less.
        corners: "by-cell" from the cell that is chosen, or "attended" from what the whole map attends to.
        question: the corners also depend on the question, through `W q * cell`.
        frame: height and width, in pixels, of the images that boxes are given in.
    """

    scores: Literal["affine", "affine-by-cell", "convolution"] = "affine"
    positive: bool = True
    corners: Literal["by-cell", "attended"] = "by-cell"
    question: bool = False
    frame: tuple[int, ...] = (320, 480)


class LocationHead(nn.Module):
    """Scores of cells `[B, P]`, and box corners from every cell `[B, P, 4]`.

    ```
    affine:  score_p = |w| a_p + b;        by-cell:  corners_p = W k_p + c
    ```

    Args:
        config: how.
        grid: h and w.
        size: D.
        question: H.

    Raises:
        ModelError: a frame that is no image's size.
    """

    def __init__(self, config: LocationHeadConfig, grid: tuple[int, int], size: int, question: int) -> None:
        super().__init__()
        require(
            len(config.frame) == 2 and min(config.frame) > 0,
            f"frame is {config.frame}; give the height and width of the images that boxes are given in.",
        )
        require(
            config.positive or config.scores != "convolution",
            "positive is about affine scores; leave it true with a convolution.",
        )
        self.config, self.grid = config, grid
        count = grid[0] * grid[1] if config.scores == "affine-by-cell" else 1
        if config.scores == "convolution":
            self.convolution = nn.Conv2d(1, 1, kernel_size=3, padding=1)
        else:
            self.weight = nn.Parameter(torch.ones(count))
            self.bias = nn.Parameter(torch.zeros(count))
        self.box = nn.Linear(size, 4)
        self.asked = nn.Linear(question, size) if config.question else None

    def forward(self, cells_BPD: Tensor, map_BP: Tensor, question_BH: Tensor) -> tuple[Tensor, Tensor]:
        """Scores of cells, and corners from every cell's middle, in cells."""
        return self.score(map_BP), self._corners(cells_BPD, map_BP, question_BH)

    def score(self, map_BP: Tensor) -> Tensor:
        """The cells' scores."""
        if self.config.scores == "convolution":
            scores_B1hw: Tensor = self.convolution(map_BP.reshape(len(map_BP), 1, *self.grid))
            return scores_B1hw.flatten(1)
        weight = self.weight.abs() if self.config.positive else self.weight
        return weight * map_BP + self.bias

    def _corners(self, cells_BPD: Tensor, map_BP: Tensor, question_BH: Tensor) -> Tensor:
        if self.config.corners == "attended":
            cells_BPD = torch.bmm(map_BP.softmax(dim=1)[:, None], cells_BPD)
        if self.asked is not None:
            cells_BPD = functional.normalize(self.asked(question_BH)[:, None] * cells_BPD, dim=2)
        corners_BP4: Tensor = self.box(cells_BPD)
        return corners_BP4.expand(-1, map_BP.shape[1], -1)


def chosen_corners(places_BP: Tensor, corners_BP4: Tensor) -> tuple[Tensor, Tensor]:
    """The likeliest cell, `[B]`, and the corners from it, `[B, 4]`, as `visreason.nn.boxes.decode_boxes` takes them."""
    cell_B = places_BP.argmax(dim=1)
    return cell_B, corners_BP4[torch.arange(len(cell_B), device=cell_B.device), cell_B]
