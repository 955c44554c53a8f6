"""Reading and writing `questions/CLEVR_SPLIT_questions.json`."""

import os
from collections.abc import Iterable, Iterator

from visreason.clevr.question import Question, question_from_json, question_to_json
from visreason.clevr.records import iter_records, write_records
from visreason.clevr.scenes_file import release_info


def iter_questions(path: str | os.PathLike[str]) -> Iterator[Question]:
    """The questions of a file, one by one, in bounded memory.

    Raises:
        DataError: the file is missing or truncated, or a question lacks a key; names file, question and key.
        ProgramError: a program is malformed; names file, question and node.
    """
    for i, record in enumerate(iter_records(path, "questions")):
        yield question_from_json(record, f"{path}: question {i}", position=i)


def read_questions(path: str | os.PathLike[str]) -> list[Question]:
    """All questions of a file.

    Raises:
        DataError: as `iter_questions`.
        ProgramError: as `iter_questions`.
    """
    return list(iter_questions(path))


def write_questions(path: str | os.PathLike[str], questions: Iterable[Question], split: str) -> int:
    """Write a questions file as CLEVR v1.0 has it, atomically; return the number of questions.

    Raises:
        DataError: the file cannot be written.
    """
    return write_records(path, "questions", map(question_to_json, questions), release_info(split))
