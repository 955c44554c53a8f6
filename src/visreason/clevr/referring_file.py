"""Reading `questions/CLEVR_loc_SPLIT_questions.json`: CLEVR-Ref's own files and ours."""

import os
from collections.abc import Iterator

from visreason.clevr.camera import HEIGHT, WIDTH
from visreason.clevr.records import iter_records, read_info
from visreason.clevr.referring import ReferringExpression, expression_from_json
from visreason.clevr.scenes_file import GENERATOR
from visreason.errors import DataError


def iter_expressions(path: str | os.PathLike[str]) -> Iterator[ReferringExpression]:
    """The referring expressions of a file, one by one, in bounded memory.

    Raises:
        DataError: the file is missing or truncated, or a record is malformed; names file, expression and key.
        ProgramError: a program is malformed; names file, expression and node.
    """
    for i, record in enumerate(iter_records(path, "questions")):
        yield expression_from_json(record, f"{path}: expression {i}", position=i)


def holds_expressions(path: str | os.PathLike[str]) -> bool:
    """Whether a file of questions holds referring expressions, by its first record: these have boxes.

    Raises:
        DataError: the file is missing, truncated or no JSON.
    """
    first = next(iter_records(path, "questions"), None)
    return isinstance(first, dict) and "bbox" in first


def read_image_size(path: str | os.PathLike[str]) -> tuple[tuple[int, int], bool]:
    """Width and height of the images on which a file's boxes lie, and whether we drew them.

    Our files say it (`image_size` in `info`); CLEVR-Ref's images are 480x320.

    Raises:
        DataError: the file is missing, truncated or no JSON, or its size is none.
    """
    info = read_info(path)
    size = info.get("image_size", [WIDTH, HEIGHT])
    sides = isinstance(size, list) and len(size) == 2 and all(type(side) is int for side in size)
    if not sides or not all(1 <= side <= 1 << 14 for side in size):
        raise DataError(f"{path}: 'image_size' in 'info' should be [width, height], not {size!r:.60}.")
    return (size[0], size[1]), info.get("generator") == GENERATOR
