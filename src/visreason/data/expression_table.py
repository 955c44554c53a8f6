"""The referring expressions of a split as memory-mapped arrays, as `visreason.data.question_table` has questions.

Shape suffixes: Q expressions, T words of all expressions one after the other, P functions of all programs
likewise.
"""

import re
from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.referring_file import iter_expressions, read_image_size
from visreason.data.prepared import Arrays, Prepared, prepared
from visreason.data.question_table import NONE
from visreason.data.vocabulary import Vocabulary
from visreason.errors import DataError

_FORMAT = 2


@dataclass(frozen=True, slots=True)
class ExpressionTable:
    """The expressions of one file, encoded with one vocabulary.

    Attributes:
        prepared: the files that hold the arrays.
        words_T: every expression's words as vocabulary indices, one expression after the other.
        starts_Q: where each expression begins in `words_T`; one entry more than there are expressions.
        functions_P: every program's functions in prefix order as the vocabulary numbers them, one after the other.
        program_starts_Q: where each program begins in `functions_P`; one entry more than there are expressions. A
            program that the file does not tell has no functions.
        box_Q4: (x, y, width, height) in pixels of an image of `frame`.
        type_Q: the index into `types`, or -1 where the file tells none.
        index_Q: `question_index` of the file.
        image_index_Q: `image_index` of the file; where it has none, the number that the image's name ends in.
        image_Q: which entry of `images` the expression is about.
        images: the image files' names.
        types: what kinds of expression there are: the names of their templates' files.
        frame: height and width of the images that boxes are given in.
    """

    prepared: Prepared = field(repr=False)
    words_T: NDArray[np.uint16]
    starts_Q: NDArray[np.int64]
    functions_P: NDArray[np.uint8]
    program_starts_Q: NDArray[np.int64]
    box_Q4: NDArray[np.float32]
    type_Q: NDArray[np.int16]
    index_Q: NDArray[np.int64]
    image_index_Q: NDArray[np.int64]
    image_Q: NDArray[np.int64]
    images: tuple[str, ...]
    types: tuple[str, ...]
    frame: tuple[int, int]

    @classmethod
    def of(cls, found: Prepared) -> Self:
        """The table in prepared files."""
        notes = found.notes
        height, width = notes["frame"]
        return cls(
            found,
            **found.arrays,
            images=tuple(notes["images"]),
            types=tuple(notes["types"]),
            frame=(height, width),
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process, such as a loader's worker, as the files' place."""
        return ExpressionTable.of, (self.prepared,)

    def __len__(self) -> int:
        """The number of expressions."""
        return len(self.index_Q)

    def words(self, row: int) -> NDArray[np.uint16]:
        """The word indices of one expression, in reading order."""
        return self.words_T[self.starts_Q[row] : self.starts_Q[row + 1]]

    def program(self, row: int) -> NDArray[np.uint8]:
        """The functions of one expression's program in prefix order; none where the file does not tell it."""
        return self.functions_P[self.program_starts_Q[row] : self.program_starts_Q[row + 1]]

    def image(self, row: int) -> str:
        """The image file that an expression is about."""
        return self.images[int(self.image_Q[row])]

    def type(self, row: int) -> str | None:
        """The kind of one expression, or None where the file tells none (CLEVR-Ref's do not)."""
        index = int(self.type_Q[row])
        return None if index == NONE else self.types[index]


def open_expression_table(path: Path, vocabulary: Vocabulary) -> ExpressionTable:
    """Open the expressions of a file, of CLEVR-Ref or ours, preparing them on the first call.

    Args:
        path: `questions/CLEVR_loc_SPLIT_questions.json`.
        vocabulary: numbers words and functions.

    Raises:
        DataError: the file is missing or broken, or an expression has no box.
        VocabularyError: a word or function is unknown; names file and expression.
        ProgramError: a program is malformed; names file, expression and node.
    """
    parameters = {"kind": "expressions", "format": _FORMAT, "vocabulary": vocabulary.fingerprint()}
    return ExpressionTable.of(prepared(path, parameters, lambda: _build(path, vocabulary)))


def _build(path: Path, vocabulary: Vocabulary) -> tuple[Arrays, Mapping[str, Any]]:
    """Read the file once, collecting numbers only."""
    words, starts = array("H"), array("q", [0])
    functions, program_starts = array("B"), array("q", [0])
    boxes, kinds = array("f"), array("h")
    large = {name: array("q") for name in ("index_Q", "image_index_Q", "image_Q")}
    types: dict[str, int] = {}
    images: dict[str, int] = {}
    for one in iter_expressions(path):
        where = f"{path}: expression {one.index}"
        if one.box is None:
            raise DataError(
                f"{where} has no box ('bbox'), so nothing can be learnt or measured of it. Leave it out."
            )
        words.extend(vocabulary.encode(one.text, where))
        starts.append(len(words))
        if one.program is not None:
            functions.extend(vocabulary.encode_program(one.program, f"{where}, program"))
        program_starts.append(len(functions))
        boxes.extend(one.box)
        kind = None if one.template is None else one.template.split("/")[0]
        kinds.append(NONE if kind is None else types.setdefault(kind, len(types)))
        image = images.setdefault(one.image_filename, len(images))
        large["index_Q"].append(one.index)
        number = one.image_index
        large["image_index_Q"].append(_number(one.image_filename, image) if number is None else number)
        large["image_Q"].append(image)
    if not images:
        raise DataError(f"{path} holds no expressions.")
    (width, height), _ = read_image_size(path)
    arrays = {"words_T": np.asarray(words), "starts_Q": np.asarray(starts)}
    arrays |= {"functions_P": np.asarray(functions), "program_starts_Q": np.asarray(program_starts)}
    arrays |= {"box_Q4": np.asarray(boxes).reshape(-1, 4), "type_Q": np.asarray(kinds)}
    arrays |= {name: np.asarray(values) for name, values in large.items()}
    return arrays, {"images": list(images), "types": list(types), "frame": [height, width]}


def _number(name: str, otherwise: int) -> int:
    """The number that a file's name ends in.

    >>> _number("CLEVR_loc_train_000012.png", otherwise=0)
    12
    """
    found = re.search(r"(\d+)\.\w+$", name)
    return otherwise if found is None else int(found[1])
