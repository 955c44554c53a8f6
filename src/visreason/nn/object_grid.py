"""Objects as points on a grid of cells: what a detector without boxes is taught, and what it says.

Zhou, Wang and Krähenbühl, "Objects as Points" (2019, https://arxiv.org/abs/1904.07850): an object belongs to the cell
that its centre falls into; that cell says that it is there, what it is, and where in the cell its centre lies.

Shape legend: B images, N objects (padded), h x w cells, F attributes of V values together, K = 1 + V + 2 scores a cell.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

PLACE = 3
"""Numbers of an object before its attributes: x and y of its centre as fractions of the image, and its depth."""


@dataclass(frozen=True, slots=True)
class CellScores:
    """What a detector says of every cell.

    Attributes:
        presence_Bhw: how sure it is that a centre lies here; the sigmoid is the probability.
        values: for each attribute the scores of its values, `[B, values, h, w]`; the softmax is their distribution.
        offset_B2hw: where in the cell the centre lies, x and y from -0.5 to 0.5 of a cell.
    """

    presence_Bhw: Tensor
    values: tuple[Tensor, ...]
    offset_B2hw: Tensor

    @classmethod
    def of(cls, scores_BKhw: Tensor, value_counts: Sequence[int]) -> "CellScores":
        """The parts of a cell's scores.

        Args:
            scores_BKhw: the presence, the values of each attribute, the offset.
            value_counts: how many values each attribute has.

        Example:
            >>> found = CellScores.of(torch.zeros(1, 1 + 5 + 2, 2, 3), (2, 3))
            >>> found.presence_Bhw.shape, [one.shape[1] for one in found.values], found.offset_B2hw.shape
            (torch.Size([1, 2, 3]), [2, 3], torch.Size([1, 2, 2, 3]))
        """
        presence, *values, offset = torch.split(scores_BKhw, [1, *value_counts, 2], dim=1)
        return cls(presence[:, 0], tuple(values), offset)


@dataclass(frozen=True, slots=True)
class TrueCells:
    """The objects that have a cell to themselves, or are the nearest in theirs; M of them in all images.

    Attributes:
        present_Bhw: whether some centre falls into the cell.
        image_M, row_M, column_M: the cell of each object.
        values_MF: which value of each attribute it has, Long.
        offset_M2: where in the cell its centre lies.
    """

    present_Bhw: Tensor
    image_M: Tensor
    row_M: Tensor
    column_M: Tensor
    values_MF: Tensor
    offset_M2: Tensor

    @classmethod
    def of(cls, objects_BND: Tensor, mask_BN: Tensor, height: int, width: int) -> "TrueCells":
        """Put objects on a grid. Of those that share a cell the nearest has it, because it hides the others.

        Args:
            objects_BND: x and y of the centre as fractions of the image, depth, then the number of each attribute's
                value: D = 3 + F.
            mask_BN: which of them are objects and not padding.
            height, width: of the grid.

        Example:
            >>> far, near = [0.1, 0.9, 12.0, 0.0], [0.2, 0.6, 8.0, 1.0]
            >>> cells = TrueCells.of(torch.tensor([[far, near]]), torch.ones(1, 2, dtype=torch.bool), 2, 2)
            >>> cells.present_Bhw.int().tolist(), cells.values_MF.tolist()
            ([[[0, 0], [1, 0]]], [[1]])
        """
        size_2 = objects_BND.new_tensor([width, height])
        at_BN2 = objects_BND[..., :2] * size_2
        cell_BN2 = at_BN2.floor().clamp(min=0).minimum(size_2 - 1)
        number_BN = (cell_BN2[..., 1] * width + cell_BN2[..., 0]).long()
        depth_BN = objects_BND[..., 2].masked_fill(~mask_BN, torch.inf)
        same_BNN = number_BN[:, :, None] == number_BN[:, None, :]
        hidden_BN = (same_BNN & (depth_BN[:, None, :] < depth_BN[:, :, None])).any(dim=2)
        image_M, place_M = (mask_BN & ~hidden_BN).nonzero(as_tuple=True)
        number_M = number_BN[image_M, place_M]
        present_BC = torch.zeros(
            len(objects_BND), height * width, dtype=torch.bool, device=objects_BND.device
        )
        present_BC[image_M, number_M] = True
        return cls(
            present_BC.view(-1, height, width),
            image_M,
            number_M // width,
            number_M % width,
            objects_BND[image_M, place_M, PLACE:].long(),
            (at_BN2 - cell_BN2)[image_M, place_M] - 0.5,
        )

    def pick(self, map_BXhw: Tensor) -> Tensor:
        """What a map says at each object's cell, `[M, X]`."""
        return map_BXhw[self.image_M, :, self.row_M, self.column_M]


def detection_loss(found: CellScores, true: TrueCells) -> Tensor:
    r"""The loss of a batch, a number:

    $$\frac1M \Bigl( \sum_{\text{cells}} \text{BCE}(p, t) + \sum_{m} \sum_f \text{CE}(v_f, y_{mf}) +
    \sum_m \lVert o - o_m \rVert_1 \Bigr)$$

    over all cells for the presence, and over the M objects for what and where they are. (The paper's presence has a
    Gaussian around each centre and the focal loss; with one cell for every 16 pixels neither is needed.)

    Example:
        >>> true = TrueCells.of(torch.tensor([[[0.1, 0.1, 9.0, 1.0]]]), torch.ones(1, 1, dtype=torch.bool), 2, 2)
        >>> blank = CellScores.of(torch.zeros(1, 1 + 2 + 2, 2, 2), (2,))
        >>> round(float(detection_loss(blank, true)), 3)  # 5 log 2, and an offset that is 0.3 wrong in x and y
        4.066
    """
    objects = max(1, len(true.image_M))
    presence = functional.binary_cross_entropy_with_logits(
        found.presence_Bhw.float(), true.present_Bhw.float(), reduction="sum"
    )
    what = sum(
        functional.cross_entropy(true.pick(scores).float(), true.values_MF[:, each], reduction="sum")
        for each, scores in enumerate(found.values)
    )
    where = (true.pick(found.offset_B2hw).float() - true.offset_M2).abs().sum()
    return (presence + what + where) / objects
