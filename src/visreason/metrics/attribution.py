"""At which step wrong answers went wrong: shares with intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from visreason.clevr.controls import STEPS
from visreason.errors import UsageError
from visreason.metrics.intervals import Interval, clustered_fraction
from visreason.metrics.probe import Probe

Shares = Mapping[str, Interval]
"""The share of wrong answers that each of `STEPS` has."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """How wrong answers spread over the steps, each share with its 95 % interval clustered by image.

    Attributes:
        evidence: how the step of an answer was found.
        asked: how many questions were asked.
        wrong: how many of them were answered wrongly.
        steps: the share of each step; empty where no answer is wrong.
        by_type: the same for each question type that has wrong answers.
        controls: for each step, the share of its controlled questions that were answered rightly.
        programs: of a model that writes programs, how those behind wrong answers compare with the true ones; else None.
        probes: how well each attribute can be read from what the image network sees at an object; None without one.
    """

    evidence: str
    asked: int
    wrong: int
    steps: Shares
    by_type: Mapping[str, Shares]
    controls: Shares
    programs: Shares | None = None
    probes: Mapping[str, Probe] | None = None

    @classmethod
    def of(
        cls,
        evidence: str,
        asked: int,
        steps: Sequence[str],
        types: Sequence[str],
        images: ArrayLike,
        controls: Sequence[tuple[str, bool, int]],
        programs: Sequence[str] | None = None,
    ) -> Self:
        """Count the wrong answers of a test.

        Args:
            evidence: how the step of an answer was found.
            asked: how many questions were asked, wrong or right.
            steps: of each of n wrong answers the step, one of `STEPS`.
            types: of each the question type.
            images: of each the image's index; answers about one image form a cluster.
            controls: of each controlled question the step it is about, whether it was answered rightly, and its image.
            programs: of each wrong answer, how its program compares with the true one.

        Raises:
            UsageError: the lengths differ, or a step is unknown.

        Example:
            >>> found = Attribution.of("questions", 9, ["count", "relate"], ["count", "exist"], [0, 1], [])
            >>> found.steps["count"].value, found.by_type["exist"]["relate"].value
            (0.5, 1.0)
        """
        image, step, kind = np.asarray(images).ravel(), np.array(steps, str), np.array(types, str)
        if len({image.size, step.size, kind.size}) != 1 or not set(steps) <= set(STEPS):
            raise UsageError(
                f"attribution needs a step ({', '.join(STEPS)}), a type and an image for each wrong answer; got "
                f"{len(steps)} steps ({', '.join(sorted(set(steps)))}), {len(types)} types and {image.size} images."
            )

        def shares(names: Sequence[str], values: Any, members: Any) -> dict[str, Interval]:
            return {name: clustered_fraction(values[members] == name, image[members]) for name in names}

        everything = np.ones(len(steps), bool)
        judged = {name: [one for one in controls if one[0] == name] for name in STEPS}
        written = None
        if programs is not None and len(programs):
            written = shares(sorted(set(programs)), np.array(programs, str), everything)
        return cls(
            evidence=evidence,
            asked=asked,
            wrong=len(steps),
            steps=shares(STEPS, step, everything) if len(steps) else {},
            by_type={name: shares(STEPS, step, kind == name) for name in dict.fromkeys(types)},
            controls={
                name: clustered_fraction([one[1] for one in those], [one[2] for one in those])
                for name, those in judged.items()
                if those
            },
            programs=written,
        )

    def to_dict(self) -> dict[str, Any]:
        """The form of `attribution` in `metrics.json`."""
        figures: dict[str, Any] = {"evidence": self.evidence, "asked": self.asked, "wrong": self.wrong}
        figures |= {"steps": _plain(self.steps)}
        figures |= {"by_type": {name: _plain(shares) for name, shares in self.by_type.items()}}
        figures |= {"controls": _plain(self.controls)}
        if self.programs is not None:
            figures |= {"programs": _plain(self.programs)}
        if self.probes is not None:
            figures |= {"probes": {name: one.to_dict() for name, one in self.probes.items()}}
        return figures

    def table(self) -> list[tuple[str, str, str]]:
        """Rows for people: the share of each step, how right the controlled questions were, and the programs."""
        rows = [
            (f"wrong answers, first at {name}", str(one), f"{one.count:,}")
            for name, one in self.steps.items()
        ]
        rows += [
            (f"controlled questions right, {name}", str(one), f"{one.count:,}")
            for name, one in self.controls.items()
        ]
        if self.programs is not None:
            rows += [
                (f"wrong answers, program {name}", str(one), f"{one.count:,}")
                for name, one in self.programs.items()
            ]
        rows += [
            (
                f"{name} in the image network",
                f"{one.read}, guessing {100 * one.guess.value:.1f} %",
                f"{one.read.count:,}",
            )
            for name, one in (self.probes or {}).items()
        ]
        return [*rows, ("wrong answers by", self.evidence, f"{self.wrong:,}")]


def _plain(shares: Shares) -> dict[str, Any]:
    """Shares as JSON values."""
    return {name: one.to_dict() for name, one in shares.items()}
