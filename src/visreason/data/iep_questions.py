"""Reading the questions that clevr-iep (Johnson et al. 2017) and its many followers keep in HDF5.

A file `SPLIT_questions.h5` holds tokens as numbers of the `vocab.json` beside it. It is read once into the same table
that JSON questions are read into, so loader workers never open it.

Shape suffixes: Q questions, T words of the longest (padded on the right with 0), P tokens of the longest program.
"""

from array import array
from collections.abc import Mapping
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.answers import QUESTION_TYPES
from visreason.clevr.folder import image_filename
from visreason.clevr.program_forms import ARITIES, from_postfix, from_prefix, to_prefix
from visreason.data.hdf5 import dataset, integers, open_hdf5
from visreason.data.inputs import Subjects
from visreason.data.prepared import prepared
from visreason.data.question_table import NONE, QuestionTable
from visreason.data.vocabulary import Vocabulary
from visreason.errors import DataError, ProgramError, VocabularyError
from visreason.files import read_json
from visreason.nn.functions import END, FIRST_FUNCTION, NULL, START

if TYPE_CHECKING:
    import h5py

Numbers = NDArray[np.uint16]

_FORMAT = 1
_BLOCK = 1 << 16
"""Rows of a dataset that are looked at together."""


def iep_vocabulary(questions: Path) -> Vocabulary:
    """The vocabulary of a questions file: the `vocab.json` beside it.

    Raises:
        DataError: it is missing or of another form.
        VocabularyError: it holds unknown functions.
    """
    path = questions.with_name("vocab.json")
    if not path.is_file():
        raise DataError(
            f"{questions} holds numbers, and {path}, which says what they mean, does not exist. Copy the "
            "vocab.json that was made with it there."
        )
    return Vocabulary.from_iep(read_json(path), str(path))


def open_iep_questions(path: Path, vocabulary: Vocabulary) -> QuestionTable:
    """Open a questions file of clevr-iep, preparing it on the first call as `open_question_table` does.

    Programs may be in prefix, postfix or chain form: a prefix program begins with a function that reads something, the
    others with one that reads nothing.

    Args:
        path: `SPLIT_questions.h5`.
        vocabulary: of the model; the file's own must be the beginning of it.

    Raises:
        DataError: the file or `vocab.json` is missing or broken, a dataset is missing or has another shape or numbers
            that `vocab.json` does not hold; names the dataset and the question.
        ProgramError: a program closes no tree, goes on after it, or does not type-check.
        VocabularyError: the model has another vocabulary.
    """
    own = iep_vocabulary(path)
    _check_same(own, vocabulary, path)
    parameters = {
        "kind": "iep questions",
        "format": _FORMAT,
        "own": own.fingerprint(),
        "vocabulary": vocabulary.fingerprint(),
    }
    return QuestionTable.of(prepared(path, parameters, lambda: _build(path, own)))


def check_image_rows(features: Path, subjects: Subjects) -> None:
    """Make sure that a features file has a row for the image of every sample.

    Args:
        features: a dataset `features`, `[images, C, h, w]`, in the order of the images' indices.
        subjects: what the samples are about.

    Raises:
        DataError: the file is missing or broken, or has too few rows; names the first sample without one.
    """
    with open_hdf5(features) as file:
        rows = dataset(file, "features", 4).shape[0]
    beyond = np.flatnonzero(subjects.image_index_R >= rows)
    if len(beyond):
        index = int(subjects.image_index_R[beyond[0]])
        raise DataError(
            f"{features} has features of {rows} images, but {subjects.name(int(beyond[0]))} is about image "
            f"{index}. Extract the features of all images of the split."
        )


def _check_same(own: Vocabulary, model: Vocabulary, path: Path) -> None:
    """Reject a model that numbers words, answers or functions otherwise than the file does."""
    for kind in ("words", "answers", "functions"):
        theirs, ours = getattr(own, kind), getattr(model, kind)
        if ours[: len(theirs)] != theirs:
            pairs = zip_longest(theirs, ours[: len(theirs)])
            place, (one, other) = next((i, pair) for i, pair in enumerate(pairs) if pair[0] != pair[1])
            raise VocabularyError(
                f"{path} is numbered by the vocab.json beside it, and the model has another vocabulary: the first "
                f"of the {len(theirs)} {kind} to differ, at place {place}, is {one!r} there, and the model's is "
                f"{'missing' if other is None else repr(other)}. Only a model of the same vocabulary can read it; "
                "questions in JSON can be read by any."
            )


