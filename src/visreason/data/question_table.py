"""The questions of a split as memory-mapped arrays: 700,000 of them open in a moment.

Shape suffixes: Q questions, T words of all questions one after the other, P functions of all programs likewise.
"""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.answers import QUESTION_TYPES
from visreason.clevr.questions_file import iter_questions
from visreason.data.prepared import Arrays, Prepared, prepared
from visreason.data.vocabulary import Vocabulary
from visreason.errors import DataError

NONE = -1
"""Stands for an answer, type or family that the file does not tell."""

_FORMAT = 3


@dataclass(frozen=True, slots=True)
class QuestionTable:
    """The questions of one file, encoded with one vocabulary.

    Attributes:
        prepared: the files that hold the arrays.
        words_T: every question's words as vocabulary indices, one question after the other.
        starts_Q: where each question begins in `words_T`; one entry more than there are questions.
        functions_P: every program's functions in prefix order as the vocabulary numbers them, one after the other.
        program_starts_Q: where each program begins in `functions_P`; one entry more than there are questions. A
            program that the file does not tell has no functions.
        answer_Q: the answer's class, or -1.
        type_Q: the index into `types`, or -1 where the file tells none.
        family_Q: the global question family, or -1.
        index_Q: `question_index` of the file.
        image_index_Q: `image_index` of the file.
        image_Q: which entry of `images` the question is about.
        images: the image files' names.
        types: the names of the question types: CLEVR's 13, and what else the file names.
    """

    prepared: Prepared = field(repr=False)
    words_T: NDArray[np.uint16]
    starts_Q: NDArray[np.int64]
    functions_P: NDArray[np.uint8]
    program_starts_Q: NDArray[np.int64]
    answer_Q: NDArray[np.int16]
    type_Q: NDArray[np.int16]
    family_Q: NDArray[np.int16]
    index_Q: NDArray[np.int64]
    image_index_Q: NDArray[np.int64]
    image_Q: NDArray[np.int64]
    images: tuple[str, ...]
    types: tuple[str, ...]

    @classmethod
    def of(cls, found: Prepared) -> Self:
        """The table in prepared files."""
        return cls(
            found, **found.arrays, images=tuple(found.notes["images"]), types=tuple(found.notes["types"])
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process, such as a loader's worker, as the files' place."""
        return QuestionTable.of, (self.prepared,)

    def __len__(self) -> int:
        """The number of questions."""
        return len(self.answer_Q)

    def words(self, row: int) -> NDArray[np.uint16]:
        """The word indices of one question, in reading order."""
        return self.words_T[self.starts_Q[row] : self.starts_Q[row + 1]]

    @property
    def has_programs(self) -> bool:
        """Whether the file tells any program."""
        return len(self.functions_P) > 0

    def program(self, row: int) -> NDArray[np.uint8]:
        """The functions of one question's program in prefix order; none where the file does not tell it."""
        return self.functions_P[self.program_starts_Q[row] : self.program_starts_Q[row + 1]]

    def image(self, row: int) -> str:
        """The image file that a question is about."""
        return self.images[int(self.image_Q[row])]

    def type(self, row: int) -> str | None:
        """The type of one question, or None where the file tells none (it has no programs)."""
        index = int(self.type_Q[row])
        return None if index == NONE else self.types[index]


def open_question_table(path: Path, vocabulary: Vocabulary) -> QuestionTable:
    """Open the questions of a CLEVR questions file, preparing them on the first call.

    Preparation streams the JSON in bounded memory and checks every word, answer and program; its result is
    kept in the cache folder (see `visreason.data.prepared`) and memory-mapped from then on.

    Args:
        path: a questions file in CLEVR v1.0's format.
        vocabulary: numbers words, answers and functions.

    Raises:
        DataError: the file is missing or broken, or a question lacks a key or has no word.
        VocabularyError: a word, answer or function is unknown; names file and question.
        ProgramError: a program is malformed; names file, question and node.
    """
    parameters = {"kind": "questions", "format": _FORMAT, "vocabulary": vocabulary.fingerprint()}
    return QuestionTable.of(prepared(path, parameters, lambda: _build(path, vocabulary)))


def _build(path: Path, vocabulary: Vocabulary) -> tuple[Arrays, Mapping[str, Any]]:
    """Read the file once, collecting numbers only."""
    words, starts = array("H"), array("q", [0])
    functions, program_starts = array("B"), array("q", [0])
    small = {name: array("h") for name in ("answer_Q", "type_Q", "family_Q")}
    large = {name: array("q") for name in ("index_Q", "image_index_Q", "image_Q")}
    types = {name: number for number, name in enumerate(QUESTION_TYPES)}
    images: dict[str, int] = {}
    for question in iter_questions(path):
        where = f"{path}: question {question.index}"
        words.extend(vocabulary.encode(question.text, where))
        starts.append(len(words))
        if question.program is not None:
            functions.extend(vocabulary.encode_program(question.program, where))
        program_starts.append(len(functions))
        answer, kind = question.answer, question.type
        small["answer_Q"].append(NONE if answer is None else vocabulary.encode_answer(answer, where))
        small["type_Q"].append(NONE if kind is None else types.setdefault(kind, len(types)))
        small["family_Q"].append(NONE if question.family is None else question.family)
        large["index_Q"].append(question.index)
        large["image_index_Q"].append(question.image_index)
        large["image_Q"].append(images.setdefault(question.image_filename, len(images)))
    if not images:
        raise DataError(f"{path} holds no questions.")
    arrays = {"words_T": np.asarray(words), "starts_Q": np.asarray(starts)}
    arrays |= {"functions_P": np.asarray(functions), "program_starts_Q": np.asarray(program_starts)}
    arrays |= {name: np.asarray(values) for name, values in (small | large).items()}
    return arrays, {"images": list(images), "types": list(types)}
