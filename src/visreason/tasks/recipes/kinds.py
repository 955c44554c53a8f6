"""What a model sees, in several kinds, and which network it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from visreason.tasks.recipes.checks import require


@dataclass(frozen=True, slots=True)
class PixelInputs:
    """The model sees the image.

    Attributes:
        image_size: height and width that images are resized to.
        augment: pad, crop and turn training images a little, as the references do; where objects and their places are
            taught, mirror and shift the images and the places with them.
        render: make the images from the scenes while training, on the training device, instead of reading
            files.
        jitter: where images are made while training, see every scene from a new camera and under new lamps in
            every epoch, within CLEVR's own range; what is measured on is not jittered anew.
        photometric: change the light, colour, sharpness and compression of training images at random, from 0, not at
            all, to 1 (`visreason.data.photometric`); nothing moves, so that places that are taught stay true.
    """

    kind: ClassVar[str] = "pixels"
    image_size: tuple[int, int]
    augment: bool
    render: bool
    jitter: bool = False  # older runs do not name this and the next
    photometric: float = 0.0

    def __post_init__(self) -> None:
        require(min(self.image_size) >= 16, "inputs.image_size", self.image_size, "at least 16 on both sides")
        require(
            not (self.render and self.augment), "inputs.render", True, "false where inputs.augment is true"
        )
        require(self.render or not self.jitter, "inputs.jitter", True, "false where inputs.render is false")
        strength, stored = self.photometric, not self.render
        require(0 <= strength <= 1, "inputs.photometric", strength, "from 0 to 1")
        require(stored or not strength, "inputs.photometric", strength, "0 where inputs.render is true")

    @property
    def needs_images(self) -> bool:
        """Whether image files are read."""
        return not self.render

    def to_meta(self) -> dict[str, Any]:
        """What a model file says of its inputs."""
        return {"kind": self.kind, "image_size": list(self.image_size)}


@dataclass(frozen=True, slots=True)
class FeatureInputs:
    """The model sees a frozen backbone's features of the image.

    Attributes:
        backbone: its name, as `visreason features` takes it.
        layer: the stage whose features are read.
        weights: a file of the backbone's weights; null takes those that come with it. A store needs none.
        normalisation: of the pixels: "imagenet", "reference" (the published extractors' slip), "half" or "none".
        image_size: height and width that images are resized to before the backbone.
        features: where they are stored, with {split} for the split's name; null looks beside the data, where
            `visreason features` puts them.
        on_the_fly: send the images through the backbone while training instead of reading a store.
    """

    kind: ClassVar[str] = "features"
    backbone: str
    layer: Literal["c2", "c3", "c4", "c5"]
    weights: str | None
    normalisation: Literal["imagenet", "reference", "half", "none"]
    image_size: tuple[int, int]
    features: str | None
    on_the_fly: bool

    def __post_init__(self) -> None:
        require(min(self.image_size) >= 32, "inputs.image_size", self.image_size, "at least 32 on both sides")
        stored = self.features is None or not self.on_the_fly
        require(stored, "inputs.features", self.features, "null where inputs.on_the_fly is true")

    @property
    def needs_images(self) -> bool:
        """Whether image files are read."""
        return self.on_the_fly

    def to_meta(self) -> dict[str, Any]:
        """What a model file says of its inputs; their shape, which the data knows, is added to it."""
        return {
            "kind": self.kind,
            "backbone": self.backbone,
            "layer": self.layer,
            "weights": self.weights,
            "normalisation": self.normalisation,
            "image_size": list(self.image_size),
            "features": self.features,
            "on_the_fly": self.on_the_fly,
        }


@dataclass(frozen=True, slots=True)
class StateInputs:
    """The model sees the scene's objects as rows of numbers.

    Attributes:
        encoding: "ordinal" (7 numbers an object, as published) or "onehot" (18, no order among colours).
        max_objects: rows; scenes with fewer are padded, and the padding is masked.
    """

    kind: ClassVar[str] = "state"
    needs_images: ClassVar[bool] = False
    encoding: Literal["ordinal", "onehot"]
    max_objects: int

    def __post_init__(self) -> None:
        require(self.max_objects > 0, "inputs.max_objects", self.max_objects, "at least 1")

    def to_meta(self) -> dict[str, Any]:
        """What a model file says of its inputs."""
        return {"kind": self.kind, "encoding": self.encoding, "max_objects": self.max_objects}


@dataclass(frozen=True, slots=True)
class QuestionInputs:
    """The model sees the question alone: the baseline that shows what the questions give away."""

    kind: ClassVar[str] = "question"
    needs_images: ClassVar[bool] = False

    def to_meta(self) -> dict[str, Any]:
        """What a model file says of its inputs."""
        return {"kind": self.kind}


@dataclass(frozen=True, slots=True)
class RegionInputs:
    """The model sees whole images, all alike in scale, and the boxes in them.

    Attributes:
        short: the length that an image's shorter side gets, in pixels ...
        long: ... unless its longer side would become longer than this.
        flips: show every training image a second time, mirrored; classes of the left and the right change places.
        backbone: a frozen network, as `visreason features` takes it, whose features stand in place of the pixels
            (`model.trunk.kind: features`); null shows the pixels themselves.
        layer: the stage of that network whose features are read.
        weights: a file of its weights; null takes those that come with it.
        normalisation: of the pixels before it: "imagenet", "reference", "half" or "none".
    """

    kind: ClassVar[str] = "regions"
    needs_images: ClassVar[bool] = True
    short: int
    long: int
    flips: bool
    backbone: str | None = None
    layer: Literal["c2", "c3", "c4", "c5"] = "c4"
    weights: str | None = None
    normalisation: Literal["imagenet", "reference", "half", "none"] = "imagenet"

    def __post_init__(self) -> None:
        require(self.short >= 32, "inputs.short", self.short, "at least 32")
        require(self.long >= self.short, "inputs.long", self.long, "at least inputs.short")
        named = self.weights is None or self.backbone is not None
        require(named, "inputs.weights", self.weights, "null where inputs.backbone is null")

    def to_meta(self) -> dict[str, Any]:
        """What a model file says of its inputs; the size of features, which the backbone knows, is added to it."""
        seen = {"kind": self.kind, "short": self.short, "long": self.long}
        if self.backbone is None:
            return seen
        frozen = {"layer": self.layer, "weights": self.weights, "normalisation": self.normalisation}
        return seen | {"backbone": self.backbone} | frozen


Inputs = PixelInputs | FeatureInputs | StateInputs | QuestionInputs | RegionInputs

_GRID = (PixelInputs.kind, FeatureInputs.kind)


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """The network: a family of `visreason.models.MODELS` and the settings of that family.

    Attributes:
        family: name of the model family.
        settings: the family's own settings, by name; what follows from the data (sizes of the vocabulary and
            of an object) is not among them.
    """

    family: str
    settings: Mapping[str, Any] = field(default_factory=dict)


REGION_FAMILIES = ("region-baseline", "region-local", "region-global", "region-full")
"""Families that name the regions of images."""

READS: dict[str, tuple[str, ...]] = {
    "relation-network": (PixelInputs.kind, StateInputs.kind),
    "question-only": (QuestionInputs.kind,),
    "cnn-lstm": _GRID,
    "stacked-attention": _GRID,
    "attribute-cnn": (PixelInputs.kind,),
    "attribute-detector": _GRID,
    "relation-counter": _GRID,
    "program-generator": (QuestionInputs.kind,),
    "module-network": _GRID,
    "module-memory": _GRID,
    "iep": _GRID,
    "module-memory-end-to-end": _GRID,
    "stack-nmn": _GRID,
    **dict.fromkeys(REGION_FAMILIES, (RegionInputs.kind,)),
}
"""Which inputs each model family can read."""
