"""What `visreason train` does: one run or one for each of several seeds, new or gone on with."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, Self

from rich.console import Console

from visreason.errors import UsageError
from visreason.files import read_json, write_json
from visreason.tasks.recipe import Recipe
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.testing import run_test
from visreason.tasks.training import Finished, train


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
        lines.append(
            f'Next: visreason test {model} · visreason plot {model} · visreason ask {model} IMAGE "QUESTION"'
        )
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Experiment:
    """Runs to be trained.

    Attributes:
        path: the run's folder, or the folder of the seeds' runs.
        recipe: what is trained.
        data: the data folder, or None for the generated world.
        runs: one, or one for each seed.
    """

    path: Path
    recipe: Recipe
    data: Path | None
    runs: tuple[RunFolder, ...]

    @classmethod
    def create(
        cls,
        recipe: Recipe,
        data: Path | None,
        out: Path | None,
        seeds: Sequence[int] | None = None,
        *,
        overwrite: bool = False,
    ) -> Self:
        """Make the folders of a new experiment.

        Args:
            recipe: what is trained.
            data: a data folder, or None for the generated world.
            out: the folder; None takes the first of `runs/NAME`, `runs/NAME-2` ... that is free.
            seeds: None trains once, from the recipe's seed.
            overwrite: replace what an older run left in `out`.

        Raises:
            UsageError: the folder holds something, or several devices meet several seeds or no `out`.
        """
        if recipe.training.devices * recipe.training.nodes > 1 and (out is None or seeds is not None):
            raise UsageError(
                "training on several devices needs --out, and one seed a command (--training.seed)."
            )
        out = out or _free_folder(recipe.about.name)
        if (
            int(os.environ.get("LOCAL_RANK", "0")) > 0
        ):  # a process that Lightning started beside the first one
            return cls.open(out)
        if seeds is None:
            return cls(out, recipe, data, (RunFolder.create(out, recipe, data, overwrite=overwrite),))
        if len(set(seeds)) < len(seeds) or not seeds:
            raise UsageError(f"--seeds must be different numbers; got {', '.join(map(str, seeds))}.")
        recipes = [replace(recipe, training=replace(recipe.training, seed=seed)) for seed in seeds]
        runs = [
            RunFolder.create(out / f"seed-{each.training.seed}", each, data, overwrite=overwrite)
            for each in recipes
        ]
        write_json(out / "seeds.json", list(seeds))
        return cls(out, recipe, data, tuple(runs))

    @classmethod
    def open(cls, path: Path) -> Self:
        """An experiment that was begun.

        Raises:
            UsageError: there is no run or folder of seeds.
        """
        seeds = path / "seeds.json"
        runs = (
            [RunFolder.open(path / f"seed-{seed}") for seed in read_json(seeds)]
            if seeds.is_file()
            else [RunFolder.open(path)]
        )
        return cls(path, runs[0].recipe(), runs[0].data(), tuple(runs))

    def run(self, console: Console) -> Results:
        """Train what is not trained yet, and measure each run's best weights.

        Args:
            console: where progress is shown.
        """
        data = training_data(self.recipe, self.data, console)
        finished = []
        for run in self.runs:
            finished.append(train(run.recipe(), data, run, console))
            run_test(str(run.path), console=console).report.write(run.results)
        return Results(self.path, tuple(finished))


def _free_folder(name: str) -> Path:
    """`runs/NAME`, or the first of `runs/NAME-2`, `runs/NAME-3` ... that is not there."""
    place, number = Path("runs") / name, 1
    while place.exists():
        number += 1
        place = Path("runs") / f"{name}-{number}"
    return place


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"
