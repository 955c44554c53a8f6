"""What a record says of a recipe: its hash, how it differs from the shipped one, and the command that trains it."""

import hashlib
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from visreason.tasks.recipes.layers import from_nested
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.recipes.settings import defaults_of, to_plain, to_settings
from visreason.zoo.catalogue import load_recipe, recipe_names

_FREE = (
    "about.",
    "checkpoint.",
    "logging.",
    "data.workers",
    "training.accelerator",
    "training.seed",
    "training.threads",
    "training.compile",
)
"""Settings that do not decide what is learnt, or that differ between the runs of a record."""


def recipe_hash(recipe: Recipe) -> str:
    """A checksum of all settings that decide what is learnt, but the seed: 12 hexadecimal digits.

    A setting that has its default does not count, so that one that a later version adds changes no hash.

    Example:
        >>> plain, other = load_recipe("rn-quick"), load_recipe("rn-quick", {"training.seed": 3})
        >>> recipe_hash(plain) == recipe_hash(other) != recipe_hash(load_recipe("rn-quick", {"optimiser.lr": 1}))
        True
    """
    settings = _decisive(recipe)
    usual = {name: to_plain(value) for name, value in defaults_of(from_nested(to_settings(recipe))).items()}
    told = {name: value for name, value in settings.items() if name not in usual or usual[name] != value}
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()[:12]


def recipe_changes(recipe: Recipe) -> dict[str, Any]:
    """The settings in which a recipe differs from the shipped one of its name; all of them count if there is none.

    Example:
        >>> recipe_changes(load_recipe("rn-quick", {"optimiser.lr": "0.5", "training.seed": 3}))
        {'optimiser.lr': 0.5}
    """
    own = _decisive(recipe)
    shipped = _decisive(load_recipe(recipe.about.name)) if recipe.about.name in recipe_names() else {}
    return {name: value for name, value in own.items() if name not in shipped or shipped[name] != value}


def train_command(recipe: Recipe, data: str | None, seeds: list[int]) -> str:
    """The command that trains it; a recipe that does not ship is a file of the user's.

    Args:
        recipe: as it was trained.
        data: the data folder's name; None for the embedded world.
        seeds: of the runs.
    """
    name = recipe.about.name
    known = name in recipe_names()
    words = ["visreason", "train", name if known else f"{name}.yaml"]
    words += [] if data is None else ["--data", data]
    for setting, value in recipe_changes(recipe).items() if known else ():
        words += [f"--{setting}", value if isinstance(value, str) else orjson.dumps(value).decode()]
    seed = ["--seeds", ",".join(map(str, seeds))]
    if len(seeds) == 1:
        usual = load_recipe(name).training.seed if known else seeds[0]
        seed = [] if seeds[0] == usual else ["--training.seed", str(seeds[0])]
    return shlex.join(words + seed)


def portable(settings: Any) -> Any:
    """Settings without the places of a machine: of a path from the root only the name stays.

    Example:
        >>> portable({"conv_from": "/somewhere/runs/first", "sizes": [1, 2], "generator_from": "runs/iep"})
        {'conv_from': 'first', 'sizes': [1, 2], 'generator_from': 'runs/iep'}
    """
    if isinstance(settings, Mapping):
        return {name: portable(value) for name, value in settings.items()}
    if isinstance(settings, str) and Path(settings).is_absolute():
        return Path(settings).name
    return settings


def _decisive(recipe: Recipe) -> dict[str, Any]:
    """The settings that decide what is learnt, by dotted name."""
    settings = from_nested(portable(to_settings(recipe)))
    return {name: value for name, value in settings.items() if not name.startswith(_FREE)}
