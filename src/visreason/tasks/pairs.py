"""The minimal pairs of a test: predictions on the original and on the edited scenes brought together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any, Self

from visreason.clevr.counterfactual_files import KEY, PairNotes, counterfactual_split, iter_pair_notes
from visreason.clevr.folder import ClevrFolder
from visreason.errors import DataError, UsageError
from visreason.metrics.consistency import Consistency, consistency

Prediction = Mapping[str, Any]
"""One object of `predictions.jsonl`."""

_ROWS = {
    "both_right": "both answers right",
    "changing_right": "answer changes, both right",
    "changed": "answer changes, prediction too",
    "changed_rightly": "answer changes, prediction to it",
    "staying_right": "answer stays, both right",
    "stayed": "answer stays, prediction too",
}


@dataclass(frozen=True, slots=True)
class PairResults:
    """How a model answered minimal pairs.

    Attributes:
        consistency: every figure with its interval.
        predictions: one object a question about an edited scene, as in `predictions.jsonl`, with what the
            data say of the pair under `counterfactual`.
    """

    consistency: Consistency
    predictions: Sequence[Prediction]

    @classmethod
    def of(
        cls, originals: Sequence[Prediction], edited: Sequence[Prediction], notes: Sequence[PairNotes]
    ) -> Self:
        """Bring both sides together.

        Args:
            originals: the predictions on the original scenes.
            edited: those on the edited scenes, in the order of `notes`.
            notes: what the data say of each pair, every original among `originals`.

        Raises:
            DataError: the pairs were made of other questions than the originals.
        """
        by_index = {one["question_index"]: one for one in originals}
        before = [by_index[note.original_index] for note in notes]
        for note, one in zip(notes, before, strict=True):
            if one["answer"] != note.original_answer:
                raise DataError(
                    f"the answer to question {note.original_index} is {one['answer']!r}, but minimal pair {note.index} "
                    f"was made where it was {note.original_answer!r}. Make the pairs again, from these questions."
                )
        found = consistency(
            ([note.original_answer for note in notes], [note.answer for note in notes]),
            ([one["prediction"] for one in before], [one["prediction"] for one in edited]),
            [note.edit for note in notes],
            [note.original_image for note in notes],
        )
        return cls(found, [{**one, KEY: _said_of(note)} for one, note in zip(edited, notes, strict=True)])

    def table(self) -> list[tuple[str, str, str]]:
        """Rows for people: the figures over all pairs, and pairs with both answers right for each kind of edit."""
        overall = self.consistency.overall
        lines = [(words, getattr(overall, name)) for name, words in _ROWS.items()]
        lines += [(f"{edit}: both right", one.both_right) for edit, one in self.consistency.by_edit.items()]
        return [(f"pairs, {words}", str(one), f"{one.count:,}") for words, one in lines if one is not None]


def _said_of(note: PairNotes) -> dict[str, Any]:
    """What `predictions.jsonl` says of a pair."""
    return {
        "question_index": note.original_index,
        "answer": note.original_answer,
        "changes": note.changes,
        "edit": note.edit,
    }


def pairs_to_test(
    folder: ClevrFolder, split: str, originals: Sequence[Prediction], *, limited: bool
) -> list[PairNotes]:
    """What the data say of the minimal pairs of a split.

    Args:
        folder: the data.
        split: the originals' split.
        originals: the predictions on the original scenes.
        limited: whether these are only the first questions of the split; then the pairs are too, else every
            pair has to have its original.

    Raises:
        DataError: the folder has no minimal pairs of the split, or they were made of other questions.
        UsageError: the limit leaves no pair.
    """
    path = _questions_file(folder, split)
    known = {one["question_index"] for one in originals}
    notes = list(iter_pair_notes(path))
    kept = list(takewhile(lambda note: note.original_index in known, notes))
    if len(kept) < len(notes) and not limited:
        raise DataError(
            f"{path}: pair {len(kept)} was made of question {notes[len(kept)].original_index}, which split {split} "
            "has not. Make the pairs again, from these questions."
        )
    if not kept:
        raise UsageError(
            f"none of the {len(known)} questions asked is in a minimal pair of {path}; raise --limit."
        )
    return kept


def _questions_file(folder: ClevrFolder, split: str) -> Path:
    path = folder.questions_file(counterfactual_split(split))
    if not path.is_file():
        raise DataError(
            f"{folder.root} has no minimal pairs of {split}: {path.name} is missing. `visreason generate` with "
            "--counterfactuals 2, and the arguments a world was made with, adds them to it."
        )
    return path
