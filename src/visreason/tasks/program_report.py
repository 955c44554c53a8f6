"""What a test of a program generator alone found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from visreason.clevr.answers import QUESTION_TYPES
from visreason.data.question_table import QuestionTable
from visreason.metrics.intervals import Interval, clustered_fraction
from visreason.tasks.figures import write_figures
from visreason.tasks.program_tally import GeneratorTally, ProgramScores, program_columns
from visreason.tasks.reports import Subject, names_of


@dataclass(frozen=True, slots=True)
class ProgramReport:
    """How right programs were written.

    Attributes:
        subject: what was tested on what.
        programs: every figure with its interval.
        by_type: the fraction of exact programs of each question type; empty where no true ones are told.
        loss: mean cross entropy of a symbol; None where no true programs are told.
        symbol_accuracy: symbols that are right given the true ones before; None where no true programs are told.
        predictions: one object a question, as in `predictions.jsonl`.
    """

    subject: Subject
    programs: ProgramScores
    by_type: Mapping[str, Interval]
    loss: float | None
    symbol_accuracy: float | None
    predictions: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, subject: Subject, tally: GeneratorTally, table: QuestionTable) -> Self:
        """Make the report of a tally over the questions of a table."""
        types = [table.type(row) for row in tally.questions]
        exact, answers = tally.exact(), tally.oracle_answers()
        by_type = {}
        for kind in dict.fromkeys((*QUESTION_TYPES, *(name for name in types if name))):
            places = [place for place, name in enumerate(types) if name == kind and exact[place] is not None]
            if places:
                hits = [bool(exact[place]) for place in places]
                by_type[kind] = clustered_fraction(hits, [tally.images[place] for place in places])
        predictions = [
            {
                "question_index": int(table.index_Q[row]),
                "image_filename": table.image(row),
                "type": kind,
                **columns,
            }
            for row, kind, columns in zip(tally.questions, types, program_columns(tally), strict=True)
        ]
        if answers is not None:
            words = tally.vocabulary.answers
            for one, answer, true in zip(predictions, answers, tally.answers, strict=True):
                one |= {"prediction": answer} | ({"answer": words[true]} if true >= 0 else {})
        return cls(subject, tally.scores(), by_type, tally.loss, tally.symbol_accuracy, predictions)

    def to_dict(self) -> dict[str, Any]:
        """The form of `metrics.json`."""
        by_type = {name: one.to_dict() for name, one in self.by_type.items()}
        return {
            "task": "programs",
            **names_of(self.subject),
            "programs": self.programs.to_dict() | {"exact_by_type": by_type},
            "symbol_accuracy": self.symbol_accuracy,
            "loss": self.loss,
        }

    def table(self) -> list[tuple[str, str, str]]:
        """The figures of the programs, and exact ones by question type."""
        lines = self.programs.lines() | {f"exact: {name}": one for name, one in self.by_type.items()}
        return [(name.replace("_", " "), str(value), f"{value.count:,}") for name, value in lines.items()]

    def write(self, folder: Path) -> list[Path]:
        """Write `metrics.json`, `results.csv` and `predictions.jsonl`."""
        return write_figures(folder, self.to_dict(), self.predictions)
