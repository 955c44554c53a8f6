"""What `visreason test` does: a model by name, its data or its own unseen split, and a report."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from visreason.clevr.counterfactual_files import counterfactual_split
from visreason.clevr.folder import ClevrFolder
from visreason.data.dataset import ClevrQuestions
from visreason.errors import UsageError
from visreason.models import ModelFile
from visreason.tasks.abilities import answers_questions, names_regions
from visreason.tasks.attribution import check_attributable
from visreason.tasks.evaluation import evaluate
from visreason.tasks.loader import Collate
from visreason.tasks.loading import load_any
from visreason.tasks.material import Material, given_material, own_material
from visreason.tasks.pairs import PairResults, pairs_to_test
from visreason.tasks.program_data import check_programs, scenes_of
from visreason.tasks.recipes.task_kinds import ENGINES
from visreason.tasks.region_testing import evaluate_regions
from visreason.tasks.reports import AnswerReport, Report, Subject
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import Samples, samples_for
from visreason.tasks.team import Team
from visreason.tasks.why_report import WhyReport, with_attribution

PAIRS_PER_SCENE = 2
"""Minimal pairs that are made of each scene of the embedded world: one answer changes, one stays."""

_NO_PAIRS = "minimal pairs are pairs of questions, and this model answers none."


@dataclass(frozen=True, slots=True)
class Tested:
    """A test that was made.

    Attributes:
        report: what it found.
        folder: where its files belong if the user names no other place.
        why: why wrong answers were wrong, if that was asked.
    """

    report: Report
    folder: Path
    why: WhyReport | None = None


def run_test(
    source: str,
    data: Path | None = None,
    split: str | None = None,
    *,
    console: Console,
    limit: int | None = None,
    counterfactuals: bool = False,
    attribute: bool = False,
    drop_regions: float | None = None,
    seed: int = 0,
    batch_size: int = 64,
    workers: int = 0,
    team: Team | None = None,
) -> Tested:
    """Test a model; of several processes that share the work only the first returns.

    Args:
        source: a run, a checkpoint, a model file or a shipped name.
        data: a data folder; None takes the data that the model was trained with, in its own validation split.
        split: None takes `val`, or with the model's own data the split that its recipe validates on.
        console: where progress is shown.
        limit: only so many samples, from the start of the file.
        counterfactuals: ask the split's minimal pairs too; in the embedded world they are made now.
        attribute: put every wrong answer down to the first step of reasoning that failed.
        drop_regions: the fraction of regions that a network of regions is not shown.
        seed: of which these are.
        batch_size: samples at once.
        workers: processes that load images.
        team: the processes that share the work; None is this one alone.

    Raises:
        ModelError: there is no such model, or it cannot be asked.
        DataError: the data is missing or broken.
        UsageError: nothing is known of the data that the model was trained with, a number is out of range,
            a model that answers no questions is to be asked minimal pairs, or one that names no regions is to be
            denied some.
        VocabularyError: the data has words that the model does not know.
    """
    if batch_size < 1 or workers < 0:
        raise UsageError(
            f"--batch-size must be at least 1 and --workers at least 0; got {batch_size} and {workers}."
        )
    model = load_any(source)
    regions = names_regions(model)
    if (counterfactuals and regions) or (drop_regions is not None and not regions):
        raise UsageError(_NO_PAIRS if regions else f"{source} names no regions, so none can be dropped.")
    if attribute and (regions or not answers_questions(model)):
        raise UsageError(f"--attribute says why answers were wrong, and {source} answers no questions.")
    run = RunFolder(Path(source)) if Path(source).is_dir() else None
    base = run.results if run is not None else Path("results") / _plain(Path(source).stem)
    if data is not None:
        material = given_material(model, data, split)
    else:
        pairs = PAIRS_PER_SCENE if counterfactuals else 0
        material = own_material(model, run, source, split, pairs, console)
    team = team or Team()
    examination = _Examination(model, source, material, console, limit, batch_size, workers, team)
    with team.reporting():
        if isinstance(material.folder, ClevrFolder):
            report, why = examination.questions(material.folder, pairs=counterfactuals, attribute=attribute)
        else:
            report, why = examination.regions(material.folder, drop_regions or 0.0, seed), None
    without = "" if drop_regions is None else f"without-{drop_regions:g}"
    return Tested(report, base / "-".join(part for part in (material.place, without) if part), why)


@dataclass(frozen=True, slots=True)
class _Examination:
    """A model and what it is tested on; the rest as of `run_test`."""

    model: ModelFile
    source: str
    material: Material
    console: Console
    limit: int | None
    batch_size: int
    workers: int
    team: Team

    def regions(self, folder: Path, dropped: float, seed: int) -> Report:
        """Names of regions, a fraction of which the model may not see."""
        return evaluate_regions(
            self.model,
            folder,
            self._subject(self.material.split),
            self.console,
            limit=self.limit,
            dropped=dropped,
            seed=seed,
            batch_size=self.batch_size,
            workers=self.workers,
            team=self.team,
        )

    def questions(
        self, folder: ClevrFolder, *, pairs: bool, attribute: bool
    ) -> tuple[Report, WhyReport | None]:
        """Answers, attributes, boxes or counts, whatever the model gives, and why they are wrong."""
        split = self.material.split
        if attribute:
            check_attributable(folder, split)
        report, why = self._ask(folder, split, self.limit), None
        if pairs:
            report = self._with_pairs(report, folder)
        if attribute:
            samples, to_batch = self._samples(folder, split, self.limit)
            report, why = with_attribution(
                report,
                self.model,
                folder,
                samples,
                to_batch,
                self.console,
                batch_size=self.batch_size,
                workers=self.workers,
                team=self.team,
            )
        return report, why

    def _ask(self, folder: ClevrFolder, split: str, limit: int | None) -> Report:
        samples, to_batch = self._samples(folder, split, limit)
        if self.model.family in ENGINES and isinstance(samples, ClevrQuestions):
            check_programs(samples, len(samples), split)
        return evaluate(
            self.model,
            samples,
            self._subject(split),
            self.console,
            batch_size=self.batch_size,
            workers=self.workers,
            team=self.team,
            to_batch=to_batch,
            scenes=scenes_of(folder, split),
        )

    def _with_pairs(self, report: Report, folder: ClevrFolder) -> Report:
        """The report with the minimal pairs of its questions."""
        if not isinstance(report, AnswerReport):
            raise UsageError(_NO_PAIRS)
        split = self.material.split
        notes = pairs_to_test(folder, split, report.predictions, limited=self.limit is not None)
        edited = self._ask(folder, counterfactual_split(split), len(notes))
        assert isinstance(edited, AnswerReport)
        return replace(report, pairs=PairResults.of(report.predictions, edited.predictions, notes))

    def _samples(self, folder: ClevrFolder, split: str, limit: int | None) -> tuple[Samples, Collate]:
        return samples_for(self.model, folder, split, limit, render=self.material.render)

    def _subject(self, split: str) -> Subject:
        return Subject(self.source, self.material.name, split)


def _plain(name: str) -> str:
    """A name that can be a folder's."""
    return re.sub(r"[^\w.-]+", "-", name)
