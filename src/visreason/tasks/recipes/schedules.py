"""Learning rates as functions of where training is, with nothing hidden that a resumed run could lose."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, Self

from visreason.tasks.recipes.checks import require


@dataclass(frozen=True, slots=True)
class Moment:
    """Where training is.

    Attributes:
        epoch: finished epochs.
        step: finished optimiser steps.
        steps: optimiser steps of the whole training.
        drops: how often the validation score has stood still for the schedule's patience.
    """

    epoch: int = 0
    step: int = 0
    steps: int = 1
    drops: int = 0


@dataclass(frozen=True, slots=True)
class Constant:
    """The same learning rate throughout.

    Example:
        >>> Constant().rate(1e-3, Moment(epoch=7))
        0.001
    """

    name: ClassVar[str] = "constant"

    def rate(self, peak: float, moment: Moment) -> float:
        """The learning rate: `peak`."""
        return peak


@dataclass(frozen=True, slots=True)
class SlowStart:
    r"""Doubling from a tiny rate: $\min(\text{peak},\ \text{start}\cdot\gamma^{\lfloor
    e/\text{step}\rfloor})$ in epoch e.

    Relation Networks need it: with a constant rate they stall near 65-70 % on CLEVR.

    Attributes:
        start: learning rate of the first epochs.
        gamma: the rate is multiplied by this ...
        step: ... every so many epochs, up to `optimiser.lr`.

    Example:
        >>> published = SlowStart(start=5e-6, gamma=2.0, step=20)
        >>> [published.rate(5e-4, Moment(epoch=epoch)) for epoch in (0, 19, 20, 130, 349)]
        [5e-06, 5e-06, 1e-05, 0.00032, 0.0005]
    """

    name: ClassVar[str] = "slow-start"
    start: float
    gamma: float
    step: int

    def __post_init__(self) -> None:
        require(self.start > 0, "schedule.start", self.start, "above 0")
        require(self.gamma >= 1, "schedule.gamma", self.gamma, "at least 1")
        require(self.step > 0, "schedule.step", self.step, "at least 1")

    def rate(self, peak: float, moment: Moment) -> float:
        """The learning rate at a moment."""
        return min(peak, self.start * self.gamma ** (moment.epoch // self.step))


@dataclass(frozen=True, slots=True)
class WarmupCosine:
    r"""Linear rise to the peak over `warmup` steps, then half a cosine down to `final` times the peak.

    With $p = (s - \text{warmup}) / (S - \text{warmup})$ after the rise, step s of S:
    $\text{peak}\cdot(\text{final} + (1-\text{final})\,(1+\cos\pi p)/2)$ (Loshchilov and Hutter 2017).

    Attributes:
        warmup: steps of the rise.
        final: last learning rate, as a fraction of `optimiser.lr`.

    Example:
        >>> schedule = WarmupCosine(warmup=10, final=0.1)
        >>> [round(schedule.rate(1.0, Moment(step=step, steps=110)), 3) for step in (0, 9, 10, 60, 110)]
        [0.1, 1.0, 1.0, 0.55, 0.1]
    """

    name: ClassVar[str] = "warmup-cosine"
    warmup: int
    final: float

    def __post_init__(self) -> None:
        require(self.warmup >= 0, "schedule.warmup", self.warmup, "0 or more")
        require(0 <= self.final <= 1, "schedule.final", self.final, "in [0, 1]")

    def rate(self, peak: float, moment: Moment) -> float:
        """The learning rate at a moment."""
        if moment.step < self.warmup:
            return peak * (moment.step + 1) / self.warmup
        progress = min(1.0, (moment.step - self.warmup) / max(1, moment.steps - self.warmup))
        return peak * (self.final + (1 - self.final) * (1 + math.cos(math.pi * progress)) / 2)


@dataclass(frozen=True, slots=True)
class Plateau:
    r"""Lowered whenever the validation score stands still: $\text{peak}\cdot\text{factor}^{\text{drops}}$.

    Attributes:
        factor: the rate is multiplied by this ...
        patience: ... after so many epochs without a better validation score.

    Example:
        >>> Plateau(factor=0.5, patience=3).rate(1e-3, Moment(drops=2))
        0.00025
    """

    name: ClassVar[str] = "plateau"
    factor: float
    patience: int

    def __post_init__(self) -> None:
        require(0 < self.factor < 1, "schedule.factor", self.factor, "in (0, 1)")
        require(self.patience > 0, "schedule.patience", self.patience, "at least 1")

    def rate(self, peak: float, moment: Moment) -> float:
        """The learning rate at a moment."""
        return peak * self.factor**moment.drops


@dataclass(frozen=True, slots=True)
class Steps:
    r"""Lowered at given steps: $\text{peak}\cdot\text{factor}^n$ after n of them.

    Attributes:
        at: optimiser steps, ascending, before which ...
        factor: ... the rate is multiplied by this.

    Example:
        >>> schedule = Steps(at=(280_000,), factor=0.1)
        >>> [schedule.rate(1.0, Moment(step=step)) for step in (0, 279_999, 280_000)]
        [1.0, 1.0, 0.1]
    """

    name: ClassVar[str] = "steps"
    at: tuple[int, ...]
    factor: float

    def __post_init__(self) -> None:
        rising = bool(self.at) and self.at[0] > 0 and all(a < b for a, b in pairwise(self.at))
        require(rising, "schedule.at", self.at, "ascending steps, from 1")
        require(0 < self.factor < 1, "schedule.factor", self.factor, "in (0, 1)")

    def rate(self, peak: float, moment: Moment) -> float:
        """The learning rate at a moment."""
        return peak * self.factor ** sum(step <= moment.step for step in self.at)


Schedule = Constant | SlowStart | WarmupCosine | Plateau | Steps


@dataclass(slots=True)
class Stillness:
    """How long the validation score has not got better; early stopping and the plateau schedule ask it.

    Attributes:
        min_delta: a score is better when it is higher than the best by more than this.
        best: highest score so far that counted as better.
        epochs: epochs since then.

    Example:
        >>> stillness = Stillness(min_delta=0.01)
        >>> [stillness.update(score) for score in (0.50, 0.505, 0.60, 0.60, 0.59)]
        [0, 1, 0, 1, 2]
    """

    min_delta: float = 0.0
    best: float = -math.inf
    epochs: int = 0

    def update(self, score: float) -> int:
        """Take the score of one more epoch; return the epochs since the last better one."""
        if score > self.best + self.min_delta:
            self.best, self.epochs = score, 0
        else:
            self.epochs += 1
        return self.epochs

    def to_dict(self) -> dict[str, Any]:
        """The state, for a checkpoint."""
        return {"min_delta": self.min_delta, "best": self.best, "epochs": self.epochs}

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """The state that `to_dict` gave."""
        return cls(**state)
