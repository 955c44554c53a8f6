"""What attribution writes: `attribution.json` with every wrong answer and its step, and `why.html`, a gallery."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.data.dataset import ClevrQuestions
from visreason.data.expressions import QuestionsAndExpressions
from visreason.files import write_atomically, write_json
from visreason.metrics.attribution import Attribution
from visreason.models import ModelFile
from visreason.tasks.attribute_probes import attribute_probes
from visreason.tasks.attribution import attribute
from visreason.tasks.interview import Interview
from visreason.tasks.loader import Collate
from visreason.tasks.location_report import JointReport
from visreason.tasks.program_data import scenes_of
from visreason.tasks.reports import GALLERY, WRONG, AnswerReport, Report, Subject, names_of
from visreason.tasks.team import Team
from visreason.tasks.verdicts import Case
from visreason.tasks.why_page import shown_cases, thumbnails, why_html


@dataclass(frozen=True, slots=True)
class WhyReport:
    """Why wrong answers were wrong.

    Attributes:
        subject: what was tested on what.
        found: the shares of the steps.
        cases: every wrong answer with its step.
        folder: the data.
    """

    subject: Subject
    found: Attribution
    cases: Sequence[Case]
    folder: ClevrFolder

    def to_dict(self) -> dict[str, Any]:
        """The form of `attribution.json`."""
        cases = [case.to_dict() for case in self.cases]
        return {**names_of(self.subject), **self.found.to_dict(), "cases": cases}

    def write(self, folder: Path) -> list[Path]:
        """Write `attribution.json` and `why.html`; return their paths.

        Raises:
            DataError: an image of the gallery cannot be read, or a file not be written.
        """
        shown = shown_cases(self.cases)
        pictures = thumbnails([case.scene for case in shown], self.folder, self.subject.split)
        write_json(folder / WRONG, self.to_dict(), indent=True)
        with write_atomically(folder / GALLERY, "w") as file:
            file.write(why_html(self.subject, self.found, shown, pictures))
        return [folder / WRONG, folder / GALLERY]


def with_attribution(
    report: Report,
    model: ModelFile,
    folder: ClevrFolder,
    samples: object,
    to_batch: Collate,
    console: Console,
    *,
    batch_size: int = 64,
    workers: int = 0,
    team: Team | None = None,
) -> tuple[Report, WhyReport]:
    """A report of answers with the shares of the steps, and every wrong answer with its step.

    Args:
        report: of answers, or of answers and boxes.
        model: which was tested.
        folder: the data that it was tested on, with scenes and programs.
        samples: what it was tested on: questions, or questions and expressions.
        to_batch: makes a batch of them.
        console: where progress is shown.
        batch_size: questions at once.
        workers: processes that load images.
        team: the processes that share the work; None is this one alone.

    Raises:
        DataError: as `visreason.tasks.attribution.attribute`.
    """
    answers = report.answers if isinstance(report, JointReport) else report
    questions = samples.questions if isinstance(samples, QuestionsAndExpressions) else samples
    scenes = scenes_of(folder, report.subject.split)
    assert isinstance(answers, AnswerReport)
    assert isinstance(questions, ClevrQuestions)
    assert scenes is not None
    interview = Interview(
        model, questions, to_batch, console, batch_size=batch_size, workers=workers, team=team
    )
    found, cases = attribute(answers.predictions, folder, report.subject.split, interview)
    probes = attribute_probes(
        model, questions, to_batch, scenes(), console, batch_size=batch_size, workers=workers, team=team
    )
    found = replace(found, probes=probes)
    told = replace(answers, attribution=found)
    whole = replace(report, answers=told) if isinstance(report, JointReport) else told
    return whole, WhyReport(report.subject, found, cases, folder)
