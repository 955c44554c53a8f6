"""Runs that a recipe starts from: shipped recipes may begin with parts of what other shipped recipes train."""

from collections.abc import Iterator
from pathlib import Path

from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.run_folder import RunFolder
from visreason.zoo.catalogue import recipe_names

RUNS = Path("runs")
"""Where `visreason train` puts runs by default."""


def untrained_starts(recipe: Recipe) -> Iterator[tuple[str, Path]]:
    """The recipes whose runs a recipe starts from, as far as they are not trained, and where their runs belong.

    Such a start is written `runs/NAME` in the recipe, with the name of a shipped recipe; other paths are the user's.

    Example:
        >>> from visreason.zoo.catalogue import load_recipe
        >>> list(untrained_starts(load_recipe("rn-quick")))
        []
    """
    init = recipe.model_init
    for source in (init.conv_from, init.generator_from, init.engine_from, init.model_from):
        if source is None:
            continue
        place = Path(source)
        if place.parent == RUNS and place.name in recipe_names() and not RunFolder(place).weights.is_file():
            yield place.name, place
