"""What can be learnt: the kinds of a recipe's `task`, each with its own settings."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from visreason.tasks.recipes.checks import require
from visreason.tasks.recipes.kinds import REGION_FAMILIES
from visreason.tasks.recipes.layout_tasks import JointTask, LocatingTask, StackAnsweringTask
from visreason.tasks.recipes.region_task import RegionsTask

Trained = Literal["both", "generator", "engine"]
"""Which part of a model of two parts learns; the other is left as it is."""

Balance = Literal["fixed", "detached", "attached"]
"""How the diversity of programs is weighed, see `visreason.nn.reinforce.policy_loss`."""


@dataclass(frozen=True, slots=True)
class AnsweringTask:
    """Answering questions: cross entropy over the answers; the best epoch is that of the highest accuracy.

    Attributes:
        referent_weight: weight of what every step of the true program teaches besides: which cells hold the objects it
            stands for (`visreason.nn.referents.referent_loss`); 0 where there is no part of the network that tells
            (`model.referents`). The data needs scenes.
    """

    name: ClassVar[str] = "answering"
    referent_weight: float = field(default=0.0, kw_only=True)  # older runs do not name it

    def __post_init__(self) -> None:
        require(self.referent_weight >= 0, "task.referent_weight", self.referent_weight, "0 or more")


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
class ObjectsTask:
    """Finding the objects of a scene and naming what each is, cell by cell: binary and categorical cross entropy, see
    `visreason.nn.object_grid.detection_loss`; best is the highest share of objects found and named right in all."""

    name: ClassVar[str] = "objects"


@dataclass(frozen=True, slots=True)
class RelationsTask:
    """Counting how the things of a scene stand to each other: Poisson loss; best is the highest explained variance."""

    name: ClassVar[str] = "relations"


@dataclass(frozen=True, slots=True)
class ProgramsTask:
    """Writing the program that answers a question: cross entropy over the program's symbols; the best epoch is that
    of the most programs written exactly.

    Attributes:
        programs: the programs of so many training questions are shown, of the first in the file; null shows all.
    """

    name: ClassVar[str] = "programs"
    programs: int | None

    def __post_init__(self) -> None:
        require(
            self.programs is None or self.programs > 0, "task.programs", self.programs, "at least 1, or null"
        )


@dataclass(frozen=True, slots=True)
class ReasoningTask:
    """Answering by writing a program and executing it: the engine learns from the answer, the generator from the
    reward of its answers (REINFORCE); the best epoch is that of the highest accuracy.

    Attributes:
        train: "both", "generator" or "engine"; the other part is left as it is.
        temperature: divides the scores that programs are sampled from while the generator learns; above 1 for more
            variety. An engine that learns alone executes the likeliest programs.
        baseline_decay: the reward is compared with its moving average, b <- decay b + (1 - decay) mean.
        diversity: weight of the entropy of a program's mean distribution, which is to be high.
        exploration: weight of the mean entropy of a program's steps, which is to be high.
    """

    name: ClassVar[str] = "reasoning"
    train: Trained
    temperature: float
    baseline_decay: float
    diversity: float
    exploration: float

    def __post_init__(self) -> None:
        require_policy(self)


@dataclass(frozen=True, slots=True)
class EndToEndTask:
    """Answering by a program whose very symbols mix the modules that are executed, so that the answer can teach both
    parts; the best epoch is that of the highest accuracy.

    Attributes:
        train: "both", "generator" or "engine"; the other part is left as it is.
        decoder: how a step becomes a module. "soft": mixed by the step's distribution; "gumbel": the one that is
            sampled, its gradient that of the relaxed sample; "hard": the one that is sampled, and the generator
            learns from rewards (REINFORCE); "hard+penalty": besides from the log-probability of the true answer.
        temperature: divides the scores that modules are mixed by or sampled from.
        final_temperature: with "gumbel", what the temperature falls to from step to step after the warm-up, each time
            by the same factor: relaxed samples are broad at first and nearly those that are executed in the end. null
            leaves it as it is.
        programs: the programs of so many training questions are shown, of the first in the file; 0 shows none.
        shown_per_batch: so many of them join every batch, so that few go a long way.
        program_weight: weight of their loss beside the answers'.
        warm_up: optimiser steps at the start that learn from the shown programs alone.
        curriculum_start: symbols that programs may have at first ...
        curriculum_every: ... and one more after every so many optimiser steps that follow the warm-up, up to
            `model.generator.longest`; null allows that at once.
        baseline_decay: with "hard", rewards are compared with their moving average, b <- decay b + (1 - decay) mean.
        end_bonus: with "hard", the reward of a program that ends before it must.
        discount: with "hard", the reward of a program of n symbols is multiplied by this to the power of n.
        penalty: with "hard+penalty", weight of the second reward, the log-probability of the true answer.
        balance: with "hard+penalty": "fixed" takes `diversity` as it is; "detached" replaces it by diversity over
            (surprise x penalty), a number; "attached" gives that a gradient of its own, as published.
        diversity: with "hard", weight of the entropy of a program's mean distribution, which is to be high.
        exploration: with "hard", weight of the mean entropy of a program's steps, which is to be high.
    """

    name: ClassVar[str] = "end-to-end"
    train: Trained
    decoder: Literal["soft", "gumbel", "hard", "hard+penalty"]
    temperature: float
    programs: int
    shown_per_batch: int
    program_weight: float
    warm_up: int
    curriculum_start: int
    curriculum_every: int | None
    baseline_decay: float
    end_bonus: float
    discount: float
    penalty: float
    balance: Balance
    diversity: float
    exploration: float
    final_temperature: float | None = None  # older runs do not name it

    def __post_init__(self) -> None:
        require_policy(self)
        final = self.final_temperature
        require(final is None or final > 0, "task.final_temperature", final, "above 0, or null")
        relaxed = final is None or self.decoder == "gumbel"
        require(relaxed, "task.final_temperature", final, "null unless task.decoder is gumbel")
        learns = self.train != "engine"
        shown = self.shown_per_batch
        require(self.programs >= 0, "task.programs", self.programs, "0 or more")
        require(
            learns or self.programs == 0, "task.programs", self.programs, "0 where only the engine learns"
        )
        require(shown >= 0, "task.shown_per_batch", shown, "0 or more")
        require(
            (shown > 0) == (self.programs > 0),
            "task.shown_per_batch",
            shown,
            "above 0 just where programs are",
        )
        require(self.program_weight >= 0, "task.program_weight", self.program_weight, "0 or more")
        require(self.warm_up >= 0, "task.warm_up", self.warm_up, "0 or more")
        require(
            self.warm_up == 0 or self.programs > 0,
            "task.warm_up",
            self.warm_up,
            "0 where no programs are shown",
        )
        require(self.curriculum_start > 0, "task.curriculum_start", self.curriculum_start, "at least 1")
        every = self.curriculum_every
        require(every is None or every > 0, "task.curriculum_every", every, "at least 1, or null")
        require(self.end_bonus >= 0, "task.end_bonus", self.end_bonus, "0 or more")
        require(0 < self.discount <= 1, "task.discount", self.discount, "in (0, 1]")
        require(self.penalty >= 0, "task.penalty", self.penalty, "0 or more")
        fixed = self.balance == "fixed" or self.decoder == "hard+penalty"
        require(fixed, "task.balance", self.balance, "fixed unless task.decoder is hard+penalty")

    def longest_at(self, step: int) -> int | None:
        r"""Symbols that programs may have at an optimiser step:
        $\text{start} + \lfloor \max(0, s - \text{warm-up}) / \text{every} \rfloor$, or None for any number.

        Args:
            step: s, from 0.
        """
        if self.curriculum_every is None:
            return None
        return self.curriculum_start + max(0, step - self.warm_up) // self.curriculum_every

    def temperature_at(self, step: int, steps: int) -> float:
        r"""The temperature at an optimiser step:
        $\tau \, (\tau_{\text{final}} / \tau)^{a}$, with $a$ the share of the steps after the warm-up that are done.

        Args:
            step: from 0.
            steps: of the whole training.
        """
        if self.final_temperature is None:
            return self.temperature
        done = (step - self.warm_up) / max(1, steps - 1 - self.warm_up)
        ratio = self.final_temperature / self.temperature
        return float(self.temperature * ratio ** min(1.0, max(0.0, done)))


Task = (
    AnsweringTask
    | AttributesTask
    | ObjectsTask
    | RelationsTask
    | ProgramsTask
    | ReasoningTask
    | EndToEndTask
    | StackAnsweringTask
    | LocatingTask
    | JointTask
    | RegionsTask
)


def require_policy(task: ReasoningTask | EndToEndTask) -> None:
    """Check what the tasks that learn from rewards have in common."""
    decay = task.baseline_decay
    require(task.temperature > 0, "task.temperature", task.temperature, "above 0")
    require(0 <= decay < 1, "task.baseline_decay", decay, "in [0, 1)")
    require(task.diversity >= 0, "task.diversity", task.diversity, "0 or more")
    require(task.exploration >= 0, "task.exploration", task.exploration, "0 or more")


LEARNS: dict[str, tuple[str, ...]] = {
    "relation-network": (AnsweringTask.name,),
    "question-only": (AnsweringTask.name,),
    "cnn-lstm": (AnsweringTask.name,),
    "stacked-attention": (AnsweringTask.name,),
    "attribute-cnn": (AttributesTask.name,),
    "attribute-detector": (ObjectsTask.name,),
    "relation-counter": (RelationsTask.name,),
    "program-generator": (ProgramsTask.name,),
    "module-network": (AnsweringTask.name,),
    "module-memory": (AnsweringTask.name,),
    "iep": (ReasoningTask.name,),
    "module-memory-end-to-end": (EndToEndTask.name,),
    "stack-nmn": (StackAnsweringTask.name, LocatingTask.name, JointTask.name),
    **dict.fromkeys(REGION_FAMILIES, (RegionsTask.name,)),
}
"""Which tasks each model family can learn."""

ENGINES = frozenset({"module-network", "module-memory"})
"""Families that execute a program they are given, and so learn and are tested with true ones."""
