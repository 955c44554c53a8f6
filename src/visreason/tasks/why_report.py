"""What attribution writes: `attribution.json` with every wrong answer and its step, and `why.html`, a gallery."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from visreason.clevr.folder import ClevrFolder
from visreason.files import write_atomically, write_json
from visreason.metrics.attribution import Attribution
from visreason.tasks.attribution import attribute
from visreason.tasks.interview import Interview
from visreason.tasks.location_report import JointReport
from visreason.tasks.reports import GALLERY, WRONG, AnswerReport, Report, Subject, names_of
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


def with_attribution(report: Report, folder: ClevrFolder, interview: Interview) -> tuple[Report, WhyReport]:
    """A report of answers with the shares of the steps, and every wrong answer with its step.

    Args:
        report: of answers, or of answers and boxes.
        folder: the data that was tested on.
        interview: with the model that was tested.

    Raises:
        DataError: as `visreason.tasks.attribution.attribute`.
    """
    answers = report.answers if isinstance(report, JointReport) else report
    assert isinstance(answers, AnswerReport)
    found, cases = attribute(answers.predictions, folder, report.subject.split, interview)
    told = replace(answers, attribution=found)
    whole = replace(report, answers=told) if isinstance(report, JointReport) else told
    return whole, WhyReport(report.subject, found, cases, folder)
