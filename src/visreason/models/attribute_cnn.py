"""The multi-label attribute CNN: which attribute values occur in an image.

A baseline of Messina et al. ("Learning Relationship-aware Visual Features", 2018): the Relation Network's
CNN, summed over all cells, and two linear layers; trained with a sigmoid for each of CLEVR's 15 attribute
values. Its CNN can start a Relation Network.

Shape legend: B images, H x W pixels, C channels, A attributes.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from visreason.models.config import require
from visreason.models.output import Output
from visreason.nn.batch import Batch
from visreason.nn.convolution import PixelCnn


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeCnnConfig:
    """The size of an attribute CNN.

    Attributes:
        conv_channels: the width of each convolution.
        hidden: the width between the two linear layers.
        attribute_count: A.
    """

    conv_channels: tuple[int, ...] = (24, 24, 24, 24)
    hidden: int = 15
    attribute_count: int = 15


class AttributeCnn(nn.Module):
    """Scores of attribute values; the sigmoid of one is the probability that the image holds such an object.

    ```
    v = sum over cells (CNN(image));   scores = W_2 ReLU(W_1 v + b_1) + b_2
    ```

    Example:
        >>> model = AttributeCnn(AttributeCnnConfig())
        >>> nothing = torch.zeros(2, 0, dtype=torch.long)
        >>> batch = Batch(tokens=nothing, lengths=nothing.sum(1), images=torch.rand(2, 3, 64, 64))
        >>> model(batch).logits.shape
        torch.Size([2, 15])
    """

    def __init__(self, config: AttributeCnnConfig) -> None:
        super().__init__()
        require(len(config.conv_channels) > 0, "conv_channels is empty; give at least one layer's width.")
        self.config = config
        self.cnn = PixelCnn(config.conv_channels)
        self.head = nn.Sequential(
            nn.Linear(self.cnn.channels, config.hidden),
            nn.ReLU(),
            nn.Linear(config.hidden, config.attribute_count),
        )

    def forward(self, batch: Batch, *, trace: bool = False) -> Output:
        """Scores `[B, A]` of the batch's images. There are no reasoning steps, so `trace` adds none.

        Raises:
            ModelError: the batch has no images.
        """
        require(batch.images is not None, "the attribute CNN reads images, and the batch has none.")
        cells_BChw: Tensor = self.cnn(batch.images)
        return Output(self.head(torch.sum(cells_BChw, dim=(2, 3))))
