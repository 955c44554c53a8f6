"""What `visreason test` does: a model by name, its data or its own unseen split, and a report."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from visreason.clevr.counterfactual_files import counterfactual_split
from visreason.clevr.folder import ClevrFolder
from visreason.data.dataset import ClevrQuestions
from visreason.errors import UsageError
from visreason.models import ModelFile
from visreason.tasks.attribution import check_attributable
from visreason.tasks.evaluation import evaluate
from visreason.tasks.folders import data_folder, open_folder
from visreason.tasks.loading import answers_questions, load_any
from visreason.tasks.pairs import PairResults, pairs_to_test
from visreason.tasks.program_data import check_programs, scenes_of
from visreason.tasks.recipes.kinds import PixelInputs
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.recipes.settings import from_nested, to_recipe
from visreason.tasks.recipes.task_kinds import ENGINES
from visreason.tasks.region_data import region_folder
from visreason.tasks.region_testing import evaluate_regions, names_regions
from visreason.tasks.reports import AnswerReport, Report, Subject
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import samples_for
from visreason.tasks.why_report import WhyReport, with_attribution

GENERATED = "generated world"
"""What a report calls the embedded world."""

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
    shipped: Path | None = None,
) -> Tested:
    """Test a model.

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
        shipped: the folder of shipped model files.

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
    model = load_any(source, shipped)
    run = RunFolder(Path(source)) if Path(source).is_dir() else None
    base = run.results if run is not None else Path("results") / _plain(Path(source).stem)
    regions = names_regions(model)
    if (counterfactuals and regions) or (drop_regions is not None and not regions):
        raise UsageError(_NO_PAIRS if regions else f"{source} names no regions, so none can be dropped.")
    if attribute and (regions or not answers_questions(model)):
        raise UsageError(f"--attribute says why answers were wrong, and {source} answers no questions.")
    if data is not None:
        opened: ClevrFolder | Path = data if regions else open_folder(data)
        split, name = split or "val", str(data)
        place, render = f"{data.resolve().name}-{split}", False
    else:
        recipe, own = _origin(model, run, source)
        split = split or recipe.data.validation
        pairs = PAIRS_PER_SCENE if counterfactuals else 0
        if regions:
            opened = region_folder(recipe, own, [split], console)
        else:
            opened = data_folder(recipe, own, [split], console, counterfactuals=pairs)
        name, place = str(own or GENERATED), "" if split == recipe.data.validation else split
        render = isinstance(recipe.inputs, PixelInputs) and recipe.inputs.render
    if isinstance(opened, Path):
        if drop_regions is not None:
            place = "-".join(part for part in (place, f"without-{drop_regions:g}") if part)
        named = evaluate_regions(
            model,
            opened,
            Subject(source, name, split),
            console,
            limit=limit,
            dropped=drop_regions or 0.0,
            seed=seed,
            batch_size=batch_size,
            workers=workers,
        )
        return Tested(named, base / place)
    folder = opened
    if attribute:
        check_attributable(folder, split)

    def ask(split: str, limit: int | None) -> Report:
        samples, to_batch = samples_for(model, folder, split, limit, render=render)
        subject = Subject(source, name, split)
        if model.family in ENGINES and isinstance(samples, ClevrQuestions):
            check_programs(samples, len(samples), split)
        return evaluate(
            model,
            samples,
            subject,
            console,
            batch_size=batch_size,
            workers=workers,
            to_batch=to_batch,
            scenes=scenes_of(folder, split),
        )

    report = ask(split, limit)
    if counterfactuals:
        report = _with_pairs(report, folder, ask, limited=limit is not None)
    why = None
    if attribute:
        samples, to_batch = samples_for(model, folder, split, limit, render=render)
        report, why = with_attribution(
            report, model, folder, samples, to_batch, console, batch_size=batch_size, workers=workers
        )
    return Tested(report, base / place, why)


def _with_pairs(
    report: Report, folder: ClevrFolder, ask: Callable[[str, int | None], Report], *, limited: bool
) -> Report:
    """The report with the minimal pairs of its questions."""
    split = report.subject.split
    if not isinstance(report, AnswerReport):
        raise UsageError(_NO_PAIRS)
    notes = pairs_to_test(folder, split, report.predictions, limited=limited)
    edited = ask(counterfactual_split(split), len(notes))
    assert isinstance(edited, AnswerReport)
    return replace(report, pairs=PairResults.of(report.predictions, edited.predictions, notes))


def _origin(model: ModelFile, run: RunFolder | None, source: str) -> tuple[Recipe, Path | None]:
    """The recipe that a model was trained with, and its data folder (None: the generated world)."""
    if run is not None:
        return run.recipe(), run.data()
    settings = model.meta.get("settings")
    if settings is None or model.meta.get("provenance", {}).get("data") is not None:
        raise UsageError(f"{source} does not say what it should be tested on. Give --data FOLDER.")
    return to_recipe(from_nested(settings), source), None


def _plain(name: str) -> str:
    """A name that can be a folder's."""
    return re.sub(r"[^\w.-]+", "-", name)
