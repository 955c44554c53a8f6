"""What a test of a relation counter found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from visreason.data.dataset import ClevrAttributes
from visreason.tasks.count_tally import CountTally
from visreason.tasks.figures import write_figures
from visreason.tasks.reports import Subject, names_of


@dataclass(frozen=True, slots=True)
class CountReport:
    """How right counts are.

    Attributes:
        subject: what was tested on what.
        figures: loss, and the explained share of the variance of values and of relations.
        predictions: one object an image, with its true and predicted counts of attribute values.
    """

    subject: Subject
    figures: Mapping[str, float]
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
        return cls(subject, tally.metrics(), predictions)

    def to_dict(self) -> dict[str, Any]:
        """The form of `metrics.json`."""
        return {"task": "relations", **names_of(self.subject), **self.figures}

    def table(self) -> list[tuple[str, str, str]]:
        """The explained variance of relations and of values."""
        rows = (("relations", "explained_variance"), ("values", "explained_variance_of_values"))
        count = f"{len(self.predictions):,}"
        return [
            (f"explained variance of {name}", f"{100 * self.figures[key]:.1f} %", count) for name, key in rows
        ]

    def write(self, folder: Path) -> list[Path]:
        """Write `metrics.json`, `results.csv` and `predictions.jsonl`."""
        return write_figures(folder, self.to_dict(), self.predictions)
