from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.clevr.test_counterfactuals import ask

from visreason.clevr.counterfactual_files import (
    KEY,
    counterfactual_split,
    iter_pair_notes,
    numbered,
    pair_records,
)
from visreason.clevr.counterfactuals import MinimalPair, minimal_pairs
from visreason.clevr.question import question_from_json
from visreason.clevr.records import write_records
from visreason.clevr.scene import object_to_json, scene_from_json
from visreason.errors import DataError


@pytest.fixture(scope="module")
def pairs() -> list[MinimalPair]:
    return list(minimal_pairs(ask(0, 3), 7, np.random.default_rng(0)))


def question_records(pairs: list[MinimalPair]) -> list[dict[str, Any]]:
    return [numbered(pair_records(pair)[1], number) for number, pair in enumerate(pairs)]


def test_records_are_clevrs_and_tell_of_the_edit(pairs: list[MinimalPair]) -> None:
    for number, pair in enumerate(pairs):
        scene_record, question_record = (numbered(record, number) for record in pair_records(pair))
        scene, question = scene_from_json(scene_record), question_from_json(question_record)
        image = (number, f"CLEVR_cf_val_{number:06d}.png", "cf_val")
        assert (scene.image_index, scene.image_filename, scene.split) == image
        assert (question.image_index, question.image_filename, question.split) == image
        assert (scene.objects, scene.relationships) == (pair.scene.objects, dict(pair.scene.relationships))
        assert (question.index, question.text, question.answer) == (number, pair.question.text, pair.after)
        assert question.program == pair.question.program
        original = {"image_index": pair.question.image_index, "image_filename": pair.question.image_filename}
        assert question.extra[KEY] == {
            "question_index": pair.question.index,
            **original,
            "answer": pair.before,
            "changes": pair.changes,
            "edit": pair.edit.kind,
        }
        before, after = pair.edit.before, pair.edit.after
        assert scene.extra[KEY] == {
            **original,
            "edit": pair.edit.kind,
            "object": pair.edit.place,
            "before": None if before is None else object_to_json(before),
            "after": None if after is None else object_to_json(after),
        }


def test_notes_are_read_back(pairs: list[MinimalPair], tmp_path: Path) -> None:
    path = tmp_path / "questions.json"
    write_records(path, "questions", question_records(pairs), {})
    for number, (pair, notes) in enumerate(zip(pairs, iter_pair_notes(path), strict=True)):
        assert (notes.index, notes.original_index) == (number, pair.question.index)
        assert notes.original_image == pair.question.image_index
        assert (notes.original_answer, notes.answer) == (pair.before, pair.after)
        assert (notes.changes, notes.edit) == (pair.changes, pair.edit.kind)


def test_a_splits_name() -> None:
    assert counterfactual_split("train-A") == "cf_train-A"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (None, r"question 0 has no 'counterfactual' and answer.*--counterfactuals"),
        ({"edit": "paint"}, r"the edit is 'paint', expected one of move, size, color"),
        ({"question_index": "7"}, r"'question_index' of 'counterfactual' should be of type int, not '7'"),
        ({"answer": None}, r"'answer' of 'counterfactual' should be of type str, not None"),
        ({"answer": "something"}, r"'changes' is (True|False), but the answers are 'something' and"),
    ],
)
def test_broken_notes_are_named(
    pairs: list[MinimalPair], tmp_path: Path, change: dict[str, Any] | None, message: str
) -> None:
    staying = next(pair for pair in pairs if not pair.changes)
    record = numbered(pair_records(staying)[1], 0)
    if change is None:
        del record[KEY]
    else:
        record[KEY] = record[KEY] | change
    path = tmp_path / "questions.json"
    write_records(path, "questions", [record], {})
    with pytest.raises(DataError, match=message):
        list(iter_pair_notes(path))
