"""A recipe: everything that decides a training run, as typed settings whose every error names the setting.

A recipe is written as YAML, one mapping a section (`visreason/zoo/recipes/`), and read by
`visreason.tasks.settings`. Sections that come in several kinds (`task`, `inputs`, `model`, `schedule`) say
which with their first key, and hold only the settings of that kind.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from visreason.tasks.checks import require
from visreason.tasks.schedules import Schedule


@dataclass(frozen=True, slots=True)
class About:
    """What a recipe is for, as `visreason recipes` lists it.

    Attributes:
        name: what it is called; runs are named after it.
        summary: one line on what is trained.
        data: which data it is meant for.
        cost: how long it takes, and on what.
        published: the accuracy of such a network in the literature, or null.
        score: what visreason reached with it, or null.
    """

    name: str
    summary: str
    data: str
    cost: str
    published: str | None
    score: str | None

    def __post_init__(self) -> None:
        require(
            Path(self.name).name == self.name != "", "about.name", self.name, "a plain name, without slashes"
        )


@dataclass(frozen=True, slots=True)
class AnsweringTask:
    """Answering questions: cross entropy over the answers; the best epoch is that of the highest accuracy."""

    name: ClassVar[str] = "answering"


@dataclass(frozen=True, slots=True)
class AttributesTask:
    """Naming the attribute values in a scene: multi-label soft margin loss; best is the highest average
    precision.

    Attributes:
        scene_fraction: of the scenes, keep this fraction: those with the fewest different attribute values
            (the published attribute CNN kept 0.05, because nearly every value occurs in most CLEVR scenes).
    """

    name: ClassVar[str] = "attributes"
    scene_fraction: float

    def __post_init__(self) -> None:
        require(0 < self.scene_fraction <= 1, "task.scene_fraction", self.scene_fraction, "in (0, 1]")


@dataclass(frozen=True, slots=True)
class DataSettings:
    """Which part of the data folder is read, and how.

    Attributes:
        train: the split that is trained on.
        validation: the split that every epoch is measured on.
        limit: read only so many training questions (from the start of the file); null reads all.
        workers: processes that load images; 0 loads in the training process itself.
    """

    train: str
    validation: str
    limit: int | None
    workers: int

    def __post_init__(self) -> None:
        require(self.train != "", "data.train", self.train, "the name of a split")
        require(
            self.validation not in ("", self.train),
            "data.validation",
            self.validation,
            "another split than data.train",
        )
        require(self.limit is None or self.limit > 0, "data.limit", self.limit, "at least 1, or null")
        require(self.workers >= 0, "data.workers", self.workers, "0 or more")


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """The generated world that is trained on when no --data is given.

    Attributes:
        scenes: scenes to train on.
        validation_scenes: further, unseen scenes to measure on.
        questions_per_scene: questions asked about each scene.
        min_objects: fewest objects in a scene.
        max_objects: most objects in a scene.
        families: only these question families, as ranges ("0-8,39"); null asks all 90.
        image_size: width and height of the rendered images.
        seed: of the world; the same seed gives the same bytes on any machine.
    """

    scenes: int
    validation_scenes: int
    questions_per_scene: int
    min_objects: int
    max_objects: int
    families: str | None
    image_size: tuple[int, int]
    seed: int

    def __post_init__(self) -> None:
        require(self.scenes > 0, "world.scenes", self.scenes, "at least 1")
        require(self.validation_scenes > 0, "world.validation_scenes", self.validation_scenes, "at least 1")
        require(
            self.questions_per_scene > 0, "world.questions_per_scene", self.questions_per_scene, "at least 1"
        )
        require(self.min_objects > 0, "world.min_objects", self.min_objects, "at least 1")
        require(
            self.max_objects >= self.min_objects,
            "world.max_objects",
            self.max_objects,
            "at least world.min_objects",
        )
        require(min(self.image_size) >= 16, "world.image_size", self.image_size, "at least 16 on both sides")
        require(self.seed >= 0, "world.seed", self.seed, "0 or more")


@dataclass(frozen=True, slots=True)
class PixelInputs:
    """The model sees the image.

    Attributes:
        image_size: height and width that images are resized to.
        augment: pad, crop and turn training images a little, as the references do.
        render: make the images from the scenes while training, on the training device, instead of reading
            files.
    """

    kind: ClassVar[str] = "pixels"
    image_size: tuple[int, int]
    augment: bool
    render: bool

    def __post_init__(self) -> None:
        require(min(self.image_size) >= 16, "inputs.image_size", self.image_size, "at least 16 on both sides")
        require(
            not (self.render and self.augment), "inputs.render", True, "false where inputs.augment is true"
        )

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


READS: dict[str, tuple[str, ...]] = {
    "relation-network": (PixelInputs.kind, StateInputs.kind),
    "question-only": (QuestionInputs.kind,),
    "attribute-cnn": (PixelInputs.kind,),
}
"""Which inputs each model family can read."""


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


@dataclass(frozen=True, slots=True)
class ModelInit:
    """Where weights come from before the first step.

    Attributes:
        conv_from: a run or model file whose image network is copied; null starts from random weights.
    """

    conv_from: str | None


@dataclass(frozen=True, slots=True)
class OptimiserSettings:
    """How a gradient becomes a step.

    Attributes:
        name: "adam" (L2 added to the gradient, as published) or "adamw" (decoupled weight decay).
        lr: highest learning rate; the schedule decides how it is reached and left.
        betas: decay of Adam's two running averages.
        weight_decay: strength of the pull of all weights towards 0.
        clip_norm: gradients longer than this are shortened to it; null never clips.
    """

    name: Literal["adam", "adamw"]
    lr: float
    betas: tuple[float, float]
    weight_decay: float
    clip_norm: float | None

    def __post_init__(self) -> None:
        require(self.lr > 0, "optimiser.lr", self.lr, "above 0")
        require(
            all(0 <= beta < 1 for beta in self.betas), "optimiser.betas", self.betas, "two numbers in [0, 1)"
        )
        require(self.weight_decay >= 0, "optimiser.weight_decay", self.weight_decay, "0 or more")
        clip = self.clip_norm
        require(clip is None or clip > 0, "optimiser.clip_norm", clip, "above 0, or null")


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """How many samples make a step.

    Attributes:
        size: samples a step and device in the first epochs.
        gamma: the size is multiplied by this ...
        step: ... every so many epochs ...
        max: ... up to this many; null sets no limit. `gamma: 1` keeps the size.
        accumulate: batches whose gradients are added up before a step.
    """

    size: int
    gamma: float
    step: int
    max: int | None
    accumulate: int

    def __post_init__(self) -> None:
        require(self.size > 0, "batch.size", self.size, "at least 1")
        require(self.gamma >= 1, "batch.gamma", self.gamma, "at least 1")
        require(self.step > 0, "batch.step", self.step, "at least 1")
        require(
            self.max is None or self.max >= self.size, "batch.max", self.max, "at least batch.size, or null"
        )
        require(self.accumulate > 0, "batch.accumulate", self.accumulate, "at least 1")

    def size_at(self, epoch: int) -> int:
        r"""Samples a step in an epoch: $\min(\text{max}, \lfloor\text{size}\cdot\gamma^{\lfloor
        e/\text{step}\rfloor}\rfloor)$.

        Args:
            epoch: e, from 0.

        Example:
            >>> growing = BatchSettings(size=64, gamma=2, step=10, max=200, accumulate=1)
            >>> [growing.size_at(epoch) for epoch in (0, 9, 10, 25)]
            [64, 64, 128, 200]
        """
        size = int(self.size * self.gamma ** (epoch // self.step))
        return size if self.max is None else min(self.max, size)


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How long, on what, and from which seed.

    Attributes:
        epochs: passes over the training data.
        patience: stop after so many epochs without a better validation score; null never stops early.
        min_delta: a score counts as better when it is higher by more than this (0.001 is 0.1 % accuracy).
        ema: decay of a running average of the weights, which is what is validated and kept; null keeps the
            weights.
        seed: of weights, data order, dropout and augmentation.
        precision: number format, in Lightning's words: "32-true", "bf16-mixed" (works on CPU too),
            "16-mixed" ...
        accelerator: "auto", "cpu" or "gpu".
        devices: how many devices.
        nodes: how many machines.
        strategy: how several devices share the work: "auto", "ddp", "fsdp" ...
    """

    epochs: int
    patience: int | None
    min_delta: float
    ema: float | None
    seed: int
    precision: Literal["32-true", "bf16-mixed", "16-mixed", "bf16-true", "64-true"]
    accelerator: Literal["auto", "cpu", "gpu"]
    devices: int
    nodes: int
    strategy: str

    def __post_init__(self) -> None:
        require(self.epochs > 0, "training.epochs", self.epochs, "at least 1")
        require(
            self.patience is None or self.patience > 0,
            "training.patience",
            self.patience,
            "at least 1, or null",
        )
        require(self.min_delta >= 0, "training.min_delta", self.min_delta, "0 or more")
        require(self.ema is None or 0 < self.ema < 1, "training.ema", self.ema, "in (0, 1), or null")
        require(0 <= self.seed < 2**32, "training.seed", self.seed, "in 0 .. 4294967295")
        require(self.devices > 0, "training.devices", self.devices, "at least 1")
        require(self.nodes > 0, "training.nodes", self.nodes, "at least 1")


