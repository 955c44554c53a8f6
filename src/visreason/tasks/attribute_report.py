"""What a test of an attribute network found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from visreason.data.dataset import ClevrAttributes
from visreason.metrics.average_precision import average_precision, mean_average_precision
from visreason.metrics.intervals import Interval
from visreason.metrics.jackknife import jackknifed
from visreason.tasks.figures import write_figures
from visreason.tasks.reports import Subject, names_of
from visreason.tasks.tallies import AttributeTally


@dataclass(frozen=True, slots=True)
class AttributeReport:
    """How well attribute values were found in images.

    Attributes:
        subject: what was tested on what.
        mean: of the average precision of the values that occur.
        by_value: the average precision of each value; None of one that no image has.
        loss: mean multi-label soft margin loss.
        predictions: one object an image, with the probability of each value.
    """

    subject: Subject
    mean: Interval
    by_value: Mapping[str, Interval | None]
    loss: float
    predictions: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, subject: Subject, tally: AttributeTally, samples: ClevrAttributes) -> Self:
        """Make the report of a tally over the scenes of a data set, in its order."""
        predictions = [
            {
                "image_filename": image,
                "present": [name for name, there in zip(samples.names, target, strict=True) if there],
                "probability": {name: round(one, 6) for name, one in zip(samples.names, row, strict=True)},
            }
            for image, target, row in zip(samples.images, tally.targets, tally.probabilities(), strict=True)
        ]
        targets_BA, scores_BA = np.array(tally.targets, bool), np.array(tally.scores, np.float64)
        images = len(targets_BA)
        mean = jackknifed(lambda rows: mean_average_precision(targets_BA[rows], scores_BA[rows]).mean, images)
        by_value = {
            name: _precision(target_B, score_B) if target_B.any() else None
            for name, target_B, score_B in zip(samples.names, targets_BA.T, scores_BA.T, strict=True)
        }
        return cls(subject, mean, by_value, sum(tally.losses) / len(tally.losses), predictions)

    def to_dict(self) -> dict[str, Any]:
        """The form of `metrics.json`; a value that no image has is null."""
        by_value = {name: None if one is None else one.to_dict() for name, one in self.by_value.items()}
        return {
            "task": "attributes",
            **names_of(self.subject),
            "average_precision": {"mean": self.mean.to_dict(), "by_value": by_value},
            "loss": self.loss,
        }

    def table(self) -> list[tuple[str, str, str]]:
        """Mean average precision and that of each value."""
        lines = [("mean average precision", self.mean), *self.by_value.items()]
        return [
            (name, "never occurs" if one is None else str(one), f"{self.mean.count:,}") for name, one in lines
        ]

    def write(self, folder: Path) -> list[Path]:
        """Write `metrics.json`, `results.csv` and `predictions.jsonl`."""
        return write_figures(folder, self.to_dict(), self.predictions)


def _precision(target_B: NDArray[np.bool_], score_B: NDArray[np.float64]) -> Interval:
    """The average precision of one value."""
    return jackknifed(lambda rows: average_precision(target_B[rows], score_B[rows]), len(target_B))
