"""What grid models look at: the cells of a small CNN over pixels, or of a frozen backbone's features.

Shape legend: I images, C channels, H x W pixels, h x w cells.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from visreason.errors import ModelError
from visreason.nn.batch import Batch
from visreason.nn.convolution import PixelCnn
from visreason.nn.coordinates import unit_coordinates


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageEncoderConfig:
    """How a model sees.

    Attributes:
        kind: `"pixels"`: a CNN that is trained with the model; `"features"`: those of a frozen backbone.
        shape: of one image as the batch has it: (3, H, W) for pixels, (C, h, w) for features.
        channels: the width of each convolution, for `"pixels"` only.
        strides: of each convolution; None: 2 everywhere. Larger ones make fewer cells of more pixels; one of 1 at the
            end lets a cell see beyond itself.
        coordinates: append each cell's x and y, in [-1, 1], as two more channels.
    """

    kind: Literal["pixels", "features"]
    shape: tuple[int, ...]
    channels: tuple[int, ...] = (32, 64, 64)
    strides: tuple[int, ...] | None = None
    coordinates: bool = False


class ImageEncoder(nn.Module):
    """A grid of cells for every image of a batch: `[I, C, h, w]`.

    Args:
        config: how the model sees.

    Raises:
        ModelError: a configuration that fits no images.

    Example:
        >>> encoder = ImageEncoder(ImageEncoderConfig(kind="pixels", shape=(3, 64, 64), channels=(8, 8)))
        >>> encoder.channels, encoder.height, encoder.width
        (8, 16, 16)
        >>> batch = Batch(tokens=torch.ones(1, 1), lengths=torch.ones(1), images=torch.zeros(1, 3, 64, 64))
        >>> encoder(batch).shape
        torch.Size([1, 8, 16, 16])
    """

    def __init__(self, config: ImageEncoderConfig) -> None:
        super().__init__()
        if len(config.shape) != 3 or min(config.shape) < 1:
            raise ModelError(f"the shape of an image is (channels, height, width); got {config.shape}.")
        self.config = config
        channels, self.height, self.width = config.shape
        self.stride: int | None = None
        self.cnn: PixelCnn | None = None
        if config.kind == "pixels":
            if channels != 3 or not config.channels:
                raise ModelError(
                    f"images of pixels have 3 channels and need at least one convolution; got {channels} channels "
                    f"and convolutions of {config.channels}."
                )
            strides = config.strides
            if strides is not None and (len(strides) != len(config.channels) or min(strides) < 1):
                raise ModelError(
                    f"strides are one for each of the {len(config.channels)} convolutions, from 1 on; got {strides}."
                )
            self.cnn = PixelCnn(config.channels, strides)
            self.stride, channels = self.cnn.stride, self.cnn.channels
            self.height, self.width = -(-self.height // self.stride), -(-self.width // self.stride)
        self.channels = channels + 2 * config.coordinates

    def forward(self, batch: Batch) -> Tensor:
        """The cells of every image, `[I, C, h, w]`; `Batch.spread` gives every question its own.

        Raises:
            ModelError: the batch lacks what the model sees, or has it in another shape.
        """
        cells_ICHW = self._cells(batch)
        if not self.config.coordinates:
            return cells_ICHW
        place_2HW = unit_coordinates(self.height, self.width, cells_ICHW)
        return torch.cat([cells_ICHW, place_2HW.expand(len(cells_ICHW), -1, -1, -1)], dim=1)

    def _cells(self, batch: Batch) -> Tensor:
        """The features; or the CNN's cells, computed now or, where it is frozen, before (`Batch.features`)."""
        if self.cnn is not None and batch.images is None and batch.features is not None:
            return _checked(batch.features, "cells", (self.cnn.channels, self.height, self.width))
        if self.cnn is None:
            return _checked(batch.features, "features", self.config.shape)
        cells_ICHW: Tensor = self.cnn(_checked(batch.images, "images", self.config.shape))
        return cells_ICHW


def _checked(seen: Tensor | None, name: str, shape: tuple[int, ...]) -> Tensor:
    """What a batch shows, if it is what the model sees."""
    if seen is None:
        raise ModelError(f"this model sees {name}, and the batch has none.")
    if tuple(seen.shape[1:]) != shape:
        raise ModelError(
            f"this model sees {name} of shape {_by(shape)}, but the batch has {_by(tuple(seen.shape[1:]))}. Give it "
            "what it was trained on."
        )
    return seen


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
