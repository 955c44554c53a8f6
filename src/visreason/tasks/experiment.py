"""What `visreason train` does: one run or one for each of several seeds, new or gone on with."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, Self

from rich.console import Console

from visreason.errors import UsageError
from visreason.files import read_json, write_json
from visreason.tasks.loader import TaskData
from visreason.tasks.processes import check_devices, opened_by_first
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.team import is_first_process, started_together
from visreason.tasks.testing import run_test
from visreason.tasks.training import Finished, make_model, train

_SILENT = ("per_class_ap", "average_precision", "explained_variance", "objects_right")
"""What is measured of networks that answer no questions: they name regions or attributes, or count."""

SEEDS = "seeds.json"
"""In the folder of several seeds' runs, which they are."""


@dataclass(frozen=True, slots=True)
class Results:
    """What came of an experiment.

    Attributes:
        path: its folder.
        runs: one, or one for each seed.
    """

    path: Path
    runs: tuple[Finished, ...]

    @property
    def best(self) -> Finished:
        """The run with the highest score."""
        return max(self.runs, key=lambda finished: finished.score)

    def to_dict(self) -> dict[str, Any]:
        """The form of `train --json`."""
        if len(self.runs) == 1:
            return self.runs[0].to_dict()
        scores = [finished.score for finished in self.runs]
        spread = {
            "mean": fmean(scores),
            "standard_deviation": stdev(scores),
            "lowest": min(scores),
            "highest": max(scores),
        }
        return self.best.to_dict() | {
            "spread": spread,
            "runs": [finished.to_dict() for finished in self.runs],
        }

    def __str__(self) -> str:
        lines = [str(finished) for finished in self.runs]
        if len(self.runs) > 1:
            spread = self.to_dict()["spread"]
            lines.append(
                f"{len(self.runs)} seeds: best {_percent(spread['highest'])} ({self.best.run.path}), mean "
                f"{_percent(spread['mean'])} ± {_percent(spread['standard_deviation'])} (standard deviation)"
            )
        model = self.best.run.path
        asks = self.best.score_name not in _SILENT
        ask = f' · visreason ask {model} IMAGE "QUESTION"' if asks else ""
        lines.append(f"Next: visreason test {model} · visreason plot {model}{ask}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Experiment:
    """Runs to be trained.

    Attributes:
        path: the run's folder, or the folder of the seeds' runs.
        recipe: what is trained.
        runs: one, or one for each seed.
        samples: what each run is trained on, in an order and with augmentation of its own seed.
    """

    path: Path
    recipe: Recipe
    runs: tuple[RunFolder, ...]
    samples: tuple[TaskData, ...]

    @classmethod
    def create(
        cls,
        recipe: Recipe,
        data: Path | None,
        out: Path | None,
        console: Console,
        seeds: Sequence[int] | None = None,
        *,
        overwrite: bool = False,
    ) -> Self:
        """Open the data and make the folders of a new experiment; if either fails, nothing is left behind.

        Args:
            recipe: what is trained.
            data: a data folder, or None for the generated world.
            out: the folder; None takes the first of `runs/NAME`, `runs/NAME-2` ... that is free.
            console: where the making of the world is shown.
            seeds: None trains once, from the recipe's seed.
            overwrite: replace what an older run left in `out`.

        Raises:
            UsageError: as `check_wanted`.
            DataError: the data is missing or broken.
        """
        check_wanted(recipe, out, seeds, overwrite=overwrite)
        out = out or _free_folder(recipe.about.name)
        if not is_first_process():
            return cls.open(opened_by_first(out).path, console)
        wanted = {out: recipe} if seeds is None else _with_seeds(recipe, out, seeds)
        samples = tuple(training_data(each, data, console) for each in wanted.values())
        make_model(recipe, samples[0])  # what does not fit is said before anything is written
        runs = [RunFolder.create(path, each, data, overwrite=overwrite) for path, each in wanted.items()]
        if seeds is not None:
            write_json(out / SEEDS, list(seeds))
        return cls(out, recipe, tuple(runs), samples)

    @classmethod
    def open(cls, path: Path, console: Console) -> Self:
        """An experiment that was begun.

        Args:
            path: its folder.
            console: where the making of the world is shown.

        Raises:
            UsageError: there is no run or folder of seeds.
            DataError: the data that it was begun with is missing or broken.
        """
        seeds = read_json(path / SEEDS) if (path / SEEDS).is_file() else None
        paths = [path] if seeds is None else [_seed_folder(path, seed) for seed in seeds]
        runs = tuple(RunFolder.open(each) for each in paths)
        samples = tuple(training_data(run.recipe(), run.data(), console) for run in runs)
        return cls(path, runs[0].recipe(), runs, samples)

    def run(self, console: Console) -> Results:
        """Train what is not trained yet, and measure each run's best weights.

        Args:
            console: where progress is shown.

        Raises:
            UsageError: another process is at work in a run's folder.
        """
        finished = []
        for run, samples in zip(self.runs, self.samples, strict=True):
            with run.at_work() if is_first_process() else nullcontext():
                finished.append(train(run.recipe(), samples, run, console))
                if not is_first_process():
                    raise SystemExit(0)  # the first one measures and reports
                run_test(str(run.path), console=console).report.write(run.results)
        return Results(self.path, tuple(finished))


def _with_seeds(recipe: Recipe, out: Path, seeds: Sequence[int]) -> dict[Path, Recipe]:
    """The folder and recipe of each seed's run."""
    if len(set(seeds)) < len(seeds) or not seeds:
        raise UsageError(f"--seeds must be different numbers; got {', '.join(map(str, seeds))}.")
    return {
        _seed_folder(out, seed): replace(recipe, training=replace(recipe.training, seed=seed))
        for seed in seeds
    }


def _seed_folder(out: Path, seed: int) -> Path:
    return out / f"seed-{seed}"


def check_wanted(recipe: Recipe, out: Path | None, seeds: Sequence[int] | None, *, overwrite: bool) -> None:
    """Make sure that an experiment can be made here, as far as that is known without its data.

    Args:
        recipe: what is to be trained.
        out: the folder; None takes one that is free.
        seeds: None trains once.
        overwrite: what an older run left there may be replaced.

    Raises:
        UsageError: the folder holds something, the machine has no such devices, or several of them meet several
            seeds, no `out` or, started at once, `overwrite`.
    """
    if recipe.training.devices * recipe.training.nodes > 1 and (out is None or seeds is not None):
        raise UsageError("training on several devices needs --out, and one seed a command (--training.seed).")
    if overwrite and started_together():
        raise UsageError(
            "--overwrite cannot be given to processes that start at once: some might see the older run. Remove its "
            "folder first."
        )
    check_devices(recipe.training)
    if out is not None and is_first_process():
        for path in [out] if seeds is None else _with_seeds(recipe, out, seeds):
            RunFolder(path).check_free(overwrite=overwrite)


def _free_folder(name: str) -> Path:
    """`runs/NAME`, or the first of `runs/NAME-2`, `runs/NAME-3` ... that is not there."""
    place, number = Path("runs") / name, 1
    while place.exists():
        number += 1
        place = Path("runs") / f"{name}-{number}"
    return place


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"
