"""What a test found: a table for people; `metrics.json`, `predictions.jsonl` and a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

from visreason.clevr.counterfactual_files import KEY
from visreason.data.question_table import QuestionTable
from visreason.metrics.accuracy import Scores, score
from visreason.metrics.attribution import Attribution
from visreason.metrics.confusion import confusion_matrix, labels_of
from visreason.metrics.layouts import LayoutScores
from visreason.tasks.figures import METRICS, PREDICTIONS, TABLE, write_figures
from visreason.tasks.pairs import PairResults
from visreason.tasks.program_tally import ProgramScores, program_columns
from visreason.tasks.reasoning_tally import ReasoningTally
from visreason.tasks.tallies import AnswerTally

TRUE_PROGRAMS = "the questions' true programs"
"""What an engine without a generator is tested on."""

CONFUSION = "confusion.png"

ARRAYS = "predictions.npz"
"""What a network of regions has said, to be scored again."""

WRONG, GALLERY = "attribution.json", "why.html"
"""Every wrong answer with the step at which it went wrong, and a page of some."""

FILES = (METRICS, TABLE, PREDICTIONS, CONFUSION, ARRAYS, WRONG, GALLERY)
"""What a test may write."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What was tested on what.

    Attributes:
        model: the model's name, as the user gave it.
        data: the data folder, or "generated world".
        split: of the data.
    """

    model: str
    data: str
    split: str


class Report(Protocol):
    """What a test found."""

    @property
    def subject(self) -> Subject:
        """What was tested on what."""

    def to_dict(self) -> dict[str, Any]:
        """The form of `metrics.json`."""

    def table(self) -> list[tuple[str, str, str]]:
        """Rows for people: what was measured, its value with a 95 % interval, and on how many samples."""

    def write(self, folder: Path) -> list[Path]:
        """Write the report's files; return their paths."""


@dataclass(frozen=True, slots=True)
class AnswerReport:
    """How well questions were answered.

    Attributes:
        subject: what was tested on what.
        scores: every figure with its interval.
        loss: mean cross entropy.
        answers: true answers, in words.
        predictions: one object a question, as in `predictions.jsonl`.
        pairs: how the questions of minimal pairs were answered on the edited scenes, if they were asked.
        programs: how right the programs were that the model wrote and executed, if it did.
        told_programs: whether the model executed the questions' true programs.
        layouts: how right the layouts were that a Stack Neural Module Network planned.
        attribution: at which steps wrong answers went wrong, if that was asked.
    """

    subject: Subject
    scores: Scores
    loss: float
    answers: Sequence[str]
    predictions: Sequence[Mapping[str, Any]]
    pairs: PairResults | None = None
    programs: ProgramScores | None = None
    told_programs: bool = False
    layouts: LayoutScores | None = None
    attribution: Attribution | None = None

    @classmethod
    def of(
        cls, subject: Subject, tally: AnswerTally, table: QuestionTable, *, told_programs: bool = False
    ) -> Self:
        """Make the report of a tally over the questions of a table."""
        true, predicted = tally.words()
        kinds = [table.type(row) for row in tally.questions]
        types = [kind for kind in kinds if kind is not None]
        scores = score(true, predicted, types if len(types) == len(kinds) else None, tally.images)
        predictions = [
            {
                "question_index": int(table.index_Q[row]),
                "image_filename": table.image(row),
                "answer": answer,
                "prediction": prediction,
                "probability": round(probability, 6),
                "correct": answer == prediction,
                "type": kind,
            }
            for row, answer, prediction, probability, kind in zip(
                tally.questions, true, predicted, tally.probabilities, kinds, strict=True
            )
        ]
        programs = None
        if isinstance(tally, ReasoningTally):
            programs = tally.programs.scores()
            for one, told in zip(predictions, program_columns(tally.programs), strict=True):
                one |= told
        loss = sum(tally.losses) / len(tally.losses)
        return cls(subject, scores, loss, true, predictions, programs=programs, told_programs=told_programs)

    def to_dict(self) -> dict[str, Any]:
        """The form of `metrics.json`."""
        figures = {"task": "answering", **names_of(self.subject), **self.scores.to_dict(), "loss": self.loss}
        if self.programs is not None:
            figures |= {"programs": self.programs.to_dict()}
        if self.layouts is not None:
            figures |= {"layout": self.layouts.to_dict()}
        if self.told_programs:
            figures |= {"executed": TRUE_PROGRAMS}
        if self.attribution is not None:
            figures |= {"attribution": self.attribution.to_dict()}
        return figures if self.pairs is None else figures | {KEY: self.pairs.consistency.to_dict()}

    def table(self) -> list[tuple[str, str, str]]:
        """Accuracy overall, of the literature's groups of question types and of each type; invalid answers; pairs."""
        types = self.scores.by_type
        lines = {
            "all questions": self.scores.overall,
            **{name: one for name, one in self.scores.by_group.items() if name not in types},
            **types,
            "invalid answers": self.scores.invalid,
        }
        if self.programs is not None:
            lines |= self.programs.lines()
        if self.layouts is not None:
            lines |= self.layouts.lines()
        rows = [(name.replace("_", " "), str(value), f"{value.count:,}") for name, value in lines.items()]
        if self.told_programs:
            rows.append(("executed", TRUE_PROGRAMS, f"{len(self.predictions):,}"))
        if self.attribution is not None:
            rows += self.attribution.table()
        return rows if self.pairs is None else rows + self.pairs.table()

    def write(self, folder: Path) -> list[Path]:
        """Write `metrics.json`, `results.csv`, `predictions.jsonl` and `confusion.png`."""
        edited = () if self.pairs is None else self.pairs.predictions
        written = write_figures(folder, self.to_dict(), (*self.predictions, *edited))
        return [*written, self.draw(folder)]

    def draw(self, folder: Path) -> Path:
        """Draw which answers were taken for which into `confusion.png`."""
        from visreason.metrics.confusion_plot import plot_confusion  # brings matplotlib

        confusion = folder / CONFUSION
        answered = [one["prediction"] for one in self.predictions]
        labels = labels_of({*self.answers, *answered})
        counts = confusion_matrix(self.answers, answered, labels)
        title = f"{Path(self.subject.model).name} on {Path(self.subject.data).name}"
        plot_confusion(counts, confusion, labels, title=title)
        return confusion


def names_of(subject: Subject) -> dict[str, str]:
    """What was tested on what, as it stands in `metrics.json`."""
    return {"model": subject.model, "data": subject.data, "split": subject.split}
