from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from visreason.clevr.answers import ANSWER_CLASSES, ANSWERS, QUESTION_TYPES
from visreason.errors import UsageError
from visreason.metrics.accuracy import QUESTION_GROUPS, answer_class, score


def test_a_small_case_by_hand() -> None:
    found = score(
        answers=["yes", "no", "3", "red", "red"],
        predictions=["yes", "yes", "red", "blue", "red"],
        types=["exist", "equal_size", "count", "query_color", "query_color"],
        images=[0, 0, 1, 1, 2],
    )
    assert found.overall.value == pytest.approx(2 / 5)
    assert {name: one.value for name, one in found.by_type.items()} == {
        "exist": 1.0,
        "count": 0.0,
        "query_color": 0.5,
        "equal_size": 0.0,
    }
    assert found.by_group["query_attribute"].count == 2
    assert found.by_answer_class["exist"].value == 0.5
    assert found.invalid.value == pytest.approx(1 / 5)
    assert found.invalid_by_answer_class["number"].value == 1.0
    assert found.invalid_by_answer_class["color"].value == 0.0


def test_the_reference_counts_the_same(shared: Path) -> None:
    """`class_corrects`, `class_invalids` and `class_total_samples` of the Relation Networks reference."""
    record: dict[str, Any] = orjson.loads((shared / "fixtures" / "rn_test_metrics.json").read_bytes())
    answers, predictions = record["target_answers"], record["predicted_answers"]
    found = score(answers, predictions, None, np.arange(len(answers)))
    for name, corrects in record["class_corrects"].items():
        right, invalid = found.by_answer_class[name], found.invalid_by_answer_class[name]
        assert right.count == invalid.count == record["class_total_samples"][name]
        assert round(right.value * right.count) == corrects
        assert round(invalid.value * invalid.count) == record["class_invalids"][name]
    assert round(found.overall.value * 64) == sum(record["class_corrects"].values())
    assert round(found.invalid.value * 64) == sum(record["class_invalids"].values())


def test_parts_add_up_to_the_whole() -> None:
    rng = np.random.default_rng(0)
    answers, predictions = rng.choice(ANSWERS, 500).tolist(), rng.choice(ANSWERS, 500).tolist()
    types = rng.choice(QUESTION_TYPES, 500).tolist()
    found = score(answers, predictions, types, rng.integers(0, 50, 500))
    for parts in (found.by_type, found.by_group, found.by_answer_class):
        assert sum(one.count for one in parts.values()) == 500
        assert sum(one.value * one.count for one in parts.values()) == pytest.approx(
            500 * found.overall.value
        )
    assert list(found.by_type) == [name for name in QUESTION_TYPES if name in set(types)]


def test_every_type_is_in_one_group() -> None:
    grouped = [name for names in QUESTION_GROUPS.values() for name in names]
    assert len(set(grouped)) == len(grouped)
    assert set(QUESTION_TYPES) < set(grouped)


def test_every_answer_has_one_class() -> None:
    for kind, answers in ANSWER_CLASSES.items():
        assert {answer_class(answer) for answer in answers} == {kind}
    assert answer_class("perhaps") == "other"


def test_sort_of_clevr_is_reported_by_relational_or_not() -> None:
    types = ["own_shape", "is_left", "closest_shape", "closest_shape"]
    found = score(
        ["circle", "yes", "square", "circle"], ["circle", "3", "square", "square"], types, [0, 0, 1, 1]
    )
    assert {name: one.value for name, one in found.by_group.items()} == {
        "non_relational": 0.5,
        "relational": 0.5,
    }
    assert list(found.by_type) == ["own_shape", "is_left", "closest_shape"]
    assert found.invalid.value == 0.25  # "3" to a question of yes or no


def test_without_programs_there_are_no_types() -> None:
    found = score(["yes", "no"], ["yes", "no"], None, [0, 1])
    assert found.overall.value == 1.0
    assert found.by_type == {}
    assert found.by_group == {}


def test_the_form_of_metrics_json() -> None:
    record: dict[str, Any] = score(["2"], ["yes"], ["count"], [0]).to_dict()
    assert record["accuracy"]["overall"]["count"] == 1
    assert record["accuracy"]["by_type"]["count"]["value"] == 0.0
    assert record["invalid"]["overall"]["value"] == 1.0
    assert orjson.loads(orjson.dumps(record)) == record


@pytest.mark.parametrize(
    ("answers", "predictions", "types", "images"),
    [
        ([], [], [], []),
        (["yes"], [], ["exist"], [0]),
        (["yes"], ["no"], [], [0]),
        (["yes"], ["no"], ["exist"], [0, 1]),
    ],
)
def test_lengths_must_match(
    answers: list[str], predictions: list[str], types: list[str], images: list[int]
) -> None:
    with pytest.raises(UsageError, match="one answer, prediction, type and image a sample"):
        score(answers, predictions, types, images)


def test_types_and_answers_of_other_worlds_count_too() -> None:
    found = score(["yes", "perhaps"], ["no", "perhaps"], ["why", "why"], [0, 1])
    assert found.by_type["why"].value == 0.5
    assert found.by_group == {}
    assert found.by_answer_class["other"].value == 1.0
