"""Reading and writing `captions/CLEVR_SPLIT_captions.json`: true statements about images, for retrieval.

    {"info": {...}, "captions": [{"caption_index": 0, "image_index": 0, "image_filename": "CLEVR_val_000000.png",
     "split": "val", "caption": "There are more balls than cubes", "program": [...],
     "caption_family_index": 2, "template": "compare/2"}]}

A caption is in all but its form a question whose answer is "yes", and is held as one: its text is the
statement, its program says why it is true.
"""

import os
from collections.abc import Iterator
from typing import Any

from visreason.clevr.question import Question, question_from_json, question_to_json
from visreason.clevr.records import iter_records
from visreason.errors import DataError

_NAMES = {
    "question": "caption",
    "question_index": "caption_index",
    "question_family_index": "caption_family_index",
}
"""Keys of a question's record to those of a caption's."""


def caption_to_json(caption: Question) -> dict[str, Any]:
    """The JSON record of a caption."""
    record = question_to_json(caption)
    return {_NAMES.get(key, key): value for key, value in record.items() if key != "answer"}


def iter_captions(path: str | os.PathLike[str]) -> Iterator[Question]:
    """The captions of a file, one by one, in bounded memory.

    Raises:
        DataError: the file is missing or truncated, or a record is malformed; names file, caption and key.
        ProgramError: a program is malformed; names file, caption and node.
    """
    for i, record in enumerate(iter_records(path, "captions")):
        yield caption_from_json(record, f"{path}: caption {i}", position=i)


def caption_from_json(record: Any, where: str = "caption", *, position: int = 0) -> Question:
    """Make a caption from its JSON record: a question that is answered "yes".

    Raises:
        DataError: a key is missing or of the wrong type.
        ProgramError: the program is malformed.
    """
    keys = {theirs: ours for ours, theirs in _NAMES.items()}
    if not isinstance(record, dict) or "caption" not in record:
        raise DataError(f"{where} should be a JSON object with the key 'caption', not {record!r:.60}.")
    renamed = {keys.get(key, key): value for key, value in record.items()}
    return question_from_json({**renamed, "answer": "yes"}, where, position=position)