def _build(path: Path, own: Vocabulary) -> tuple[dict[str, NDArray[Any]], Mapping[str, Any]]:
    """Read every dataset, check every number, and lay ragged rows one after the other."""
    with open_hdf5(path) as file:
        questions_QT = integers(file, "questions", 2)
        count = questions_QT.shape[0]
        if not count:
            raise DataError(f"{path} holds no questions.")
        index_Q = _column(file, "orig_idxs", count) if "orig_idxs" in file else np.arange(count)
        image_index_Q = _column(file, "image_idxs", count)
        family_Q = _column(file, "question_families", count) if "question_families" in file else None
        answer_Q = _column(file, "answers", count, len(own.answers)) if "answers" in file else None
        words_T, starts_Q = _ragged(questions_QT, len(own.words) + 1, index_Q)
        if not np.diff(starts_Q).all():
            raise DataError(f"{path}: question {index_Q[np.diff(starts_Q).argmin()]} has no words.")
        tokens_P, ends_Q = np.zeros(0, np.uint16), np.zeros(count + 1, np.int64)
        if "programs" in file:
            tokens_P, ends_Q = _ragged(integers(file, "programs", 2, count), len(own.symbols), index_Q)
    functions_P, program_starts_Q, type_Q = _programs(tokens_P, ends_Q, own, path, index_Q)
    found, image_Q = np.unique(image_index_Q, return_inverse=True)
    split = path.stem.removesuffix("_questions")
    unknown_Q = np.full(count, NONE)
    arrays: dict[str, NDArray[Any]] = {
        "words_T": words_T,
        "starts_Q": starts_Q,
        "functions_P": functions_P,
        "program_starts_Q": program_starts_Q,
        "answer_Q": (unknown_Q if answer_Q is None else answer_Q).astype(np.int16),
        "type_Q": type_Q,
        "family_Q": (unknown_Q if family_Q is None else family_Q).astype(np.int16),
        "index_Q": index_Q,
        "image_index_Q": image_index_Q,
        "image_Q": image_Q.astype(np.int64),
    }
    images = [image_filename(split, index) for index in found.tolist()]
    return arrays, {"images": images, "types": list(QUESTION_TYPES)}


def _column(file: "h5py.File", name: str, count: int, below: int | None = None) -> NDArray[np.int64]:
    """A number a question, each at least 0."""
    values_Q: NDArray[np.int64] = integers(file, name, 1, count)[:].astype(np.int64)
    wrong = np.flatnonzero((values_Q < 0) | (values_Q >= (below or np.inf)))
    if len(wrong):
        row = int(wrong[0])
        expected = "at least 0" if below is None else f"one of the {below} numbers of vocab.json"
        raise DataError(f"{file.filename}: {name}[{row}] is {values_Q[row]}; it should be {expected}.")
    return values_Q


def _ragged(
    rows_QT: "h5py.Dataset", symbols: int, index_Q: NDArray[np.int64]
) -> tuple[Numbers, NDArray[np.int64]]:
    """Padded rows one after the other without their padding, and where each begins."""
    parts, lengths = [], []
    for first in range(0, len(rows_QT), _BLOCK):
        block_BT = rows_QT[first : first + _BLOCK].astype(np.int64)
        there_BT = block_BT != NULL
        gaps_BT = there_BT[:, 1:] & ~there_BT[:, :-1]
        strange_BT = (block_BT < 0) | (block_BT >= symbols)
        for fault_BT, why in (
            (strange_BT, f"a number outside 0 … {symbols - 1}"),
            (gaps_BT, "0 before its end"),
        ):
            if fault_BT.any():
                row = int(fault_BT.any(axis=1).argmax())
                raise DataError(
                    f"{rows_QT.file.filename}: {rows_QT.name[1:]} of question {index_Q[first + row]} have {why}. Is "
                    "the vocab.json beside it the one that it was made with?"
                )
        parts.append(block_BT[there_BT].astype(np.uint16))
        lengths.append(there_BT.sum(axis=1))
    starts = np.concatenate([[0], np.cumsum(np.concatenate(lengths))])
    return np.concatenate(parts), starts


def _programs(
    tokens_P: Numbers, starts_Q: NDArray[np.int64], own: Vocabulary, path: Path, index_Q: NDArray[np.int64]
) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int16]]:
    """Functions of all programs in prefix order, where each begins, and the question types."""
    types = {name: number for number, name in enumerate(QUESTION_TYPES)}
    numbers = {name: number for number, name in enumerate(own.functions, FIRST_FUNCTION)}
    functions, ends = array("B"), array("q", [0])
    type_Q = np.full(len(starts_Q) - 1, NONE, np.int16)
    for row in range(len(type_Q)):
        tokens = tokens_P[starts_Q[row] : starts_Q[row + 1]].tolist()
        begin = int(tokens[:1] == [START])
        end = len(tokens) - int(tokens[-1:] == [END])
        names = tuple(own.symbols[number] for number in tokens[begin:end])
        if names:
            try:
                prefix = _to_prefix(names)
            except ProgramError as error:
                raise ProgramError(f"{path}: question {index_Q[row]}, {error}") from None
            functions.extend(numbers[name] for name in prefix)
            type_Q[row] = types.get(prefix[0], NONE)
        ends.append(len(functions))
    return np.asarray(functions), np.asarray(ends), type_Q


@lru_cache(maxsize=1 << 14)
def _to_prefix(names: tuple[str, ...]) -> tuple[str, ...]:
    """A checked program in prefix order, from whichever form it is in."""
    read = from_postfix if ARITIES.get(names[0]) == 0 else from_prefix
    return to_prefix(read(names))
