"""The relation counter: how many things of one kind stand right of, or before, things of another.

A Relation Network without a question whose pair network is a product, so that every number of its sum over pairs has
a name: "red right metal" is how many red things stand right of metal ones. Trained on scenes, whose counts are known,
its sum describes an image for relational retrieval. Ours; its aggregation by learnt weights of pairs of cells is after
Messina et al., "Learning visual features for relational CBIR" (2019).

Shape legend: I images, C channels, h x w = N cells, V attribute values, R = 2 relations, D = R * V * V + 1.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from visreason.models.config import require
from visreason.models.output import Output
from visreason.nn.batch import Batch
from visreason.nn.grid_layers import stem
from visreason.nn.image_encoder import ImageEncoder, ImageEncoderConfig

RELATIONS = 2
"""How many relations are counted: right of, in front of."""

CLEVR_CHOICES = (2,) * 2 + (8,) * 8 + (3,) * 3 + (2,) * 2
"""How many materials, colours, shapes and sizes there are, for each of CLEVR's 15 values."""

EMPTY = -4.0
"""The scores of fresh cells before their softplus: next to nothing is anywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationCounterConfig:
    """The size of a relation counter.

    Attributes:
        image: how it sees.
        choices: for each of the V values, among how many values its attribute chooses: 8 for "red", 2 for "metal".
        dim: the width of the convolutions after the image network.
        stem_layers: how many there are; each lets a cell see one further to all sides.
        rarity: what is rare by chance, such as red things right of blue ones, weighs more in an `aggregate`: the count
            of two values among m and n others (m n)^rarity times as much as it is. 0 leaves counts as they are; 0.5
            measures them in the standard deviations they would have by chance.
        constant: the last number of every `aggregate` and `counts`. Subtracted it is gone, but divided by its length a
            vector with it still tells many pairs from few.
    """

    image: ImageEncoderConfig
    choices: tuple[int, ...] = CLEVR_CHOICES
    dim: int = 64
    stem_layers: int = 2
    rarity: float = 0.5
    constant: float = 25.0


class RelationCounter(nn.Module):
    """How many things of each attribute value an image holds, and how many pairs of them stand in each relation.

    ```
    v_i = softplus(W x_i + b);   x = cells of CNN(image)            what of each value there is in cell i
    count_a = sum_i v_ia
    count_rab = sum_{i,j} s_r(p_i - p_j) v_ia v_jb                  things of value a that stand in r to those of b
    ```

    with p_i the row and column of cell i, and s_r the sigmoid of a learnt number for every displacement: to which
    share two things so far apart stand in r.

    Raises:
        ModelError: a configuration that fits no network.

    Example:
        >>> image = ImageEncoderConfig(kind="pixels", shape=(3, 64, 64), channels=(8, 8, 8))
        >>> model = RelationCounter(RelationCounterConfig(image=image))
        >>> nothing = torch.zeros(2, 1, dtype=torch.long)
        >>> batch = Batch(tokens=nothing, lengths=nothing[:, 0], images=torch.rand(2, 3, 64, 64))
        >>> model(batch).logits.shape, model.aggregate(batch).shape
        (torch.Size([2, 465]), torch.Size([2, 451]))
    """

    def __init__(self, config: RelationCounterConfig) -> None:
        super().__init__()
        require(len(config.choices) > 0, "choices is empty; give one value or more.")
        require(config.stem_layers >= 0, f"stem_layers is {config.stem_layers}; give none or more.")
        self.config = config
        self.image = ImageEncoder(config.image)
        self.stem = stem(self.image.channels, config.dim, config.stem_layers, batch_norm=True)
        width = config.dim if config.stem_layers else self.image.channels
        self.values = nn.Conv2d(width, len(config.choices), kernel_size=1)
        assert self.values.bias is not None
        nn.init.constant_(self.values.bias, EMPTY)
        height, width = self.image.height, self.image.width
        self.displacements = nn.Parameter(torch.zeros(RELATIONS, (2 * height - 1) * (2 * width - 1)))
        self.register_buffer("_number_of", displacement_numbers(height, width), persistent=False)
        self._number_of: Tensor
        choices_V = torch.tensor(config.choices, dtype=torch.float32)
        weight_VV = torch.outer(choices_V, choices_V) ** config.rarity
        self.register_buffer("_weight", weight_VV / weight_VV.mean(), persistent=False)
        self._weight: Tensor

    def forward(self, batch: Batch, *, trace: bool = False) -> Output:
        """Counts `[B, V + R * V * V]` of the batch's images. There are no reasoning steps, so `trace` adds none.

        Raises:
            ModelError: the batch has no images, or of another size.
        """
        values_INV = self.cells(batch)
        counts = torch.cat([values_INV.sum(dim=1), self.pairs(values_INV).flatten(1)], dim=1)
        return Output(batch.spread(counts))

    def aggregate(self, batch: Batch) -> Tensor:
        """The counts of pairs, the rarer weighing more, and the constant, `[I, D]`: what retrieval keeps of each image.

        Raises:
            ModelError: the batch has no images, or of another size.
        """
        return self._described(self.pairs(self.cells(batch)) * self._weight)

    def counts(self, batch: Batch) -> Tensor:
        """The counts of pairs as they are, and the constant, `[I, D]`.

        Raises:
            ModelError: the batch has no images, or of another size.
        """
        return self._described(self.pairs(self.cells(batch)))

    def _described(self, pairs_IRVV: Tensor) -> Tensor:
        return functional.pad(pairs_IRVV.flatten(1), (0, 1), value=self.config.constant)

    def cells(self, batch: Batch) -> Tensor:
        """What of each value there is in each cell, `[I, N, V]`; an object's shares add up to about one."""
        scores_IVhw: Tensor = self.values(self.stem(self.image(batch)))
        return functional.softplus(scores_IVhw.to(self.displacements.dtype)).flatten(2).transpose(1, 2)

    def pairs(self, values_INV: Tensor) -> Tensor:
        """The counts of pairs, `[I, R, V, V]`: of things of the first value that stand so to those of the second."""
        share_RNN = self.displacements.sigmoid()[:, self._number_of]
        return torch.einsum("ina,rnm,imb->irab", values_INV, share_RNN, values_INV)


def displacement_numbers(height: int, width: int) -> Tensor:
    """From each cell to each, the number of the displacement, Long `[N, N]`: equal ones have the same.

    Example:
        >>> displacement_numbers(1, 3)
        tensor([[2, 1, 0],
                [3, 2, 1],
                [4, 3, 2]])
    """
    row_N = torch.arange(height).repeat_interleave(width)
    column_N = torch.arange(width).repeat(height)
    down_NN = row_N[:, None] - row_N + height - 1
    along_NN = column_N[:, None] - column_N + width - 1
    return down_NN * (2 * width - 1) + along_NN
