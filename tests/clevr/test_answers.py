import pytest

from visreason.clevr.answers import (
    ANSWER_CLASSES,
    ANSWERS,
    QUESTION_TYPES,
    normalise_answer,
)
from visreason.clevr.programs import question_type
from visreason.clevr.question import Question
from visreason.errors import DataError


def test_there_are_28_answers_and_13_types() -> None:
    assert len(ANSWERS) == len(set(ANSWERS)) == 28
    assert len(QUESTION_TYPES) == len(set(QUESTION_TYPES)) == 13


def test_real_answers_are_of_the_kind_their_question_asks_for(real_questions: list[Question]) -> None:
    for question in real_questions:
        assert question.program is not None
        assert question.answer is not None
        kind = question_type(question.program)
        asked = "number" if kind == "count" else kind.removeprefix("query_") if "query" in kind else "exist"
        assert question.answer in ANSWER_CLASSES[asked]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (1, "1"),
        (10, "10"),
        ("yes", "yes"),
        ("False", "no"),
        ("cyan", "cyan"),
    ],
)
def test_answers_of_every_dialect_are_read(value: object, expected: str) -> None:
    assert normalise_answer(value) == expected


@pytest.mark.parametrize("value", [None, "", 1.5, [], {}])
def test_what_is_no_answer_is_refused(value: object) -> None:
    with pytest.raises(DataError, match="an answer is"):
        normalise_answer(value)
