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
        augment: pad, crop and turn training images a little, as the references do.
        render: make the images from the scenes while training, on the training device, instead of reading
            files.
        jitter: where images are made while training, see every scene from a new camera and under new lamps in
            every epoch, within CLEVR's own range; what is measured on is not jittered anew.
    """

    kind: ClassVar[str] = "pixels"
    image_size: tuple[int, int]
    augment: bool
    render: bool
    jitter: bool = False  # older runs do not name it

    def __post_init__(self) -> None:
        require(min(self.image_size) >= 16, "inputs.image_size", self.image_size, "at least 16 on both sides")
        require(
            not (self.render and self.augment), "inputs.render", True, "false where inputs.augment is true"
        )
        require(self.render or not self.jitter, "inputs.jitter", True, "false where inputs.render is false")

    def to_meta(self) -> dict[str, Any]:
        """What a model file says of its inputs."""
        return {"kind": self.kind, "image_size": list(self.image_size)}


@dataclass(frozen=True, slots=True)
class StateInputs:
    """The model sees the scene's objects as rows of numbers.

    Attributes:
        encoding: "ordinal" (7 numbers an object, as published) or "onehot" (18, no order among colours).
        max_objects: rows; scenes with fewer are padded, and the padding is masked.
    """

    kind: ClassVar[str] = "state"
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

    def to_meta(self) -> dict[str, Any]:
        """What a model file says of its inputs."""
        return {"kind": self.kind}


Inputs = PixelInputs | StateInputs | QuestionInputs


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


READS: dict[str, tuple[str, ...]] = {
    "relation-network": (PixelInputs.kind, StateInputs.kind),
    "question-only": (QuestionInputs.kind,),
    "cnn-lstm": (PixelInputs.kind,),
    "stacked-attention": (PixelInputs.kind,),
    "attribute-cnn": (PixelInputs.kind,),
    "program-generator": (QuestionInputs.kind,),
    "module-network": (PixelInputs.kind,),
    "module-memory": (PixelInputs.kind,),
    "iep": (PixelInputs.kind,),
    "module-memory-end-to-end": (PixelInputs.kind,),
}
"""Which inputs each model family can read."""
