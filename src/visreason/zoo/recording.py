"""From a run, or the runs of several seeds, to a record: the facts of the training and the tests that are made now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from visreason.clevr.counterfactual_files import counterfactual_split
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.questions_file import iter_questions
from visreason.clevr.scenes_file import iter_scenes
from visreason.data.world_files import MANIFEST
from visreason.data.world_manifest import read_manifest
from visreason.errors import UsageError
from visreason.files import read_json
from visreason.metrics.intervals import Interval
from visreason.models import ModelFile
from visreason.tasks.experiment import SEEDS
from visreason.tasks.figures import figure_rows
from visreason.tasks.history import History
from visreason.tasks.loading import load_any
from visreason.tasks.material import GENERATED
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.recipes.settings import to_settings
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.testing import run_test
from visreason.zoo.goals import goal_of, published_of
from visreason.zoo.recipe_facts import recipe_changes, recipe_hash, train_command
from visreason.zoo.record import HEADLINES, Measured, Record, Role, TrainedRun

_KINDS = {
    "answering": "answering",
    "reasoning": "answering",
    "end-to-end": "answering",
    "stack-answering": "answering",
    "locating": "locating",
    "joint": "joint",
    "regions": "regions",
    "programs": "programs",
    "objects": "objects",
    "attributes": "attributes",
    "relations": "relations",
}
"""What a test measures, by the task of the recipe."""

NOT_SHIPPED = ("programs", "objects", "attributes", "relations")
"""Tasks whose models are parts or beginnings of others."""

_POINTS = 12
"""Points of a curve that is kept for the eye."""


@dataclass(frozen=True, slots=True)
class TestOrder:
    """A test that is to be made.

    Attributes:
        role: what it is for.
        data: a data folder; None takes the embedded world that the run was trained with.
        split: of the data; None takes the one that the recipe validates on.
    """

    __test__ = False  # pytest, this is no test

    role: Role
    data: Path | None
    split: str | None


def runs_of(path: Path) -> list[RunFolder]:
    """The run in a folder, or those of several seeds.

    Raises:
        UsageError: there is none, or one of them has no weights yet.
    """
    seeds = path / SEEDS
    places = [path / f"seed-{seed}" for seed in read_json(seeds)] if seeds.is_file() else [path]
    runs = [RunFolder.open(place) for place in places]
    for run in runs:
        if not run.weights.is_file():
            raise UsageError(f"the run {run.path} has no weights yet: its first epoch is not finished.")
    return runs


def best_of(runs: Sequence[RunFolder]) -> int:
    """Which of several runs had the best validation; the tests have no part in the choice."""
    scores = [float(load_any(run.path).meta["provenance"]["validation_score"]) for run in runs]
    return scores.index(max(scores))


def record_runs(
    name: str,
    runs: Sequence[RunFolder],
    orders: Sequence[TestOrder],
    console: Console,
    *,
    weights: Mapping[int, Path] | None = None,
    note: str | None = None,
    batch_size: int = 64,
) -> Record:
    """Test runs and write down what is known of them.

    Args:
        name: of the record.
        runs: of one recipe, with weights.
        orders: the tests.
        console: where progress is shown.
        weights: model files to test in place of a run's own weights, by the run's number: those that ship.
        note: what else is to be said.
        batch_size: samples at once; the figures do not depend on it.

    Raises:
        UsageError: the runs are of different recipes, or a test asks for the split that was trained on.
        DataError: data is missing or broken.
    """
    recipe, model = runs[0].recipe(), load_any(runs[0].path)
    hashes = [recipe_hash(run.recipe()) for run in runs]
    if len(set(hashes)) > 1:
        raise UsageError(f"the runs in {runs[0].path.parent} are of different recipes: {', '.join(hashes)}.")
    data = runs[0].data()
    for order in orders:
        if order.data is not None and not order.data.is_dir():
            raise UsageError(f"{order.data} is no folder, so nothing can be tested on it. Check the path.")
    sources = [(weights or {}).get(number, run.path) for number, run in enumerate(runs)]
    return Record(
        name=name,
        family=model.family,
        task=_KINDS[recipe.task.name],
        reads=model.meta["inputs"]["kind"],
        parameters=sum(one.numel() for one in model.model.parameters()),
        recipe=recipe.about.name,
        recipe_hash=hashes[0],
        planned_epochs=recipe.training.epochs,
        changes=recipe_changes(recipe),
        published=recipe.about.published or published_of(name),
        goal=goal_of(name),
        command=train_command(recipe, None if data is None else data.name, [_seed(run) for run in runs]),
        training=_described(data, recipe.data.train, recipe) | _counted(data, recipe.data.train),
        runs=[_trained(run, load_any(run.path)) for run in runs],
        tests=[_measure(order, sources, runs[0], console, batch_size) for order in orders],
        note=note,
    )


def _measure(
    order: TestOrder, sources: Sequence[Path], run: RunFolder, console: Console, batch_size: int
) -> Measured:
    """Make one test with every run's weights."""
    recipe, trained_on = run.recipe(), run.data()
    data = trained_on if order.data is None else order.data
    split = order.split or recipe.data.validation
    same = order.data is None or (trained_on is not None and order.data.resolve() == trained_on)
    if same and split == recipe.data.train:
        raise UsageError(f"split {split} is what {run.path} was trained on. Test it on another.")
    figures: dict[str, list[Interval]] = {}
    for source in sources:
        tested = run_test(
            str(source),
            data,
            split,
            console=console,
            batch_size=batch_size,
            counterfactuals=_has_pairs(data, split),
        )
        for name, value in _figures(tested.report.to_dict()).items():
            figures.setdefault(name, []).append(value)
    described = _described(data, split, recipe)
    return Measured(
        role=order.role,
        data=described["data"],
        split=split,
        made=described["made"],
        chose=same and split == recipe.data.validation,
        figures=figures,
    )


