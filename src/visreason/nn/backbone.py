"""Frozen networks that were trained on other images, as the first half of ours.

Shape legend: I images, C channels, H x W pixels, h x w cells.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

import torch
from torch import Tensor, nn

from visreason.errors import ModelError

Normalisation = Literal["imagenet", "reference", "half", "none"]
Layer = Literal["c2", "c3", "c4", "c5"]

NORMALISATIONS: dict[Normalisation, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "reference": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.224)),
    "half": ((127 / 255,) * 3, (128 / 255,) * 3),
    "none": ((0.0,) * 3, (1.0,) * 3),
}
"""Mean and standard deviation of red, green and blue in [0, 1]. "reference" has the slip of clevr-iep and all who took
its script over, so that features equal theirs; "half" is EfficientNet-Lite's."""

LAYERS: tuple[Layer, ...] = ("c2", "c3", "c4", "c5")
"""Stages of a backbone, each of half the size: c4 has a cell for every 16 pixels, and is what CLEVR's module networks
read of ResNet-101 (its third stage)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackboneChoice:
    """Which features of which network.

    Attributes:
        name: a key of `visreason.nn.backbones.BACKBONES`, or what transformers' `AutoBackbone` loads: a folder or the
            name of a model.
        layer: which stage.
        weights: a file of weights; None takes those that come with the network, if any do.
        normalisation: of the pixels, before the network.
        size: height and width that images are resized to.
    """

    name: str = "resnet101"
    layer: Layer = "c4"
    weights: Path | None = None
    normalisation: Normalisation = "imagenet"
    size: tuple[int, int] = (224, 224)


class Backbone(nn.Module):
    """Features of images: pixels `[I, 3, H, W]` in [0, 1] to `[I, C, h, w]`.

    ```
    features = stage((pixels - mean) / deviation)
    ```

    It stays in evaluation mode and its weights are never trained.

    Args:
        network: from normalised pixels to features.
        normalisation: of the pixels.

    Example:
        >>> Backbone(nn.MaxPool2d(2), "none")(torch.ones(1, 3, 4, 4)).shape
        torch.Size([1, 3, 2, 2])
    """

    mean_311: Tensor
    deviation_311: Tensor

    def __init__(self, network: Callable[[Tensor], Tensor] | nn.Module, normalisation: Normalisation) -> None:
        super().__init__()
        self.network = network
        mean, deviation = NORMALISATIONS[normalisation]
        self.register_buffer("mean_311", torch.tensor(mean)[:, None, None], persistent=False)
        self.register_buffer("deviation_311", torch.tensor(deviation)[:, None, None], persistent=False)
        self.requires_grad_(requires_grad=False)
        self.eval()

    def train(self, mode: bool = True) -> Self:
        """Stay in evaluation mode: a frozen network's normalisation must not follow our images."""
        return super().train(mode=False)

    @torch.no_grad()
    def forward(self, images_I3HW: Tensor) -> Tensor:
        """Features `[I, C, h, w]`.

        Raises:
            ModelError: the images are not RGB.
        """
        if images_I3HW.dim() != 4 or images_I3HW.shape[1] != 3:
            raise ModelError(
                f"a backbone reads images of 3 channels; got the shape {tuple(images_I3HW.shape)}."
            )
        features_IChw: Tensor = self.network((images_I3HW - self.mean_311) / self.deviation_311)
        return features_IChw

    @torch.no_grad()
    def shape(self, size: tuple[int, int]) -> tuple[int, int, int]:
        """Channels, height and width of the features of images of this size."""
        channels, height, width = self(self.mean_311.new_zeros(1, 3, *size)).shape[1:]
        return channels, height, width


def on_device() -> str:
    """Where a backbone runs: on a GPU where there is one."""
    return "cuda" if torch.cuda.is_available() else "cpu"
