"""What a test of an attribute detector found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from visreason.data.object_targets import DETECTED, ClevrObjects
from visreason.metrics.intervals import Interval
from visreason.tasks.figures import write_figures
from visreason.tasks.object_tally import ObjectTally
from visreason.tasks.reports import Subject, names_of

_WORDS = {
    "objects_right": "found and named right in all",
    "recall": "found",
    "precision": "claims that are true",
} | {name: f"{name} right" for name in DETECTED}


@dataclass(frozen=True, slots=True)
class ObjectReport:
    """How well the objects of images were found and named.

    Attributes:
        subject: what was tested on what.
        shares: as `ObjectTally.shares`.
        loss: mean over the objects.
        predictions: one object an image: how many objects it has a cell for, and how many are right.
    """

    subject: Subject
    shares: Mapping[str, Interval]
    loss: float
    predictions: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, subject: Subject, tally: ObjectTally, samples: ClevrObjects) -> Self:
        """Make the report of a tally over the scenes of a data set, in its order."""
        counts = {index: [0, 0, 0] for index in samples.image_index.tolist()}
        for image, found, right in zip(tally.images, tally.found, tally.right, strict=True):
            for place, hit in enumerate((True, found, found and all(right))):
                counts[image][place] += hit
        predictions = [
            {"image_filename": name}
            | dict(zip(("objects", "found", "right"), counts[int(index)], strict=True))
            for name, index in zip(samples.images, samples.image_index, strict=True)
        ]
        return cls(subject, tally.shares(), float(tally.metrics()["loss"]), predictions)

    def to_dict(self) -> dict[str, Any]:
        """The form of `metrics.json`."""
        shares = {name: share.to_dict() for name, share in self.shares.items()}
        return {"task": "objects", **names_of(self.subject), **shares, "loss": self.loss}

    def table(self) -> list[tuple[str, str, str]]:
        """Every share with its interval."""
        return [
            (words, str(self.shares[name]), f"{self.shares[name].count:,}") for name, words in _WORDS.items()
        ]

    def write(self, folder: Path) -> list[Path]:
        """Write `metrics.json`, `results.csv` and `predictions.jsonl`."""
        return write_figures(folder, self.to_dict(), self.predictions)
