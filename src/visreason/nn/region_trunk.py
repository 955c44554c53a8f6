"""What models of regions see: cells of an image, and what a region looks like.

A backbone makes a map of cells; a region is cropped off it; the head turns the crop into numbers.

Shape legend: I images, R regions, C channels, H x W pixels, h x w cells, P x P samples of a region, F numbers a region.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import torch
from torch import Tensor, nn

from visreason.errors import ModelError
from visreason.nn.backbone import NORMALISATIONS
from visreason.nn.backbones import fill_resnet, resnet_network
from visreason.nn.convolution import PixelCnn
from visreason.nn.dense import Dense
from visreason.nn.precision import widened
from visreason.nn.region_batch import RegionBatch
from visreason.nn.region_tables import Edges, Grid
from visreason.nn.torch_file import read_state_dict

CAFFE_MEANS = (103.939, 116.779, 123.68)
"""Of blue, green and red in 0 .. 255, as in networks that were trained with Caffe."""

_VGG = (64, 64, None, 128, 128, None, 256, 256, 256, None, 512, 512, 512, None, 512, 512, 512)
"""VGG-16's convolutions; None halves the map."""

_VGG_FROZEN = 10
"""The layers before the third group, which keep their weights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionTrunkConfig:
    """How a model of regions sees.

    Attributes:
        kind: `"pixels"`: a CNN that is trained with the model; `"features"`: those of a frozen backbone (any of
            `visreason.nn.backbones`); `"resnet50"`, `"resnet101"`: trained from the second stage on, all batch
            normalisation frozen, conv5 as the head; `"vgg16"`: trained from the third group on, its two wide layers as
            the head.
        channels: `"pixels"`: the width of each convolution of stride 2; four make cells of 16 pixels.
        feature_channels: `"features"`: C.
        feature_stride: `"features"`: pixels a cell.
        head: `"pixels"` and `"features"`: the widths of the convolutions on a region's crop, which is then averaged.
        crop: P.
        edges: what samples of a region beyond the outermost cells' centres read: `"zero"` as published, or `"clamp"`,
            the nearest cells, for maps so coarse that objects at the edge would lose much.
        colours: `"resnet50"`, `"resnet101"`, `"vgg16"`: what their weights were trained with; `"torchvision"`: red,
            green, blue by mean and deviation; `"caffe"`: blue, green, red in 0 .. 255 less (103.939, 116.779, 123.68).
    """

    kind: Literal["pixels", "features", "resnet50", "resnet101", "vgg16"] = "pixels"
    channels: tuple[int, ...] = (32, 64, 128, 128)
    feature_channels: int = 1024
    feature_stride: int = 16
    head: tuple[int, ...] = (128,)
    colours: Literal["torchvision", "caffe"] = "torchvision"
    crop: int = 7
    edges: Edges = "zero"


class RegionTrunk(nn.Module):
    """Cells of every image of a batch, and a head for crops of them.

    In evaluation the pixel CNN sees each image as if it were alone, whatever it is padded to; in training its
    normalisation counts the images' own cells only. Networks of others see the padding as pixels of the mean colour.

    Args:
        config: how the model sees.
        head_stride: of a ResNet's conv5 on the crop; 1 as published, 2 as ResNets are made.

    Attributes:
        channels: C.
        feature_size: F.
        stride: pixels a cell.

    Raises:
        ModelError: a configuration that fits no images.
        UsageError: an optional package is missing.

    Example:
        >>> trunk = RegionTrunk(RegionTrunkConfig(channels=(8, 8, 8, 8), head=(12,)))
        >>> batch = RegionBatch(
        ...     sizes=torch.tensor([[64, 60]]), boxes=torch.zeros(0, 4), image_rows=torch.zeros(0).long(),
        ...     images=torch.rand(1, 3, 64, 60),
        ... )
        >>> cells, grid = trunk(batch)
        >>> cells.shape, trunk.head(torch.zeros(2, 8, 7, 7)).shape
        (torch.Size([1, 8, 4, 4]), torch.Size([2, 12]))
    """

    network: Any  # transformers' ResNet, or None
    offset_311: Tensor
    scale_311: Tensor

    def __init__(self, config: RegionTrunkConfig, *, head_stride: int = 1) -> None:
        super().__init__()
        self.config = config
        self.cnn: PixelCnn | None = None
        self.network = None
        self.stride = 16
        if config.kind in ("pixels", "features"):
            self._build_small()
        elif config.kind == "vgg16":
            self.features = _vgg_features()
            self.channels, self.feature_size = 512, 4096
            self.region_head: nn.Module = _vgg_head(config.crop)
        else:
            self.network = resnet_network(config.kind, "c4")
            self.channels, self.feature_size = 1024, 2048
            _set_stride(self.network.encoder.stages[3], head_stride)
        self._freeze()
        if config.colours == "caffe":
            mean, deviation = tuple(one / 255 for one in reversed(CAFFE_MEANS)), (1 / 255,) * 3
        else:
            mean, deviation = NORMALISATIONS["imagenet"]
        self.register_buffer("offset_311", torch.tensor(mean)[:, None, None], persistent=False)
        self.register_buffer("scale_311", torch.tensor(deviation)[:, None, None], persistent=False)

    def _build_small(self) -> None:
        """The pixel CNN, or nothing for features, and a head of a few convolutions."""
        config = self.config
        if not config.head or (config.kind == "pixels" and not config.channels):
            raise ModelError(
                f"the trunk needs at least one convolution in `head` and, of pixels, in `channels`; got "
                f"{config.head} and {config.channels}."
            )
        self.channels, self.stride = config.feature_channels, config.feature_stride
        if config.kind == "pixels":
            self.cnn = PixelCnn(config.channels)
            self.channels, self.stride = self.cnn.channels, self.cnn.stride
        self.feature_size = config.head[-1]
        before = (self.channels, *config.head[:-1])
        layers = [
            nn.Sequential(nn.Conv2d(wide, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(inplace=True))
            for wide, width in zip(before, config.head, strict=True)
        ]
        self.region_head = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())

    def forward(self, batch: RegionBatch) -> tuple[Tensor, Grid]:
        """Cells `[I, C, h, w]` and how they lie over the images.

        Raises:
            ModelError: the batch lacks what the model sees, or has it in another shape.
        """
        cells_IChw = self._given(batch) if self.config.kind == "features" else self._seen(batch)
        grid = Grid.of(batch, cells_IChw.shape[2], cells_IChw.shape[3], self.stride)
        most_h, most_w = grid.sizes_I2.amax(0).tolist() if len(batch) else (0, 0)
        if most_h > grid.height or most_w > grid.width:
            raise ModelError(
                f"images of up to {most_h}x{most_w} cells of {self.stride} pixels do not fit into maps of "
                f"{grid.height}x{grid.width}. `sizes` must be those of the resized images that the batch holds."
            )
        return cells_IChw, grid

    def head(self, crops_RCPP: Tensor) -> Tensor:
        """What each region looks like, `[R, F]`."""
        if self.network is not None:
            stage = self.network.encoder.stages[3]
            wide_RFPP: Tensor = stage(crops_RCPP)
            return wide_RFPP.mean(dim=(2, 3))
        given = crops_RCPP.flatten(1) if self.config.kind == "vgg16" else crops_RCPP
        features_RF: Tensor = self.region_head(given)
        return features_RF

    def train(self, mode: bool = True) -> Self:
        """Train, but leave the batch normalisation of networks of others as it is."""
        super().train(mode)
        if self.network is not None:
            self.network.eval()
        return self

    def load(self, weights: Path) -> None:
        """Start from weights that were trained on other images.

        Args:
            weights: of a ResNet as torchvision, timm or transformers save them, or of torchvision's VGG-16.

        Raises:
            ModelError: the weights cannot be read or do not fit, or the trunk is none that others have trained.
        """
        if self.network is not None:
            fill_resnet(self.network, self.config.kind, weights)
        elif self.config.kind == "vgg16":
            tensors = read_state_dict(weights, "weights of torchvision's VGG-16 (.pth or .safetensors)")
            renamed = {name.replace("classifier.", "region_head."): one for name, one in tensors.items()}
            wanted = self.state_dict()
            try:
                self.load_state_dict({name: renamed[name] for name in wanted})
            except (KeyError, RuntimeError) as error:
                raise ModelError(
                    f"{weights} holds no VGG-16 of torchvision: {error}. Give its weights."
                ) from error
        else:
            raise ModelError(f"a trunk of {self.config.kind} has no weights of others. Train it.")

    def _given(self, batch: RegionBatch) -> Tensor:
        features = batch.features
        if features is None or features.shape[1] != self.channels:
            got = "none" if features is None else f"{features.shape[1]}"
            raise ModelError(
                f"this model sees features of {self.channels} channels, and the batch has {got}."
            )
        return features

    def _seen(self, batch: RegionBatch) -> Tensor:
        """Cells of the batch's pixels."""
        images = batch.images
        if images is None or images.dim() != 4 or images.shape[1] != 3:
            raise ModelError("this model sees images of 3 channels `[I, 3, H, W]`, and the batch has none.")
        if self.cnn is not None:
            return self._convolved(images, batch)
        inside = Grid.of(batch, images.shape[2], images.shape[3], 1).inside()
        pixels_I3HW = (images - self.offset_311) / self.scale_311
        if inside is not None:
            pixels_I3HW = pixels_I3HW * inside
        if self.config.colours == "caffe":
            pixels_I3HW = pixels_I3HW.flip(1)
        if self.network is None:
            cells: Tensor = self.features(pixels_I3HW)
            return cells
        cells = self.network.embedder(pixels_I3HW)
        for stage in self.network.encoder.stages[:3]:
            cells = stage(cells)
        return cells

    def _convolved(self, images_I3HW: Tensor, batch: RegionBatch) -> Tensor:
        """The pixel CNN's cells; between its layers what spills into the padding is wiped out."""
        assert self.cnn is not None
        if Grid.of(batch, images_I3HW.shape[2], images_I3HW.shape[3], 1).inside() is None:
            whole: Tensor = self.cnn(images_I3HW)
            return whole
        cells = images_I3HW
        for depth, layer in enumerate(self.cnn.layers, 1):
            convolution, normalise, rectify = layer.children()
            cells = convolution(cells)
            inside = Grid.of(batch, cells.shape[2], cells.shape[3], 2**depth).inside()
            assert isinstance(normalise, nn.BatchNorm2d)
            if inside is not None:
                cells = rectify(_normalise_inside(normalise, cells, inside)) * inside
            else:
                cells = rectify(normalise(cells))
        return cells

    def _freeze(self) -> None:
        """Stop the training of the first stage and of all batch normalisation of networks of others."""
        if self.config.kind == "vgg16":
            self.features[:_VGG_FROZEN].requires_grad_(requires_grad=False)
        elif self.network is not None:
            self.network.embedder.requires_grad_(requires_grad=False)
            self.network.encoder.stages[0].requires_grad_(requires_grad=False)
            for module in self.network.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.requires_grad_(requires_grad=False)


