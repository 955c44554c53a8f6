"""Writing questions in the HDF5 that clevr-iep (Johnson et al. 2017) and its many followers read.

Datasets, types and padding are those of its `preprocess_questions.py`: `questions` int32 `[Q, T]` and `programs` int32
`[Q, P]`, each row from `<START>` to `<END>` and then 0, as wide as the file's longest; `answers`, `image_idxs`,
`orig_idxs` and `question_families` int64 `[Q]`. Programs, answers and families are left out where there are none.
"""

from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from visreason.clevr.program_forms import to_prefix
from visreason.clevr.question import Question, question_from_json
from visreason.clevr.records import iter_records
from visreason.data.hdf5 import SUMMED, import_h5py
from visreason.data.tokens import END_WORD, START_WORD, UNKNOWN_WORD, tokenise_iep
from visreason.data.vocabulary import Vocabulary
from visreason.errors import DataError
from visreason.files import write_atomically
from visreason.nn.functions import END, START, UNKNOWN

if TYPE_CHECKING:
    import h5py

Form = Literal["prefix", "postfix", "chain"]

_BLOCK = 1 << 16
"""Rows that are written at once."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What a file of exported questions holds.

    Attributes:
        questions: how many.
        longest_question: words of the longest, `<START>` and `<END>` among them.
        programs: how many have one.
        longest_program: tokens of the longest, likewise.
        answers: how many have one.
        unknown: words that were written as `<UNK>`.
    """

    questions: int
    longest_question: int
    programs: int
    longest_program: int
    answers: int
    unknown: int


def iter_texts(path: Path) -> Iterator[str]:
    """The wording of every question of a file, as `expanded` of a vocabulary takes it."""
    return (question.text for question in _iter_questions(path))


def vocabulary_of_questions(path: Path, at_least: int = 1) -> Vocabulary:
    """The vocabulary that clevr-iep makes of a file of questions.

    The four symbols come first, then everything that occurs in alphabetical order: words, functions, answers.

    Args:
        path: questions in JSON.
        at_least: how often a word must occur; others become `<UNK>`.

    Raises:
        DataError: the file is missing or broken.
        ProgramError: a program is malformed.
    """
    words: Counter[str] = Counter()
    answers: set[str] = set()
    functions: set[str] = set()
    for question in _iter_questions(path):
        words.update(tokenise_iep(question.text))
        if question.answer is not None:
            answers.add(question.answer)
        if question.program is not None:
            functions.update(to_prefix(question.program))
    symbols = ("<NULL>", START_WORD, END_WORD, UNKNOWN_WORD)
    known = sorted(word for word, count in words.items() if count >= at_least and word not in symbols)
    return Vocabulary((*symbols[1:], *known), (*symbols, *sorted(answers)), tuple(sorted(functions)), "iep")


def export_questions(
    path: Path, out: Path, vocabulary: Vocabulary, form: Form = "prefix", *, allow_unknown: bool = False
) -> Exported:
    """Write the questions of a JSON file as clevr-iep's HDF5, whole or not at all.

    Args:
        path: questions in the format of CLEVR v1.0; each needs at least a wording and an image index.
        out: the file to write.
        vocabulary: of clevr-iep's kind.
        form: of the programs.
        allow_unknown: write unknown words as `<UNK>`.

    Raises:
        DataError: a file is missing or broken, or only some of the questions have an answer.
        ProgramError: a program is malformed, or no chain where `form` asks for one.
        UsageError: h5py is not installed.
        VocabularyError: a word, function or answer is unknown (names the question), or the vocabulary of another kind.
    """
    vocabulary.to_iep()  # fails where the vocabulary is of another kind
    columns = _Columns()
    for position, question in enumerate(_iter_questions(path)):
        where = f"{path}: question {position}"
        columns.add(position, question, vocabulary, form, where, allow_unknown=allow_unknown)
    columns.check(path)
    h5py = import_h5py(out)
    with write_atomically(out, "w+b") as handle, h5py.File(handle, "w", libver=SUMMED) as file:
        longest_question = _write_rows(file, "questions", columns.words, columns.word_ends)
        for name, values in (("image_idxs", columns.images), ("orig_idxs", columns.positions)):
            file.create_dataset(name, data=np.asarray(values, np.int64))
        longest_program = 0
        if columns.programs:
            longest_program = _write_rows(file, "programs", columns.tokens, columns.token_ends)
        if columns.families:
            file.create_dataset("question_families", data=np.asarray(columns.families, np.int64))
        if columns.answers:
            file.create_dataset("answers", data=np.asarray(columns.answers, np.int64))
    return Exported(
        questions=len(columns.positions),
        longest_question=longest_question,
        programs=columns.programs,
        longest_program=longest_program,
        answers=len(columns.answers),
        unknown=columns.words.count(UNKNOWN),
    )


class _Columns:
    """The numbers of all questions: ragged rows one after the other, and where each ends."""

    def __init__(self) -> None:
        self.words, self.word_ends = array("H"), array("q")
        self.tokens, self.token_ends = array("H"), array("q")
        self.positions, self.images = array("q"), array("q")
        self.families, self.answers = array("q"), array("q")
        self.programs = 0

    def add(
        self,
        position: int,
        question: Question,
        vocabulary: Vocabulary,
        form: Form,
        where: str,
        *,
        allow_unknown: bool,
    ) -> None:
        """Take one question."""
        self.words.extend(vocabulary.encode(question.text, where, allow_unknown=allow_unknown))
        self.word_ends.append(len(self.words))
        if question.program is not None:
            numbers = vocabulary.encode_program(question.program, f"{where}, program", form)
            self.tokens.extend((START, *numbers, END))
            self.programs += 1
        self.token_ends.append(len(self.tokens))
        self.positions.append(position)
        self.images.append(question.image_index)
        if question.family is not None:
            self.families.append(question.family)
        if question.answer is not None:
            self.answers.append(vocabulary.encode_answer(question.answer, where))

    def check(self, path: Path) -> None:
        """There must be questions, and answers and families of all or none of them."""
        count = len(self.positions)
        if not count:
            raise DataError(f"{path} holds no questions.")
        for name, values in (("an answer", self.answers), ("a question_family_index", self.families)):
            if 0 < len(values) < count:
                raise DataError(
                    f"{path}: {len(values)} of {count} questions have {name}. The format knows all or none; split the "
                    "file, or complete it."
                )


def _iter_questions(path: Path) -> Iterator[Question]:
    """The questions of a file; human ones have no image file and split."""
    for position, record in enumerate(iter_records(path, "questions")):
        whole: Any = {"image_filename": "", "split": "", **record} if isinstance(record, dict) else record
        yield question_from_json(whole, f"{path}: question {position}", position=position)


def _write_rows(file: "h5py.File", name: str, values: "array[int]", ends: "array[int]") -> int:
    """Write ragged rows as an int32 dataset, padded with 0 to the longest; return its width."""
    flat, ends_Q = np.asarray(values), np.asarray(ends)
    lengths_Q = np.diff(ends_Q, prepend=0)
    width = int(lengths_Q.max())
    rows = file.create_dataset(name, (len(ends_Q), width), np.int32)
    for first in range(0, len(ends_Q), _BLOCK):
        lengths_B = lengths_Q[first : first + _BLOCK]
        block_BT = np.zeros((len(lengths_B), width), np.int32)
        begin, end = ends_Q[first] - lengths_B[0], ends_Q[first + len(lengths_B) - 1]
        block_BT[np.arange(width) < lengths_B[:, None]] = flat[begin:end]
        rows[first : first + len(lengths_B)] = block_BT
    return width
