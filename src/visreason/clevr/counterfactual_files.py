"""Minimal pairs on disk: a split of its own beside the split whose scenes were edited.

    scenes/CLEVR_cf_SPLIT_scenes.json        the edited scenes, one a pair
    questions/CLEVR_cf_SPLIT_questions.json  the questions about them, with the new answers
    images/cf_SPLIT/CLEVR_cf_SPLIT_000000.png

Both files are in CLEVR v1.0's format, and pair n has image n and question n, so every reader of CLEVR reads
the split like any other. Their records have one more key, `counterfactual`. In a question it holds
`question_index`, `image_index`, `image_filename` and `answer` of the original, `changes` (whether the answer
does) and `edit` (its kind); in a scene `image_index`, `image_filename`, `edit`, `object` (its index), and the
object's records `before` and `after` (null where it is added or removed).
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from visreason.clevr.counterfactual_edits import EDITS
from visreason.clevr.counterfactuals import MinimalPair
from visreason.clevr.folder import image_filename
from visreason.clevr.question import question_to_json
from visreason.clevr.questions_file import iter_questions
from visreason.clevr.scene import object_to_json, scene_to_json
from visreason.errors import DataError

KEY = "counterfactual"
"""The key that the records of a minimal pair have beside those of CLEVR v1.0."""


def counterfactual_split(split: str) -> str:
    """The name of the split that holds the edited scenes of a split.

    Example:
        >>> counterfactual_split("val")
        'cf_val'
    """
    return f"cf_{split}"


def pair_records(pair: MinimalPair) -> tuple[dict[str, Any], dict[str, Any]]:
    """The JSON records of a pair's edited scene and of the question about it, not yet numbered."""
    question, edit = pair.question, pair.edit
    split = counterfactual_split(question.split)
    image = {"image_index": question.image_index, "image_filename": question.image_filename}
    objects = {
        "before": None if edit.before is None else object_to_json(edit.before),
        "after": None if edit.after is None else object_to_json(edit.after),
    }
    scene_notes = {**image, "edit": edit.kind, "object": edit.place, **objects}
    question_notes = {
        "question_index": question.index,
        **image,
        "answer": pair.before,
        "changes": pair.changes,
        "edit": edit.kind,
    }
    return (
        scene_to_json(replace(pair.scene, split=split, extra={KEY: scene_notes})),
        question_to_json(replace(question, split=split, answer=pair.after, extra={KEY: question_notes})),
    )


def numbered(record: dict[str, Any], number: int) -> dict[str, Any]:
    """A record of pair `number`: its image, and for a question its own index."""
    numbers = {"image_index": number, "image_filename": image_filename(record["split"], number)}
    if "question" in record:
        numbers["question_index"] = number
    return record | numbers


@dataclass(frozen=True, slots=True)
class PairNotes:
    """What a questions file says of one pair.

    Attributes:
        index: `question_index` of the question about the edited scene.
        original_index, original_image, original_answer: `question_index`, `image_index` and answer of the
            question about the original scene.
        answer: the answer on the edited scene.
        edit: the kind of edit, one of `EDITS`.
    """

    index: int
    original_index: int
    original_image: int
    original_answer: str
    answer: str
    edit: str

    @property
    def changes(self) -> bool:
        """Whether the edit changes the answer."""
        return self.answer != self.original_answer


def iter_pair_notes(path: str | os.PathLike[str]) -> Iterator[PairNotes]:
    """What the questions file of a counterfactual split says of its pairs, in the order of the file.

    Raises:
        DataError: the file is missing or broken, or a question lacks the key `counterfactual` or a part of
            it; names file, question and key.
    """
    for question in iter_questions(path):
        yield _pair_notes(
            question.extra.get(KEY), question.index, question.answer, f"{path}: question {question.index}"
        )


_PARTS: dict[str, type] = {
    "question_index": int,
    "image_index": int,
    "answer": str,
    "changes": bool,
    "edit": str,
}


def _pair_notes(notes: Any, index: int, answer: str | None, where: str) -> PairNotes:
    if not isinstance(notes, dict) or answer is None:
        raise DataError(
            f"{where} has no {KEY!r} and answer, so it is no half of a minimal pair. "
            "`visreason generate --counterfactuals` makes such files."
        )
    for name, kind in _PARTS.items():
        if type(notes.get(name)) is not kind:
            raise DataError(
                f"{where}: {name!r} of {KEY!r} should be of type {kind.__name__}, not {notes.get(name)!r:.60}."
            )
    if notes["edit"] not in EDITS:
        raise DataError(f"{where}: the edit is {notes['edit']!r}, expected one of {', '.join(EDITS)}.")
    found = PairNotes(
        index, notes["question_index"], notes["image_index"], notes["answer"], answer, notes["edit"]
    )
    if found.changes != notes["changes"]:
        raise DataError(
            f"{where}: 'changes' is {notes['changes']}, but the answers are {found.original_answer!r} and {answer!r}."
        )
    return found
