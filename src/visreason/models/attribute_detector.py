"""The attribute detector: where the objects of an image are, and what each of them is.

A detector without boxes ("Objects as Points", Zhou et al. 2019, https://arxiv.org/abs/1904.07850) with a head for every
attribute. What it learns cell by cell an image-level network (`attribute_cnn`) has to find out by itself: which of an
image's many things a value belongs to. Its CNN can start every network here that sees pixels, or be its frozen eyes.

Shape legend: I images, h x w cells, V values of all attributes, K = 1 + V + 2 scores a cell.
"""

from dataclasses import dataclass

from torch import Tensor, nn

from visreason.models.config import require
from visreason.models.output import Output
from visreason.nn.batch import Batch
from visreason.nn.grid_layers import stem
from visreason.nn.image_encoder import ImageEncoder, ImageEncoderConfig
from visreason.nn.object_grid import CellScores

RARE = -3.0
"""The first score of a presence: about one cell in twenty holds a centre."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeDetectorConfig:
    """The size of an attribute detector.

    Attributes:
        image: how it sees.
        value_counts: how many values each attribute has.
        dim: the width of the convolutions after the image network.
        stem_layers: how many there are; each lets a cell see one further to all sides.
    """

    image: ImageEncoderConfig
    value_counts: tuple[int, ...] = (2, 8, 3, 2)
    dim: int = 64
    stem_layers: int = 1


class AttributeDetector(nn.Module):
    """Scores of every cell: of an object's centre, of the values of its attributes, and where in the cell it lies.

    ```
    scores = Conv1x1(stem(CNN(image)))
    ```

    Raises:
        ModelError: a configuration that fits no network.

    Example:
        >>> import torch
        >>> image = ImageEncoderConfig(kind="pixels", shape=(3, 32, 48), channels=(8, 8, 8))
        >>> model = AttributeDetector(AttributeDetectorConfig(image=image))
        >>> nothing = torch.zeros(2, 1, dtype=torch.long)
        >>> batch = Batch(tokens=nothing, lengths=nothing[:, 0], images=torch.rand(2, 3, 32, 48))
        >>> model(batch).logits.shape, model.detect(batch).presence_Bhw.shape
        (torch.Size([2, 432]), torch.Size([2, 4, 6]))
    """

    def __init__(self, config: AttributeDetectorConfig) -> None:
        super().__init__()
        require(len(config.value_counts) > 0, "value_counts is empty; give one attribute or more.")
        require(config.stem_layers >= 0, f"stem_layers is {config.stem_layers}; give none or more.")
        self.config = config
        self.image = ImageEncoder(config.image)
        self.stem = stem(self.image.channels, config.dim, config.stem_layers, batch_norm=True)
        width = config.dim if config.stem_layers else self.image.channels
        self.scores = nn.Conv2d(width, 1 + sum(config.value_counts) + 2, kernel_size=1)
        assert self.scores.bias is not None
        nn.init.constant_(self.scores.bias[:1], RARE)

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of cells."""
        return self.image.height, self.image.width

    def forward(self, batch: Batch, *, trace: bool = False) -> Output:
        """The scores of all cells side by side, `[B, K * h * w]`. There are no reasoning steps: `trace` adds none.

        Raises:
            ModelError: the batch has no images, or of another size.
        """
        return Output(batch.spread(self._cells(batch)).flatten(1))

    def detect(self, batch: Batch) -> CellScores:
        """The scores of the cells of each image, part by part.

        Raises:
            ModelError: the batch has no images, or of another size.
        """
        return self.read(self._cells(batch).flatten(1))

    def read(self, logits_BX: Tensor) -> CellScores:
        """The parts of what `forward` gives."""
        return CellScores.of(logits_BX.view(len(logits_BX), -1, *self.grid), self.config.value_counts)

    def _cells(self, batch: Batch) -> Tensor:
        scores_IKhw: Tensor = self.scores(self.stem(self.image(batch)))
        return scores_IKhw
