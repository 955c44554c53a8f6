"""What ships with visreason: recipes, and trained models."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from visreason.errors import UsageError
from visreason.tasks.recipes.layers import override, read_settings

if TYPE_CHECKING:
    from visreason.tasks.recipes.recipe import Recipe

RECIPES = Path(str(files("visreason.zoo"))) / "recipes"


def recipe_names() -> list[str]:
    """The names of all shipped recipes.

    Example:
        >>> "rn-quick" in recipe_names()
        True
    """
    return sorted(path.stem for path in RECIPES.glob("*.yaml"))


def find_recipe(name: str) -> Path:
    """The file of a recipe.

    Args:
        name: a shipped recipe's name, or a YAML file.

    Raises:
        UsageError: there is no such recipe; the message names the nearest.
    """
    if Path(name).suffix in {".yaml", ".yml"}:
        if not Path(name).is_file():
            raise UsageError(f"there is no recipe file {name}. Check the path.")
        return Path(name).resolve()
    names = recipe_names()
    if name not in names:
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.4)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"There are {', '.join(names)}."
        raise UsageError(f"there is no recipe {name!r}. {hint} Your own recipe is a file that ends in .yaml.")
    return RECIPES / f"{name}.yaml"


def load_recipe(name: str, overrides: Mapping[str, Any] | None = None) -> "Recipe":
    """Read a recipe by name or file, with dotted settings laid over it, and check it.

    Args:
        name: a shipped recipe's name, or a YAML file.
        overrides: by dotted name, as text or values.

    Raises:
        UsageError: no such recipe, or a setting is unknown, missing, of another type or out of range.

    Example:
        >>> load_recipe("rn-pixels").batch.size
        640
        >>> load_recipe("rn-pixels", {"optimiser.lr": "1e-4"}).optimiser.lr
        0.0001
    """
    from visreason.tasks.recipes.settings import (
        to_recipe,  # settings' types bring torch, which lists do without
    )

    return to_recipe(override(read_settings(find_recipe(name), find_recipe), overrides or {}), name)


@dataclass(frozen=True, slots=True)
class RecipeRow:
    """A recipe as `visreason recipes` lists it.

    Attributes:
        name: of the recipe.
        task: what is learnt.
        summary: what is trained.
        data: which data it is meant for.
        cost: how long it takes, and on what.
        published: accuracy of such a network in the literature, or None.
        score: what visreason reached with it, or None.
    """

    name: str
    task: str
    summary: str
    data: str
    cost: str
    published: str | None
    score: str | None


def list_recipes() -> list[RecipeRow]:
    """Every shipped recipe, as a row.

    Example:
        >>> [row.task for row in list_recipes() if row.name == "attribute-cnn"]
        ['attributes']
    """
    read = (read_settings(find_recipe(name), find_recipe) for name in recipe_names())
    told = [one.name for one in fields(RecipeRow) if one.name != "task"]
    return [
        RecipeRow(task=settings["task.name"], **{name: settings[f"about.{name}"] for name in told})
        for settings in read
    ]
