"""Sort-of-CLEVR in its public form, as arrays in one `.npz` file.

The form that the field shares is a list with one tuple an image: the image, (relational questions, answers),
(non-relational questions, answers), where questions are 11 bits (`visreason.sort_of_clevr.questions`) and
answers classes from 0. It is shared as a pickle, which runs whatever code its author put into it; so we read and
write the same arrays stacked into a `.npz`, which holds numbers only. Scenes are not part of this form.

Shape suffixes: I images, R relational and N non-relational questions of an image, H = W = 75 pixels.
"""

import os
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visreason.arrays import read_npz
from visreason.errors import DataError
from visreason.files import write_atomically
from visreason.sort_of_clevr.questions import ANSWERS, BITS, FlatQuestion
from visreason.sort_of_clevr.scene import SIDE


@dataclass(frozen=True, slots=True)
class Arrays:
    """One split in the public form.

    Attributes:
        images: uint8 `[I, 75, 75, 3]`, RGB.
        relational_questions: int64 `[I, R, 11]`, 0 or 1.
        relational_answers: int64 `[I, R]`, classes of `ANSWERS`.
        nonrelational_questions: int64 `[I, N, 11]`, 0 or 1.
        nonrelational_answers: int64 `[I, N]`.
    """

    images: NDArray[np.uint8]
    relational_questions: NDArray[np.int64]
    relational_answers: NDArray[np.int64]
    nonrelational_questions: NDArray[np.int64]
    nonrelational_answers: NDArray[np.int64]

    def questions(self, image: int, where: str = "the arrays") -> list[tuple[FlatQuestion, str]]:
        """The questions about one image with their answers, the relational ones first.

        Raises:
            DataError: bits or a class stand for nothing; names `where`, the image and the question.
        """
        found = []
        for name in ("relational", "nonrelational"):
            bits_Q, answers_Q = (
                getattr(self, f"{name}_questions")[image],
                getattr(self, f"{name}_answers")[image],
            )
            for row, (bits, answer) in enumerate(zip(bits_Q, answers_Q.tolist(), strict=True)):
                here = f"{where}: image {image}, {name} question {row}"
                if not 0 <= answer < len(ANSWERS):
                    raise DataError(
                        f"{here} has the answer {answer}; the classes are 0 to {len(ANSWERS) - 1}."
                    )
                question = FlatQuestion.from_bits(bits, here)
                if question.relational != (name == "relational"):
                    raise DataError(f"{here} has the bits of the other group: {bits.tolist()}.")
                found.append((question, ANSWERS[answer]))
        return found


_Questions = list[tuple[FlatQuestion, str]]


def to_arrays(images: list[NDArray[np.uint8]], questions: list[_Questions]) -> Arrays:
    """Stack images and their questions.

    Args:
        images: [75, 75, 3] each, RGB.
        questions: those of each image, with their answers.

    Raises:
        DataError: the images differ in how many relational or non-relational questions they have.
    """
    bits: dict[bool, list[NDArray[np.int64]]] = {True: [], False: []}
    classes: dict[bool, list[list[int]]] = {True: [], False: []}
    for group in (True, False):
        rows = [[(one, answer) for one, answer in each if one.relational is group] for each in questions]
        if len({len(row) for row in rows}) > 1:
            raise DataError(
                "the public form needs equally many questions about each image; ask fewer a scene, so that every "
                "scene has so many with an answer (--questions-per-scene 10 or less)."
            )
        bits[group] = [np.array([one.bits() for one, _ in row], np.int64).reshape(-1, BITS) for row in rows]
        classes[group] = [[ANSWERS.index(answer) for _, answer in row] for row in rows]
    return Arrays(
        np.stack(images),
        np.stack(bits[True]),
        np.array(classes[True], np.int64),
        np.stack(bits[False]),
        np.array(classes[False], np.int64),
    )


def write_arrays(path: str | os.PathLike[str], arrays: Arrays) -> None:
    """Write a compressed `.npz` with one array an attribute of `Arrays`, atomically and always the same bytes.

    Raises:
        DataError: the file cannot be written.
    """
    with write_atomically(path) as file, zipfile.ZipFile(file, "w") as archive:
        for name, array in asdict(arrays).items():
            entry = zipfile.ZipInfo(f"{name}.npy")  # numpy.savez_compressed would note the time
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def read_arrays(path: str | os.PathLike[str]) -> Arrays:
    """Read what `write_arrays`, or someone with `numpy.savez`, wrote; nothing is unpickled.

    Raises:
        DataError: the file is missing or no `.npz`, or an array is missing, of objects, or of another shape.
    """
    if not Path(path).exists():
        raise DataError(f"{path} does not exist.")
    if not zipfile.is_zipfile(path):
        raise DataError(
            f"{path} is no .npz of plain arrays. Pickles are not read, since they can run code; "
            "docs/sort_of_clevr.md shows how to turn one into .npz."
        )
    return _checked(read_npz(path, [one.name for one in fields(Arrays)]), path)


def _checked(found: dict[str, NDArray[np.generic]], path: str | os.PathLike[str]) -> Arrays:
    """The arrays in their types, after a look at their shapes."""
    count = len(found["images"]) if found["images"].ndim else 0
    shapes: dict[str, Callable[[tuple[int, ...]], bool]] = {
        "images": lambda shape: shape == (count, SIDE, SIDE, 3) and count > 0,
        "relational_questions": lambda shape: len(shape) == 3 and shape[::2] == (count, BITS),
        "relational_answers": lambda shape: shape == found["relational_questions"].shape[:2],
        "nonrelational_questions": lambda shape: len(shape) == 3 and shape[::2] == (count, BITS),
        "nonrelational_answers": lambda shape: shape == found["nonrelational_questions"].shape[:2],
    }
    for name, fits in shapes.items():
        array = found[name]
        if not fits(array.shape) or array.dtype.kind not in "buif":
            raise DataError(
                f"{path}: {name} is {array.dtype} of shape {list(array.shape)}. With I images and Q questions of a "
                f"group, images are [I, {SIDE}, {SIDE}, 3], questions [I, Q, {BITS}] and answers [I, Q], all numbers."
            )
    whole = {name: array.astype(np.int64) for name, array in found.items() if name != "images"}
    broken = [name for name, array in whole.items() if not np.array_equal(array, found[name])]
    if broken or found["images"].dtype != np.uint8:
        name, wanted = (broken[0], "whole numbers") if broken else ("images", "RGB as uint8, 0 to 255")
        raise DataError(f"{path}: {name} should hold {wanted}.")
    return Arrays(
        found["images"].astype(np.uint8),
        whole["relational_questions"],
        whole["relational_answers"],
        whole["nonrelational_questions"],
        whole["nonrelational_answers"],
    )
