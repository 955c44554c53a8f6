"""The data folder of a recipe: the one that was given, or a generated world."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.iep_folder import IepFolder
from visreason.data.embedded import embedded_sort_of_clevr, embedded_world
from visreason.errors import DataError
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.recipes.worlds import RegionWorld, SortOfClevrWorld


def data_folder(
    recipe: Recipe, data: Path | None, splits: Sequence[str], console: Console, *, counterfactuals: int = 0
) -> ClevrFolder:
    """A recipe's data folder: the one that was given, or the generated world.

    Args:
        recipe: says what the world holds.
        data: a data folder, or None for the generated world.
        splits: those of the world that are needed; they are made now if they were not made before.
        console: where the making is shown.
        counterfactuals: minimal pairs of each scene that a generated CLEVR world needs too.

    Raises:
        DataError: the folder does not exist, or has another layout.
        UsageError: the world has no such split.
    """
    if data is not None:
        return open_folder(data)
    world = recipe.world
    assert not isinstance(world, RegionWorld)  # which has a folder of another kind
    scenes = {recipe.data.train: world.scenes, recipe.data.validation: world.validation_scenes}
    images = recipe.inputs.needs_images
    for split in splits:
        if isinstance(world, SortOfClevrWorld):
            asked = world.questions_per_scene
            folder = embedded_sort_of_clevr(
                scenes, split, questions_per_scene=asked, seed=world.seed, console=console
            )
        else:
            folder = embedded_world(
                scenes,
                split,
                questions_per_scene=world.questions_per_scene,
                only=world.rules(),
                image_size=world.image_size,
                images=images,
                seed=world.seed,
                counterfactuals=counterfactuals,
                refexps_per_scene=world.refexps_per_scene,
                renderer=world.renderer,
                console=console,
            )
    return folder


def open_folder(path: Path) -> ClevrFolder:
    """A data folder, in the layout of CLEVR v1.0 or of clevr-iep.

    Raises:
        DataError: it does not exist, or has another layout.
    """
    for folder in (ClevrFolder(path), IepFolder(path)):
        if folder.splits():
            return folder
    raise DataError(
        f"{path} is not in CLEVR v1.0 layout: it has neither scenes/CLEVR_SPLIT_scenes.json nor "
        "questions/CLEVR_SPLIT_questions.json (nor SPLIT_questions.h5, as clevr-iep has). "
        "`visreason generate` makes such a folder."
    )
