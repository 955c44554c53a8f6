"""`visreason train`: a recipe becomes a model."""

from pathlib import Path


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

    Ctrl-C stops it and --resume goes on, to the same numbers as if nothing had happened.

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
    from rich.console import Console

    from visreason.cli.tables import print_json
    from visreason.errors import UsageError
    from visreason.tasks.experiment import Experiment
    from visreason.tasks.settings import to_yaml
    from visreason.tasks.training import is_first_process
    from visreason.zoo.catalogue import load_recipe

    console = Console(stderr=True)
    if resume is not None:
        given = {
            "a recipe": recipe,
            "--data": data,
            "--out": out,
            "--seeds": seeds,
            "settings": overrides or None,
        }
        extra = [name for name, value in given.items() if value is not None]
        if extra:
            raise UsageError(f"--resume goes on with a run as it was; leave out {', '.join(extra)}.")
        experiment = Experiment.open(resume, console)
    else:
        if recipe is None:
            raise UsageError(
                "which recipe? `visreason recipes` lists them; `visreason train rn-quick` is a start."
            )
        wanted = load_recipe(recipe, overrides)
        if print_config:
            print(to_yaml(wanted), end="")
            return
        experiment = Experiment.create(wanted, data, out, console, _numbers(seeds), overwrite=overwrite)
    if is_first_process():
        name = experiment.recipe.about.name
        console.print(f"training {name} in {experiment.path}", highlight=False, soft_wrap=True)
    try:
        result = experiment.run(console)
    except KeyboardInterrupt:
        console.print(
            f"stopped. Go on with: visreason train --resume {experiment.path}",
            highlight=False,
            soft_wrap=True,
        )
        raise
    if json:
        print_json(result.to_dict())
    else:
        print(result)


def _numbers(text: str | None) -> list[int] | None:
    """`1,2,3` as numbers."""
    from visreason.errors import UsageError

    if text is None:
        return None
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(f"--seeds takes numbers with commas between them, as 1,2,3; got {text!r}.") from None
