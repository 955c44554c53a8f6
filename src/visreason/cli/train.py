"""`visreason train`: a recipe becomes a model."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from visreason.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from visreason.tasks.experiment import Experiment, Results
    from visreason.tasks.recipes.recipe import Recipe


def train(
    recipe: str | None = None,
    *,
    data: Path | None = None,
    out: Path | None = None,
    resume: Path | None = None,
    seeds: str | None = None,
    print_config: bool = False,
    overwrite: bool = False,
    json: bool = False,
    **overrides: str,
) -> None:
    """Train a recipe; any of its settings can be changed with a dotted name, such as --optimiser.lr 1e-4.

    Ctrl-C stops it and --resume goes on, to the same numbers as if nothing had happened. Where a recipe starts
    from the run of another shipped recipe (`conv_from: runs/NAME`) that is not there, that one is trained first.

    Args:
        recipe: a name that `visreason recipes` lists, or your own YAML file.
        data: a data folder in CLEVR v1.0 layout; without it the embedded generated world is used.
        out: the run's folder; by default runs/RECIPE, or runs/RECIPE-2 and so on where that exists.
        resume: go on with this run from its last checkpoint; takes no recipe and no settings.
        seeds: train once for each of these, as 1,2,3, and report best and spread.
        print_config: print the resolved recipe and stop.
        overwrite: replace the run that is in --out.
        json: print the result as an object with the keys run, score_name, score, epochs, steps (and runs
            with --seeds).

    Example:
        visreason train rn-quick --out runs/first --training.epochs 2
    """
    from visreason.cli.tables import messages
    from visreason.tasks.experiment import Experiment, check_wanted
    from visreason.tasks.recipes.recipe_yaml import to_yaml
    from visreason.tasks.team import is_first_process
    from visreason.zoo.starts import check_starts

    console = messages()
    if resume is not None:
        _refuse(recipe, data, out, seeds, overrides or None)
        experiment = Experiment.open(resume, console)
    elif print_config:
        print(to_yaml(_resolve(recipe, overrides)), end="")
        return
    else:
        wanted, numbers = _resolve(recipe, overrides), _numbers(seeds)
        if is_first_process():
            check_wanted(wanted, out, numbers, overwrite=overwrite)
            check_starts(wanted)
            _train_starts(wanted, data, console)
        experiment = Experiment.create(wanted, data, out, console, numbers, overwrite=overwrite)
    _run(experiment, console, json=json)


def _resolve(recipe: str | None, overrides: Mapping[str, str]) -> "Recipe":
    """The recipe with the command line's settings in it."""
    from visreason.zoo.catalogue import load_recipe

    if recipe is None:
        raise UsageError(
            "which recipe? `visreason recipes` lists them; `visreason train rn-quick` is a start."
        )
    return load_recipe(recipe, overrides)


def _train_starts(recipe: "Recipe", data: Path | None, console: "Console") -> None:
    """Train what the recipe starts from and is not trained, or go on with it where it was stopped."""
    from visreason.tasks.experiment import Experiment
    from visreason.zoo.catalogue import load_recipe
    from visreason.zoo.starts import untrained_starts

    for name, place in untrained_starts(recipe):
        first = load_recipe(name)
        _train_starts(first, data, console)
        console.print(
            f"{recipe.about.name} starts from {place}, which comes first", highlight=False, soft_wrap=True
        )
        begun = place.exists()
        _train(
            Experiment.open(place, console) if begun else Experiment.create(first, data, place, console),
            console,
        )


def _refuse(*given: object) -> None:
    """Refuse what does not go with --resume."""
    names = ("a recipe", "--data", "--out", "--seeds", "settings")
    extra = [name for name, value in zip(names, given, strict=True) if value is not None]
    if extra:
        raise UsageError(f"--resume goes on with a run as it was; leave out {', '.join(extra)}.")


def _run(experiment: "Experiment", console: "Console", *, json: bool) -> None:
    """Train, and print the result."""
    from visreason.cli.tables import print_json

    result = _train(experiment, console)
    if json:
        print_json(result.to_dict())
    else:
        print(result)


def _train(experiment: "Experiment", console: "Console") -> "Results":
    """Train; when stopped, say how to go on."""
    from visreason.tasks.team import is_first_process

    def say(text: str) -> None:
        if is_first_process():
            console.print(text, soft_wrap=True)

    say(f"training {experiment.recipe.about.name} in {experiment.path}")
    try:
        return experiment.run(console)
    except KeyboardInterrupt:
        say(f"stopped. Go on with: visreason train --resume {experiment.path}")
        raise


def _numbers(text: str | None) -> list[int] | None:
    """`1,2,3` as numbers."""
    if text is None:
        return None
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(f"--seeds takes numbers with commas between them, as 1,2,3; got {text!r}.") from None
