"""What a soft program, and a place on a grid, are trained with.

From Hu et al. (ECCV 2018).

Shape legend: B questions, T steps, M modules, P cells.
"""

from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

SMALLEST = 1e-5
"""Probabilities below this count as this in an entropy's logarithm."""


def layout_loss(logits_BTM: Tensor, layouts_BT: Tensor) -> Tensor:
    """The mean cross entropy of the true module over all questions and steps, NoOps after the end included.

    Args:
        logits_BTM: scores of the modules, before the stack has had its say.
        layouts_BT: the true modules' numbers.
    """
    return functional.cross_entropy(logits_BTM.flatten(0, 1), layouts_BT.flatten())


def sharpening_loss(logits_BTM: Tensor, kind: Literal["entropy", "maximum"] = "entropy") -> Tensor:
    """How undecided the modules' weights are, in the mean over all questions and steps.

    ```
    entropy:  - sum_m p_m log p_m;        maximum:  1 - max_m p_m
    ```

    >>> sharpening_loss(torch.tensor([[[50.0, 0.0]]])).item() < 1e-3
    True
    """
    chances_BTM = logits_BTM.softmax(dim=2)
    if kind == "maximum":
        return (1 - chances_BTM.amax(dim=2)).mean()
    return -(chances_BTM * chances_BTM.clamp_min(SMALLEST).log()).sum(dim=2).mean()


def ramp(step: int, begin: int, end: int) -> float:
    """0 up to the step `begin`, 1 from `end` on, and straight in between.

    >>> ramp(150, 100, 200), ramp(99, 100, 200), ramp(300, 100, 200)
    (0.5, 0.0, 1.0)
    """
    return float(min(max((step - begin) / max(1, end - begin), 0.0), 1.0))


def location_loss(
    places_BP: Tensor, corners_BP4: Tensor, cells_B: Tensor, offsets_B4: Tensor
) -> tuple[Tensor, Tensor]:
    """The cross entropy of the true cell, and the mean squared error of the corners from that cell.

    Args:
        places_BP: scores of cells.
        corners_BP4: corners from every cell.
        cells_B: the true cells.
        offsets_B4: the true corners, as `visreason.nn.boxes.encode_boxes` gives them.
    """
    told_B4 = corners_BP4[torch.arange(len(cells_B), device=cells_B.device), cells_B]
    return functional.cross_entropy(places_BP, cells_B), functional.mse_loss(told_B4, offsets_B4)
