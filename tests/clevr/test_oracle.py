from dataclasses import replace
from typing import Any

import pytest

from visreason.clevr.oracle import Tally, judge
from visreason.clevr.programs import Node
from visreason.clevr.question import Question
from visreason.clevr.questions import QuestionEngine
from visreason.clevr.scene import Scene
from visreason.errors import DataError


@pytest.fixture(scope="module")
def questions(made_scenes: list[Scene]) -> list[Question]:
    return list(QuestionEngine(seed=0).generate(made_scenes[:3], 5))


def test_it_agrees_with_every_real_answer(real_files: Any) -> None:
    from visreason.clevr.questions_file import iter_questions
    from visreason.clevr.scenes_file import iter_scenes

    tally = Tally()
    for scenes, questions in zip(real_files.scenes[:2], real_files.questions, strict=True):
        for verdict in judge(iter_questions(questions), iter_scenes(scenes)):
            tally.add(verdict)
    assert (tally.questions, tally.stored, tally.agreement, tally.disagreements) == (1100, 1100, 1.0, [])


def test_the_order_of_questions_does_not_matter(questions: list[Question], made_scenes: list[Scene]) -> None:
    shuffled = questions[::4] + questions[1::4] + questions[2::4] + questions[3::4]
    assert [verdict.question for verdict in judge(shuffled, made_scenes)] == shuffled
    assert all(verdict.agrees for verdict in judge(shuffled, made_scenes))


def test_a_wrong_answer_is_found(questions: list[Question], made_scenes: list[Scene]) -> None:
    wrong = replace(questions[7], answer="no" if questions[7].answer != "no" else "yes")
    tally = Tally()
    for verdict in judge([*questions[:7], wrong, *questions[8:]], made_scenes):
        tally.add(verdict)
    assert tally.agreement == pytest.approx(14 / 15)
    (found,) = tally.to_dict()["disagreements"]
    assert found["question_index"] == 7
    assert (found["stored"], found["answer"], found["agrees"]) == (wrong.answer, questions[7].answer, False)
    assert "14 of 15" in str(tally)


def test_without_stored_answers_there_is_no_agreement(
    questions: list[Question], made_scenes: list[Scene]
) -> None:
    tally = Tally()
    for verdict in judge([replace(question, answer=None) for question in questions], made_scenes):
        assert verdict.answer == questions[verdict.question.index].answer
        tally.add(verdict)
    assert (tally.agreement, tally.disagreements) == (None, [])
    assert "no answers are stored" in str(tally)


def test_an_ill_posed_question_is_told_of(questions: list[Question], made_scenes: list[Scene]) -> None:
    program = (Node("scene"), Node("unique", (0,)), Node("query_color", (1,)))
    (verdict,) = judge([replace(questions[0], program=program, answer="red")], made_scenes)
    assert verdict.answer is None
    assert verdict.agrees is False
    assert "node 1 (unique)" in verdict.to_dict()["error"]


def test_a_question_without_a_scene_names_both(questions: list[Question], made_scenes: list[Scene]) -> None:
    with pytest.raises(
        DataError, match=r"q\.json: question 10 is about CLEVR_val_000002\.png, of which s\.json"
    ):
        list(judge(questions, made_scenes[:2], questions_from="q.json", scenes_from="s.json"))


def test_a_question_without_a_program_is_refused(questions: list[Question], made_scenes: list[Scene]) -> None:
    with pytest.raises(DataError, match=r"question 0 .* has no program"):
        list(judge([replace(questions[0], program=None)], made_scenes))
