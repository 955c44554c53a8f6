from dataclasses import replace

import numpy as np
import pytest

from visreason.clevr.question import Question
from visreason.clevr.sampling import scene_rng
from visreason.errors import DataError
from visreason.sort_of_clevr.folder import as_question
from visreason.sort_of_clevr.oracle import judge_flat
from visreason.sort_of_clevr.questions import choose_questions
from visreason.sort_of_clevr.scene import FlatScene, Thing, sample_flat_scene


@pytest.fixture
def scenes() -> list[FlatScene]:
    return [sample_flat_scene(scene_rng(0, "val", i), i, "val") for i in range(5)]


@pytest.fixture
def questions(scenes: list[FlatScene]) -> list[Question]:
    rng = np.random.default_rng(0)
    return [
        as_question(asked, answer, scene.image_index, scene.image_filename, "val", 0)
        for scene in scenes
        for asked, answer in choose_questions(scene, rng, 10)
    ]


def test_stored_answers_agree(scenes: list[FlatScene], questions: list[Question]) -> None:
    verdicts = list(judge_flat(questions, scenes))
    assert len(verdicts) == 100
    assert all(verdict.agrees for verdict in verdicts)
    assert {verdict.to_dict()["type"] for verdict in verdicts} == {question.type for question in questions}


def test_a_wrong_answer_is_found(scenes: list[FlatScene], questions: list[Question]) -> None:
    wrong = replace(questions[0], answer="yellow")
    assert [verdict.agrees for verdict in judge_flat([wrong, questions[1]], scenes)] == [False, True]


def test_a_tie_is_ill_posed(scenes: list[FlatScene], questions: list[Question]) -> None:
    red, green, blue, *rest = scenes[0].things
    near = (Thing("red", "square", 30, 30), Thing("green", "square", 30, 46), Thing("blue", "circle", 46, 30))
    assert (red.color, green.color, blue.color) == ("red", "green", "blue")
    tied = replace(
        scenes[0], things=(*near, *(replace(thing, x=5, y=74 - 5 * i) for i, thing in enumerate(rest)))
    )
    asked = replace(questions[0], text="What shape is closest to the red object?")
    (verdict,) = judge_flat([asked], [tied])
    assert verdict.answer is None
    assert "equally far" in str(verdict.error)


def test_foreign_questions_and_missing_scenes_are_named(
    scenes: list[FlatScene], questions: list[Question]
) -> None:
    with pytest.raises(DataError, match=r"mine.*'Why\?'.*none of Sort-of-CLEVR's 36"):
        list(judge_flat([replace(questions[0], text="Why?")], scenes, questions_from="mine"))
    with pytest.raises(DataError, match=r"CLEVR_val_000000.png, of which theirs has no scene"):
        list(judge_flat(questions, scenes[1:], scenes_from="theirs"))
