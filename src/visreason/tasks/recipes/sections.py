"""The parts of a recipe that every recipe has: data, optimiser, batches, training, checkpoints, logging."""

from dataclasses import dataclass
from typing import Literal

from visreason.tasks.recipes.checks import require


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
class ModelInit:
    """Where weights come from before the first step: runs, model files, or names of shipped models.

    Attributes:
        conv_from: a run, model file or shipped name whose image network is copied; null starts from random weights.
        model_from: one of the same family, all of whose weights are copied: so training goes on with another lesson,
            such as longer questions after short ones.
        conv_frozen: leave that image network as it is, compute what it sees of every image once, and train the rest
            on that. The model stays one of pixels, but learns as fast as one of features.
        generator_from: one whose program generator is copied, which may be a part of it.
        engine_from: one whose execution engine is copied, which may be a part of it.
        trunk_weights: a file of the weights that the ResNet or VGG-16 of a network of regions begins with.
    """

    conv_from: str | None
    generator_from: str | None = None  # older runs do not name these two
    engine_from: str | None = None
    trunk_weights: str | None = None
    conv_frozen: bool = False
    model_from: str | None = None

    @property
    def sources(self) -> dict[str, str]:
        """The models that parts are copied from, by setting; of two that overlap, the later one's part stays."""
        named = {
            "model_from": self.model_from,
            "engine_from": self.engine_from,
            "conv_from": self.conv_from,
            "generator_from": self.generator_from,
        }
        return {setting: source for setting, source in named.items() if source is not None}

    def __post_init__(self) -> None:
        named = self.conv_from is not None
        require(
            named or not self.conv_frozen, "model_init.conv_frozen", True, "false where conv_from is null"
        )


@dataclass(frozen=True, slots=True)
class OptimiserSettings:
    """How a gradient becomes a step.

    Attributes:
        name: "adam" (L2 added to the gradient, as published), "adamw" (decoupled weight decay), "muon" (for
            matrices; AdamW for all else) or "sgd" (L2 of matrices and kernels alone).
        lr: highest learning rate; the schedule decides how it is reached and left.
        betas: decay of the two running averages of Adam and AdamW; the first is the momentum of "sgd".
        weight_decay: strength of the pull of all weights towards 0.
        clip_norm: gradients longer than this are shortened to it; null never clips.
        clip_value: every single number of a gradient is clamped to this and its negative, before the norm is
            taken; null never clamps.
    """

    name: Literal["adam", "adamw", "muon", "sgd"]
    lr: float
    betas: tuple[float, float]
    weight_decay: float
    clip_norm: float | None
    clip_value: float | None = None  # older runs do not name it

    def __post_init__(self) -> None:
        require(self.lr > 0, "optimiser.lr", self.lr, "above 0")
        require(
            all(0 <= beta < 1 for beta in self.betas), "optimiser.betas", self.betas, "two numbers in [0, 1)"
        )
        require(self.weight_decay >= 0, "optimiser.weight_decay", self.weight_decay, "0 or more")
        clip = self.clip_norm
        require(clip is None or clip > 0, "optimiser.clip_norm", clip, "above 0, or null")
        clamp = self.clip_value
        require(clamp is None or clamp > 0, "optimiser.clip_value", clamp, "above 0, or null")


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """How many samples make a step.

    Attributes:
        size: samples a step in the first epochs; with several devices each takes its share of them.
        gamma: the size is multiplied by this ...
        step: ... every so many epochs ...
        max: ... up to this many; null sets no limit. `gamma: 1` keeps the size.
        accumulate: batches whose gradients are added up before a step.
        per_image: so many questions of an image stand side by side in a batch, so that the image is loaded and
            encoded once for them; 1 shuffles all questions freely.
    """

    size: int
    gamma: float
    step: int
    max: int | None
    accumulate: int
    per_image: int = 1  # older runs do not name it

    def __post_init__(self) -> None:
        require(self.size > 0, "batch.size", self.size, "at least 1")
        require(self.gamma >= 1, "batch.gamma", self.gamma, "at least 1")
        require(self.step > 0, "batch.step", self.step, "at least 1")
        require(
            self.max is None or self.max >= self.size, "batch.max", self.max, "at least batch.size, or null"
        )
        require(self.accumulate > 0, "batch.accumulate", self.accumulate, "at least 1")
        require(
            0 < self.per_image <= self.size,
            "batch.per_image",
            self.per_image,
            "at least 1, at most batch.size",
        )

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
        devices: how many devices a machine; on a CPU, processes. They share every batch.
        nodes: how many machines.
        strategy: how several devices share the work: "auto" and "ddp" give each a copy of the model, and the numbers
            of one device; others of Lightning's are handed on to it as they are.
        threads: CPU threads of every operation; null leaves it to PyTorch. Small networks are several times faster
            on one.
        compile: let PyTorch's compiler make one piece of each network whose course is always the same, that of the
            image and that of the answer; without a C++ compiler they run as they are. For one device.
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
    threads: int | None
    compile: bool = False  # older runs do not name it

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
        require(
            self.threads is None or self.threads > 0, "training.threads", self.threads, "at least 1, or null"
        )
        alone = self.devices * self.nodes == 1
        require(alone or not self.compile, "training.compile", True, "false where there are several devices")


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
