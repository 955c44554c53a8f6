"""What a test found of boxes, alone and beside answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from visreason.data.expression_table import ExpressionTable
from visreason.metrics.layouts import LayoutScores
from visreason.metrics.locations import LocationScores, score_locations
from visreason.tasks.figures import write_figures
from visreason.tasks.reports import AnswerReport, Subject, names_of
from visreason.tasks.stack_tally import LayoutTally, LocationTally


@dataclass(frozen=True, slots=True)
class LocationReport:
    """How well expressions were located.

    Attributes:
        subject: what was tested on what.
        scores: every figure of the boxes with its interval.
        layouts: how right the planned layouts were.
        loss: mean loss, of cell and corners.
        predictions: one object an expression, as in `predictions.jsonl`.
    """

    subject: Subject
    scores: LocationScores
    layouts: LayoutScores
    loss: float
    predictions: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, subject: Subject, tally: LocationTally, layouts: LayoutTally, table: ExpressionTable) -> Self:
        """Make the report of a tally over the expressions of a table."""
        kinds = [table.type(row) for row in tally.expressions]
        types = [kind for kind in kinds if kind is not None]
        scores = score_locations(tally.overlaps, tally.images, types if len(types) == len(kinds) else None)
        predictions = [
            {
                "question_index": int(table.index_Q[row]),
                "image_filename": table.image(row),
                "box": [round(side, 2) for side in true],
                "prediction": [round(side, 2) for side in box],
                "iou": round(shared, 6),
                "probability": round(probability, 6),
                "correct": shared >= 0.5,
                "type": kind,
                "layout": planned,
            }
            for row, true, box, shared, probability, kind, planned in zip(
                tally.expressions,
                tally.true,
                tally.predicted,
                tally.overlaps,
                tally.probabilities,
                kinds,
                layouts.words(),
                strict=True,
            )
        ]
        loss = sum(tally.losses) / len(tally.losses)
        return cls(subject, scores, layouts.scores(), loss, predictions)

    def to_dict(self) -> dict[str, Any]:
        """The form of `metrics.json`."""
        figures = self.scores.to_dict() | {"layout": self.layouts.to_dict(), "loss": self.loss}
        return {"task": "locating", **names_of(self.subject), **figures}

    def table(self) -> list[tuple[str, str, str]]:
        """Located boxes overall and by kind of expression, mean overlap, and layouts."""
        scores = self.scores
        lines = {"located (IoU 0.5)": scores.iou50, **scores.iou50_by_type, "mean IoU": scores.mean_iou}
        lines |= self.layouts.lines()
        return [(name.replace("_", " "), str(value), f"{value.count:,}") for name, value in lines.items()]

    def write(self, folder: Path) -> list[Path]:
        """Write `metrics.json`, `results.csv` and `predictions.jsonl`."""
        return write_figures(folder, self.to_dict(), self.predictions)


@dataclass(frozen=True, slots=True)
class JointReport:
    """How well one network answered questions and located expressions.

    Attributes:
        subject: what was tested on what.
        answers: of the questions.
        locations: of the expressions.
    """

    subject: Subject
    answers: AnswerReport
    locations: LocationReport

    def to_dict(self) -> dict[str, Any]:
        """The form of `metrics.json`: the keys of both, with `layout` and `loss` of each."""
        both = {"answering": self.answers.to_dict(), "locating": self.locations.to_dict()}
        merged = {**both["answering"], **both["locating"], "task": "joint"}
        each = {
            key: {name: one[key] for name, one in both.items() if key in one} for key in ("layout", "loss")
        }
        return merged | each

    def table(self) -> list[tuple[str, str, str]]:
        """The rows of both."""
        return [*self.answers.table(), *self.locations.table()]

    def write(self, folder: Path) -> list[Path]:
        """Write the files of both, as one."""
        confusion = self.answers.draw(folder)
        predictions = [*self.answers.predictions, *self.locations.predictions]
        return [*write_figures(folder, self.to_dict(), predictions), confusion]
