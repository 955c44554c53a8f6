"""What a Stack Neural Module Network can learn: answering, locating, or both, with true layouts or without."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from visreason.nn.layout_losses import ramp
from visreason.tasks.recipes.checks import require


@dataclass(frozen=True, slots=True)
class LayoutLearning:
    """What the layouts themselves learn from.

    Attributes:
        layout_weight: weight of the cross entropy of the true modules, step by step, which the data's programs tell; 0
            shows none, and layouts are found from answers or boxes alone.
        sharpen_weight: weight of the loss that makes every step decide for one module; 0 leaves it out.
        sharpen_kind: of that loss: "entropy" of the modules' weights, or 1 - their "maximum".
        sharpen_begin: up to this optimiser step the loss counts nothing ...
        sharpen_end: ... and from this one on it has its weight, rising straight in between.
        reconstruct_weight: weight of the cross entropy of the text's words, told again from its layout and what every
            step is about, by the part of the network that `model.reconstruct` describes; 0 where there is none.
    """

    layout_weight: float
    sharpen_weight: float
    sharpen_kind: Literal["entropy", "maximum"]
    sharpen_begin: int
    sharpen_end: int
    reconstruct_weight: float = field(default=0.0, kw_only=True)  # older runs do not name it
    referent_weight: float = field(default=0.0, kw_only=True)  # likewise

    def __post_init__(self) -> None:
        begin, end = self.sharpen_begin, self.sharpen_end
        require(self.layout_weight >= 0, "task.layout_weight", self.layout_weight, "0 or more")
        require(self.sharpen_weight >= 0, "task.sharpen_weight", self.sharpen_weight, "0 or more")
        require(begin >= 0, "task.sharpen_begin", begin, "0 or more")
        told = self.reconstruct_weight
        require(told >= 0, "task.reconstruct_weight", told, "0 or more")
        meant = self.referent_weight
        require(meant >= 0, "task.referent_weight", meant, "0 or more")
        taught = meant == 0 or self.layout_weight > 0
        require(taught, "task.referent_weight", meant, "0 where task.layout_weight is 0")
        require(end > begin, "task.sharpen_end", end, f"above task.sharpen_begin, which is {begin}")

    def sharpening_at(self, step: int) -> float:
        """The weight of the sharpening loss at an optimiser step.

        Example:
            >>> task = StackAnsweringTask(0.0, sharpen_weight=0.1, sharpen_kind="entropy", sharpen_begin=100,
            ...                           sharpen_end=200)
            >>> [task.sharpening_at(step) for step in (99, 150, 300)]
            [0.0, 0.05, 0.1]
        """
        return self.sharpen_weight * ramp(step, self.sharpen_begin, self.sharpen_end)


@dataclass(frozen=True, slots=True)
class StackAnsweringTask(LayoutLearning):
    """Answering questions by soft programs: cross entropy over the answers, and what layouts learn from; the best epoch
    is that of the highest accuracy."""

    name: ClassVar[str] = "stack-answering"


@dataclass(frozen=True, slots=True)
class LocatingTask(LayoutLearning):
    """Locating what an expression refers to: cross entropy over the cells, squared error of the box's corners, and what
    layouts learn from; the best epoch is that of the most boxes that overlap the true one by half.

    Attributes:
        place_weight: weight of the cross entropy of the true cell.
        corner_weight: weight of the mean squared error of the corners, in cells, at the true cell.
    """

    name: ClassVar[str] = "locating"
    place_weight: float
    corner_weight: float

    def __post_init__(self) -> None:
        LayoutLearning.__post_init__(self)
        require(self.place_weight > 0, "task.place_weight", self.place_weight, "above 0")
        require(self.corner_weight > 0, "task.corner_weight", self.corner_weight, "above 0")


@dataclass(frozen=True, slots=True)
class JointTask(LocatingTask):
    """Answering and locating with one network: every step learns from the sum of both losses, over as many questions as
    expressions; the best epoch is that of the highest mean of accuracy and located expressions."""

    name: ClassVar[str] = "joint"