def _figures(report: Mapping[str, Any]) -> dict[str, Interval]:
    """Every figure that has an interval, but those of single classes of regions."""
    return {
        str(name): Interval(round(float(value), 5), round(float(low), 5), round(float(high), 5), int(count))
        for name, value, low, high, count in figure_rows(report)
        if not str(name).startswith("classes.")
    }


def _has_pairs(data: Path | None, split: str) -> bool:
    """Whether a data folder has minimal pairs of a split."""
    return data is not None and ClevrFolder(data).questions_file(counterfactual_split(split)).is_file()


def _described(data: Path | None, split: str, recipe: Recipe) -> dict[str, Any]:
    """A data folder by its name and by what made it, never by its place."""
    if data is None:
        return {"data": GENERATED, "split": split, "made": to_settings(recipe)["world"]}
    made = None
    if (data / MANIFEST).is_file():
        made = read_manifest(data)["splits"].get(split, {}).get("arguments")
    return {"data": data.resolve().name, "split": split, "made": made}


def _counted(data: Path | None, split: str) -> dict[str, Any]:
    """How many scenes and questions a folder has that no manifest describes, such as one put together by hand."""
    if data is None or (data / MANIFEST).is_file():
        return {}
    folder = ClevrFolder(data)
    scenes, questions = folder.scenes_file(split), folder.questions_file(split)
    counts = {
        "scenes": sum(1 for _ in iter_scenes(scenes)) if scenes.is_file() else None,
        "questions": sum(1 for _ in iter_questions(questions)) if questions.is_file() else None,
    }
    return {"counts": {kind: count for kind, count in counts.items() if count is not None}}


def _seed(run: RunFolder) -> int:
    return run.recipe().training.seed


def _trained(run: RunFolder, model: ModelFile) -> TrainedRun:
    """How a run was trained."""
    history = History.read(run)
    if not history.stretches:
        raise UsageError(
            f"{run.path} has neither history.json nor metrics.jsonl: nothing tells how it was trained."
        )
    return TrainedRun(
        seed=_seed(run),
        steps=history.steps,
        epochs=history.epochs,
        hours=round(history.seconds / 3600, 3),
        devices=history.each("device"),
        threads=history.stretches[-1].threads,
        commits=history.each("commit"),
        version=history.stretches[-1].version,
        began=history.stretches[0].began[:10],
        curve=_curve(run, HEADLINES[_KINDS[run.recipe().task.name]][0]),
    )


def _curve(run: RunFolder, figure: str) -> list[tuple[int, float]]:
    """Some epochs' validation: the first, the last and those between at equal distances."""
    figure = figure.removesuffix(".overall").removesuffix(".mean").replace(".", "_")  # as in metrics.jsonl
    scores = [(record["epoch"], record[figure]) for record in run.read_metrics() if figure in record]
    if len(scores) > _POINTS:
        places = {round(place * (len(scores) - 1) / (_POINTS - 1)) for place in range(_POINTS)}
        scores = [scores[place] for place in sorted(places)]
    return [(epoch, round(float(score), 4)) for epoch, score in scores]
