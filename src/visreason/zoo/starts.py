"""Runs that a recipe starts from: shipped recipes may begin with parts of what other shipped recipes train."""

from collections.abc import Iterator
from pathlib import Path

from visreason.errors import ModelError
from visreason.tasks.loading import load_any
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
    for source in recipe.model_init.sources.values():
        if _is_untrained(source):
            yield Path(source).name, Path(source)


def check_starts(recipe: Recipe) -> None:
    """Make sure that what a recipe starts from is there, but for what is trained first, which may take hours.

    Raises:
        ModelError: there is no such model; the message names the setting.

    Example:
        >>> from visreason.zoo.catalogue import load_recipe
        >>> check_starts(load_recipe("rn-quick", {"model_init.conv_from": "rn-sort-of-clevr"}))
    """
    for setting, source in recipe.model_init.sources.items():
        if not _is_untrained(source):
            try:
                load_any(source)
            except ModelError as error:
                raise ModelError(f"model_init.{setting}: {error}") from error


def _is_untrained(source: str) -> bool:
    """Whether a start is the run of a shipped recipe that is not trained yet."""
    place = Path(source)
    return place.parent == RUNS and place.name in recipe_names() and not RunFolder(place).weights.is_file()
