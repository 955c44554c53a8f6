"""What a model is tested on: the user's data, or the data that it was trained with."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.errors import UsageError
from visreason.models import ModelFile
from visreason.tasks.abilities import names_regions
from visreason.tasks.folders import data_folder, open_folder
from visreason.tasks.recipes.kinds import PixelInputs
from visreason.tasks.recipes.layers import from_nested
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.recipes.settings import to_recipe
from visreason.tasks.region_data import region_folder
from visreason.tasks.run_folder import RunFolder

GENERATED = "generated world"
"""What a report calls the embedded world."""


@dataclass(frozen=True, slots=True)
class Material:
    """One split of one folder.

    Attributes:
        folder: of questions; of networks of regions a folder of images with boxes.
        name: what a report calls it.
        split: of the folder.
        place: the folder of the results, below the model's own; empty for the split that its recipe validates on.
        render: whether images are rendered from the scenes rather than read.
    """

    folder: ClevrFolder | Path
    name: str
    split: str
    place: str
    render: bool = False


def given_material(model: ModelFile, data: Path, split: str | None) -> Material:
    """A folder that the user names; without a split its `val`.

    Raises:
        DataError: the folder does not exist, or has another layout.
    """
    split = split or "val"
    folder = data if names_regions(model) else open_folder(data)
    return Material(folder, str(data), split, f"{data.resolve().name}-{split}")


def own_material(
    model: ModelFile, run: RunFolder | None, source: str, split: str | None, pairs: int, console: Console
) -> Material:
    """The data that a model was trained with; without a split that which its recipe validates on.

    Args:
        model: as loaded.
        run: its run, if it has one.
        source: what the user calls the model.
        split: of the data.
        pairs: minimal pairs that each scene of the embedded world needs.
        console: where the making of a world is shown.

    Raises:
        UsageError: nothing is known of the data, or the world has no such split.
        DataError: the folder does not exist any more.
    """
    recipe, own = _origin(model, run, source)
    validation = recipe.data.validation
    split = split or validation
    folder: ClevrFolder | Path
    if names_regions(model):
        folder = region_folder(recipe, own, [split], console)
    else:
        folder = data_folder(recipe, own, [split], console, counterfactuals=pairs)
    render = isinstance(recipe.inputs, PixelInputs) and recipe.inputs.render
    return Material(folder, str(own or GENERATED), split, "" if split == validation else split, render)


def _origin(model: ModelFile, run: RunFolder | None, source: str) -> tuple[Recipe, Path | None]:
    """The recipe that a model was trained with, and its data folder (None: the generated world)."""
    if run is not None:
        return run.recipe(), run.data()
    settings = model.meta.get("settings")
    if settings is None or model.meta.get("data") is not None:
        raise UsageError(f"{source} does not say what it should be tested on. Give --data FOLDER.")
    return to_recipe(from_nested(settings), source), None