@dataclass(frozen=True, slots=True)
class CheckpointSettings:
    """How much a kill may cost: besides every epoch's end, a checkpoint is written whenever either is over.

    Attributes:
        every_steps: after so many steps; null writes none for this reason.
        every_minutes: after so many minutes; null writes none for this reason.
    """

    every_steps: int | None
    every_minutes: float | None

    def __post_init__(self) -> None:
        steps, minutes = self.every_steps, self.every_minutes
        require(steps is None or steps > 0, "checkpoint.every_steps", steps, "at least 1, or null")
        require(minutes is None or minutes > 0, "checkpoint.every_minutes", minutes, "above 0, or null")


@dataclass(frozen=True, slots=True)
class LoggingSettings:
    """What is written down while training; `metrics.jsonl` always is.

    Attributes:
        every_steps: steps between two lines of metrics.
        loggers: further places, of "tensorboard", "wandb" and "mlflow"; each needs its package.
    """

    every_steps: int
    loggers: tuple[Literal["tensorboard", "wandb", "mlflow"], ...]

    def __post_init__(self) -> None:
        require(self.every_steps > 0, "logging.every_steps", self.every_steps, "at least 1")


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole training run, resolved: every setting has a value and was checked.

    Attributes:
        about: what it is for.
        task: what is learnt.
        data: what part of the data folder is read.
        world: the generated world in place of a data folder.
        inputs: what the model sees.
        model: the network.
        model_init: where weights come from.
        optimiser: how a gradient becomes a step.
        schedule: the learning rate over time.
        batch: samples a step.
        training: how long, on what.
        checkpoint: how often the state is kept.
        logging: what is written down.
    """

    about: About
    task: AnsweringTask | AttributesTask
    data: DataSettings
    world: WorldSettings
    inputs: Inputs
    model: ModelSettings
    model_init: ModelInit
    optimiser: OptimiserSettings
    schedule: Schedule
    batch: BatchSettings
    training: TrainingSettings
    checkpoint: CheckpointSettings
    logging: LoggingSettings

    def __post_init__(self) -> None:
        reads = READS.get(self.model.family)
        kind = self.inputs.kind
        require(
            reads is None or kind in reads,
            "inputs.kind",
            kind,
            f"{' or '.join(reads or ())} for {self.model.family}",
        )
        fits = (self.model.family == "attribute-cnn") == isinstance(self.task, AttributesTask)
        renders = isinstance(self.inputs, PixelInputs) and self.inputs.render
        require(
            not renders or self.data.workers == 0,
            "data.workers",
            self.data.workers,
            "0 where inputs.render is true",
        )
        require(fits, "task.name", self.task.name, f"one that the model family {self.model.family} can learn")
