"""What a model file's `inputs` say of features: the backbone that made them, and their shape."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from visreason.errors import ModelError
from visreason.nn.backbone import BackboneChoice


def choice_of(inputs: Mapping[str, Any]) -> BackboneChoice:
    """The backbone that a model file's `inputs` name; imported models were trained on ResNet-101's.

    Example:
        >>> choice_of({"kind": "features", "backbone": "resnet50"}).name
        'resnet50'
    """
    weights, size = inputs.get("weights"), inputs.get("image_size", (224, 224))
    return BackboneChoice(
        name=inputs.get("backbone", "resnet101"),
        layer=inputs.get("layer", "c4"),
        weights=None if weights is None else Path(weights),
        normalisation=inputs.get("normalisation", "reference"),
        size=(size[0], size[1]),
    )


def feature_shape(inputs: Mapping[str, Any]) -> tuple[int, int, int] | None:
    """The shape (C, h, w) that a model reads, as its file's `inputs` say, or None.

    Raises:
        ModelError: it is no shape.
    """
    shape = inputs.get("shape")
    if shape is None:
        return None
    if len(shape) != 3:
        raise ModelError(f"the model's features have the shape {shape}, not channels, height and width.")
    return shape[0], shape[1], shape[2]
