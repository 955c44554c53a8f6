"""What tasks of programs ask of a data folder: true programs in the questions, and scenes for the oracle."""

from collections.abc import Mapping
from functools import cache

import numpy as np

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import iter_scenes
from visreason.data.dataset import ClevrQuestions
from visreason.errors import DataError
from visreason.tasks.program_tally import Scenes
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.recipes.task_kinds import ENGINES, EndToEndTask, ProgramsTask


def programs_shown(recipe: Recipe, questions: int) -> int:
    """How many of the training questions, from the first, must have a program that the task shows the model.

    Args:
        recipe: what is trained.
        questions: how many there are.
    """
    task = recipe.task
    if recipe.model.family in ENGINES or (isinstance(task, ProgramsTask) and task.programs is None):
        return questions
    return min(questions, task.programs or 0) if isinstance(task, ProgramsTask | EndToEndTask) else 0


def check_programs(samples: ClevrQuestions, count: int, split: str) -> None:
    """Make sure that the first questions have programs.

    Args:
        samples: the questions.
        count: so many of them are needed.
        split: theirs, for the message.

    Raises:
        DataError: one has none; names it.
    """
    lengths_Q = np.diff(samples.table.program_starts_Q[: count + 1])
    without = np.flatnonzero(lengths_Q == 0)
    if len(without):
        raise DataError(
            f"{samples.name(int(without[0]))} of the split {split} has no program, and this needs those of "
            f"the first {count:,} questions. Give data with programs (`visreason generate` makes them), or a model "
            "that does without."
        )


def scenes_of(folder: ClevrFolder, split: str) -> Scenes | None:
    """The scenes of a split by their image's index, read when first asked for; None where the folder has none."""
    file = folder.scenes_file(split)
    if not file.is_file():
        return None

    @cache
    def scenes() -> Mapping[int, Scene]:
        return {scene.image_index: scene for scene in iter_scenes(file)}

    return scenes
