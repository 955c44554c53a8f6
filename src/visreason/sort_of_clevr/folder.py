"""Sort-of-CLEVR in CLEVR's layout: images and questions as CLEVR has them, scenes in a file of their own kind.

OUT/images/SPLIT/CLEVR_SPLIT_000000.png
OUT/questions/CLEVR_SPLIT_questions.json         with question_type in place of a program
OUT/scenes/sort_of_clevr_SPLIT_scenes.json       six flat shapes are no scene of CLEVR
    OUT/arrays/sort_of_clevr_SPLIT.npz               the public form, on request
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from visreason.clevr.question import Question
from visreason.clevr.records import iter_records, write_records
from visreason.clevr.scenes_file import release_info
from visreason.sort_of_clevr.questions import FlatQuestion
from visreason.sort_of_clevr.scene import FlatScene, flat_scene_from_json, flat_scene_to_json


def flat_scenes_file(root: str | os.PathLike[str], split: str) -> Path:
    """Where a folder has the Sort-of-CLEVR scenes of a split.

    Example:
        >>> flat_scenes_file("world", "val").as_posix()
        'world/scenes/sort_of_clevr_val_scenes.json'
    """
    return Path(root) / "scenes" / f"sort_of_clevr_{split}_scenes.json"


def is_flat(scenes: Path) -> bool:
    """Whether a scenes file is one of Sort-of-CLEVR, by its name.

    Example:
        >>> is_flat(flat_scenes_file("world", "val"))
        True
    """
    return scenes.name.startswith("sort_of_clevr_")


def arrays_file(root: str | os.PathLike[str], split: str) -> Path:
    """Where a folder has a split in the public form (`visreason.sort_of_clevr.arrays`), if it does.

    Example:
        >>> arrays_file("world", "val").as_posix()
        'world/arrays/sort_of_clevr_val.npz'
    """
    return Path(root) / "arrays" / f"sort_of_clevr_{split}.npz"


def iter_flat_scenes(path: str | os.PathLike[str]) -> Iterator[FlatScene]:
    """The scenes of a file, one by one.

    Raises:
        DataError: the file is missing or broken, or a scene is none; names both.
    """
    for i, record in enumerate(iter_records(path, "scenes")):
        yield flat_scene_from_json(record, f"{path}: scene {i}")


def write_flat_scenes(path: str | os.PathLike[str], scenes: Iterable[FlatScene], split: str) -> int:
    """Write a scenes file, atomically; return the number of scenes.

    Raises:
        DataError: the file cannot be written.
    """
    return write_records(path, "scenes", map(flat_scene_to_json, scenes), release_info(split))


def as_question(
    asked: FlatQuestion, answer: str, image_index: int, image_filename: str, split: str, index: int
) -> Question:
    """A question as CLEVR's questions file holds it: its type is stated, since there is no program."""
    return Question(
        text=asked.text,
        answer=answer,
        program=None,
        family=None,
        index=index,
        image_index=image_index,
        image_filename=image_filename,
        split=split,
        stated_type=asked.type,
    )
