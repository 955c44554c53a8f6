"""What `visreason compare` does: several models on the same questions, each against each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, repeat
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console

from visreason.clevr.questions_file import iter_questions
from visreason.data.hdf5 import HDF5_SUFFIXES
from visreason.errors import UsageError
from visreason.files import write_atomically, write_json
from visreason.metrics.accuracy import Scores
from visreason.metrics.paired import Paired, holm, paired_by_type
from visreason.metrics.paired_plot import plot_paired
from visreason.tasks.abilities import answers_questions
from visreason.tasks.folders import open_folder
from visreason.tasks.loading import load_any
from visreason.tasks.location_report import JointReport
from visreason.tasks.reports import AnswerReport, Report
from visreason.tasks.testing import run_test

COMPARISON, DIFFERENCES, PICTURE = "comparison.json", "differences.jsonl", "comparison.png"
FILES = (COMPARISON, DIFFERENCES, PICTURE)
"""What a comparison writes."""

OVERALL = "all questions"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two models.

    Attributes:
        first, second: their names.
        overall: the comparison on all questions.
        by_type: that on the questions of each type; empty where types are not known.
        p: of the overall comparison, adjusted for all pairs that were compared.
    """

    first: str
    second: str
    overall: Paired
    by_type: Mapping[str, Paired]
    p: float

    def to_dict(self) -> dict[str, Any]:
        """One of `pairs` in `compare --json`."""
        types = {name: one.to_dict() for name, one in self.by_type.items()}
        return {
            "first": self.first,
            "second": self.second,
            "overall": self.overall.to_dict() | {"p_adjusted": self.p},
            "by_type": types,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Several models on the same questions.

    Attributes:
        data, split: what they were asked.
        scores: by the model's name, its own accuracy.
        pairs: each model against each that follows it.
        differences: the questions to which not all gave the same answer.
    """

    data: str
    split: str
    scores: Mapping[str, Scores]
    pairs: Sequence[Pair]
    differences: Sequence[Mapping[str, Any]]

    def to_dict(self) -> dict[str, Any]:
        """The form of `compare --json`, and of `comparison.json`."""
        return {
            "data": self.data,
            "split": self.split,
            "models": {name: one.to_dict() for name, one in self.scores.items()},
            "pairs": [one.to_dict() for one in self.pairs],
            "differing": len(self.differences),
        }

    def table(self) -> list[tuple[str, ...]]:
        """Rows for people: for all questions and each type, every model's accuracy and its lead over the first."""
        first, *others = self.scores
        against = {one.second: one for one in self.pairs if one.first == first}
        rows = []
        for kind in (OVERALL, *self.scores[first].by_type):
            own = {
                name: one.overall if kind == OVERALL else one.by_type[kind]
                for name, one in self.scores.items()
            }
            cells = [kind.replace("_", " "), str(own[first])]
            for name in others:
                pair = against[name]
                paired = pair.overall if kind == OVERALL else pair.by_type[kind]
                cells += [str(own[name]), str(paired), _shown(pair.p if kind == OVERALL else paired.p)]
            rows.append((*cells, f"{own[first].count:,}"))
        return rows

    def columns(self) -> list[str]:
        """The headings of `table`."""
        first, *others = self.scores
        return ["", first, *(cell for name in others for cell in (name, "difference", "p")), "questions"]

    def write(self, folder: Path) -> list[Path]:
        """Write `comparison.json`, `differences.jsonl` and `comparison.png`; return their paths."""
        write_json(folder / COMPARISON, self.to_dict(), indent=True)
        with write_atomically(folder / DIFFERENCES) as file:
            file.writelines(orjson.dumps(one) + b"\n" for one in self.differences)
        first = next(iter(self.scores))
        leads = {
            one.second: {OVERALL: one.overall, **one.by_type} for one in self.pairs if one.first == first
        }
        plot_paired(leads, folder / PICTURE, baseline=first, overall=OVERALL)
        return [folder / name for name in FILES]


def compare_models(
    sources: Sequence[str],
    data: Path,
    split: str = "val",
    *,
    console: Console,
    limit: int | None = None,
    batch_size: int = 64,
    workers: int = 0,
) -> Comparison:
    """Ask several models the same questions.

    Args:
        sources: runs, checkpoints, model files or shipped names; what they see may differ.
        data: a data folder.
        split: of the folder.
        console: where progress is shown.
        limit: only so many questions, from the start of the file.
        batch_size: questions at once.
        workers: processes that load images.

    Raises:
        UsageError: fewer than two models, one of them twice, or one that answers no questions.
        ModelError, DataError, VocabularyError: as `visreason.tasks.testing.run_test`.
    """
    if len(sources) < 2 or len(set(sources)) < len(sources):
        raise UsageError(f"compare needs two or more different models; got {', '.join(sources)}.")
    for source in sources:
        if not answers_questions(load_any(source)):
            raise UsageError(f"{source} answers no questions, so there is nothing to compare.")
    reports = {}
    for source in sources:
        tested = run_test(
            source,
            data,
            split,
            console=console,
            limit=limit,
            batch_size=batch_size,
            workers=workers,
        )
        reports[source] = _answers(tested.report)
    first = reports[sources[0]].predictions
    images = _numbers([one["image_filename"] for one in first])
    types = [one["type"] for one in first]
    right = {name: [one["correct"] for one in report.predictions] for name, report in reports.items()}
    found = []
    for one, other in combinations(sources, 2):
        given = (right[one], right[other], images)
        apart = paired_by_type(*given, types)
        by_type = {kind: apart[kind] for kind in reports[one].scores.by_type}
        found.append((one, other, Paired.of(*given), by_type))
    adjusted = holm([overall.p for _, _, overall, _ in found])
    pairs = [Pair(*each, p) for each, p in zip(found, adjusted, strict=True)]
    scores = {name: report.scores for name, report in reports.items()}
    return Comparison(str(data), split, scores, pairs, list(_differences(reports, data, split)))


def _answers(report: Report) -> AnswerReport:
    """The answers in a report."""
    answers = report.answers if isinstance(report, JointReport) else report
    assert isinstance(answers, AnswerReport)
    return answers


def _differences(reports: Mapping[str, AnswerReport], data: Path, split: str) -> Iterator[Mapping[str, Any]]:
    """The questions to which not all models gave the same answer, with their words where the file has sentences."""
    said = zip(*(report.predictions for report in reports.values()), strict=True)
    file = open_folder(data).questions_file(split)
    texts = repeat(None) if file.suffix in HDF5_SUFFIXES else (one.text for one in iter_questions(file))
    for text, answers in zip(texts, said, strict=False):
        if len({one["prediction"] for one in answers}) > 1:
            known = answers[0]
            yield {
                "question_index": known["question_index"],
                "image_filename": known["image_filename"],
                "question": text,
                "type": known["type"],
                "answer": known["answer"],
                "predictions": {name: one["prediction"] for name, one in zip(reports, answers, strict=True)},
                "correct": {name: one["correct"] for name, one in zip(reports, answers, strict=True)},
            }


def _numbers(images: Sequence[str]) -> list[int]:
    """A number for each different image."""
    known = {name: number for number, name in enumerate(dict.fromkeys(images))}
    return [known[name] for name in images]


def _shown(p: float) -> str:
    """A p-value for people.

    Example:
        >>> _shown(0.0000123), _shown(0.2345)
        ('< 0.001', '0.234')
    """
    return "< 0.001" if p < 0.001 else f"{p:.3f}"
