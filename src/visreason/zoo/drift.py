"""What a shipped model says to a few fixed questions, and where that is not what it said before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_NEAR, _SURE = 0.01, 0.51
"""Probabilities may differ by so much; of what is less sure than this, another answer may be as likely."""


@dataclass(frozen=True, slots=True)
class Drift:
    """What a model says to the fixed questions.

    Attributes:
        figures: by name, as in `results.csv`.
        said: a prediction and its probability for each question, expression or region.
    """

    figures: Mapping[str, float]
    said: Sequence[tuple[Any, float]]

    def differences(self, now: "Drift") -> list[str]:
        """Where what a model says now is not what its card holds; empty where all is as it was."""
        if len(now.said) != len(self.said):
            return [f"{len(now.said)} questions were asked, the card has {len(self.said)}"]
        found = []
        for number, (before, after) in enumerate(zip(self.said, now.said, strict=True)):
            (answer, probability), (other, likely) = before, after
            if abs(probability - likely) > _NEAR or (probability > _SURE and not _same(answer, other)):
                found.append(f"question {number}: {answer} ({probability:.3f}) is now {other} ({likely:.3f})")
        return found


def _same(one: Any, other: Any) -> bool:
    """Whether two predictions are equal; boxes up to half a pixel."""
    if isinstance(one, list | tuple):
        return all(abs(a - b) <= 0.5 for a, b in zip(one, other, strict=True))
    return bool(one == other)
