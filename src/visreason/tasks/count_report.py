"""What a test of a relation counter found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from visreason.data.dataset import ClevrAttributes
from visreason.metrics.intervals import Interval
from visreason.metrics.jackknife import jackknifed
from visreason.tasks.count_tally import CountTally, explained_variance
from visreason.tasks.figures import write_figures
from visreason.tasks.reports import Subject, names_of


@dataclass(frozen=True, slots=True)
class CountReport:
    """How right counts are.

    Attributes:
        subject: what was tested on what.
        loss: mean of what an image's counts cost.
        explained: the explained share of the variance of values and of relations.
        predictions: one object an image, with its true and predicted counts of attribute values.
    """

    subject: Subject
    loss: float
    explained: Mapping[str, Interval]
    predictions: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, subject: Subject, tally: CountTally, samples: ClevrAttributes) -> Self:
        """Make the report of a tally over the scenes of a data set, in its order."""
        values = [name for name in samples.names if " " not in name]
        predictions = [
            {
                "image_filename": image,
                "count": {name: int(one) for name, one in zip(values, true, strict=False)},
                "prediction": {name: round(one, 4) for name, one in zip(values, counts, strict=False)},
            }
            for image, true, counts in zip(samples.images, tally.true, tally.counts, strict=True)
        ]
        explained = {
            name: jackknifed(_share_of(true_SD, counts_SD), len(true_SD), least=float("-inf"))
            for name, (true_SD, counts_SD) in tally.of_figures().items()
        }
        return cls(subject, sum(tally.losses) / len(tally.losses), explained, predictions)

    def to_dict(self) -> dict[str, Any]:
        """The form of `metrics.json`."""
        explained = {name: one.to_dict() for name, one in self.explained.items()}
        return {"task": "relations", **names_of(self.subject), "loss": self.loss, **explained}

    def table(self) -> list[tuple[str, str, str]]:
        """The explained variance of relations and of values."""
        rows = (("relations", "explained_variance"), ("values", "explained_variance_of_values"))
        return [
            (f"explained variance of {name}", str(self.explained[key]), f"{self.explained[key].count:,}")
            for name, key in rows
        ]

    def write(self, folder: Path) -> list[Path]:
        """Write `metrics.json`, `results.csv` and `predictions.jsonl`."""
        return write_figures(folder, self.to_dict(), self.predictions)


def _share_of(
    true_SD: NDArray[np.float64], counts_SD: NDArray[np.float64]
) -> Callable[[NDArray[np.intp]], float]:
    """The explained share of the variance of some of the images."""
    return lambda rows: explained_variance(true_SD[rows], counts_SD[rows])
