"""Reading `questions/CLEVR_loc_SPLIT_questions.json`: CLEVR-Ref's own files and ours."""

import os
from collections.abc import Iterator

from visreason.clevr.records import iter_records
from visreason.clevr.referring import ReferringExpression, expression_from_json


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