def _normalise_inside(norm: nn.BatchNorm2d, cells_IChw: Tensor, inside_I1hw: Tensor) -> Tensor:
    """Batch normalisation whose mean and variance are those of the cells inside images."""
    if not norm.training:
        normal: Tensor = norm(cells_IChw)
        return normal
    cells_IChw = widened(cells_IChw)
    count = inside_I1hw.sum()
    mean_C = (cells_IChw * inside_I1hw).sum((0, 2, 3)) / count
    apart_IChw = cells_IChw - mean_C[:, None, None]
    variance_C = (apart_IChw.square() * inside_I1hw).sum((0, 2, 3)) / count
    assert norm.running_mean is not None
    assert norm.running_var is not None
    assert norm.num_batches_tracked is not None
    with torch.no_grad():
        share = norm.momentum if norm.momentum is not None else 0.1
        norm.running_mean.lerp_(mean_C, share)
        norm.running_var.lerp_(variance_C * count / (count - 1).clamp_min(1), share)
        norm.num_batches_tracked += 1
    scale_C = norm.weight * (variance_C + norm.eps).rsqrt()
    return apart_IChw * scale_C[:, None, None] + norm.bias[:, None, None]


def _vgg_features() -> nn.Sequential:
    """VGG-16's convolutions up to conv5_3, in torchvision's order of layers."""
    layers: list[nn.Module] = []
    channels = 3
    for width in _VGG:
        if width is None:
            layers.append(nn.MaxPool2d(2, ceil_mode=True))
        else:
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU(inplace=True)]
            channels = width
    return nn.Sequential(*layers)


def _vgg_head(crop: int) -> nn.Sequential:
    """VGG-16's two wide layers, in torchvision's order of layers."""
    return nn.Sequential(
        Dense(512 * crop * crop, 4096),
        nn.ReLU(inplace=True),
        nn.Dropout(),
        Dense(4096, 4096),
        nn.ReLU(inplace=True),
        nn.Dropout(),
    )


def _set_stride(stage: nn.Module, stride: int) -> None:
    """Make a stage that halves its map keep its size, or the other way round."""
    for module in stage.modules():
        if isinstance(module, nn.Conv2d) and module.stride == (2, 2):
            module.stride = (stride, stride)
