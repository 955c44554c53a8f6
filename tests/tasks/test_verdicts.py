from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from visreason.clevr.controls import Asked, Control
from visreason.clevr.masks import SceneMasks
from visreason.clevr.program_forms import from_prefix, to_prefix
from visreason.clevr.programs import Program
from visreason.clevr.question import Question
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.tasks.interview import Inquiry
from visreason.tasks.verdicts import WrongAnswer, judge

MASKS = SceneMasks(sample_scene(scene_rng(0, "val", 0), 0, "val"))
PROGRAM = from_prefix(("count", "filter_shape[cube]", "scene"))
SEEN = from_prefix(("exist", "filter_shape[cube]", "scene"))
OTHERS: list[tuple[str | None, str | None]] = [("How many blocks?", "2"), ("What number of cubes?", "2")]


class Nobody:
    """Says nothing: the answers are told beforehand."""

    def __init__(self, *, in_programs: bool = False) -> None:
        self.in_programs = in_programs

    def words(self, program: Program) -> str | None:
        return None

    def other_words(self, program: Program, text: str, count: int) -> list[str]:
        return []

    def answers(self, inquiries: Sequence[Inquiry]) -> list[str | None]:
        return [None] * len(inquiries)


def wrong(prediction: str = "3", program: Sequence[str] | None = None) -> WrongAnswer:
    question = Question("How many cubes?", "2", PROGRAM, None, 7, 0, "CLEVR_val_000000.png", "val")
    told: Mapping[str, Any] = {"prediction": prediction} | (
        {} if program is None else {"program": list(program)}
    )
    return WrongAnswer(7, question, PROGRAM, MASKS, told)


CONTROLS = [Control(1, "perceive", Asked(SEEN, "yes")), Control(2, "count", Asked(PROGRAM, "2"))]


def test_the_first_step_that_fails_is_named_with_its_evidence() -> None:
    case = judge(wrong(), CONTROLS, {SEEN: "no", PROGRAM: "3"}, [], Nobody())
    assert (case.step, case.function) == ("perceive", "filter_shape[cube]")
    assert [one.text for one in case.asked] == ["scene → filter_shape[cube] → exist"]
    assert case.to_dict()["asked"][0]["prediction"] == "no"


def test_where_all_before_is_right_the_last_step_is_named() -> None:
    case = judge(wrong(), CONTROLS, {SEEN: "yes", PROGRAM: "3"}, [], Nobody())
    assert (case.step, case.function) == ("count", "count")


def test_an_answer_of_another_kind_is_misread_or_of_a_program_missaid() -> None:
    answers = {SEEN: "yes", PROGRAM: "red"}
    assert judge(wrong("red"), CONTROLS, answers, [], Nobody()).step == "parse"
    said = judge(wrong("red", to_prefix(PROGRAM)), CONTROLS, answers, [], Nobody(in_programs=True))
    assert said.step == "answer"


@pytest.mark.parametrize(("right", "step"), [(2, "parse"), (1, "count"), (0, "count")])
def test_a_question_that_is_understood_in_other_words_was_misread(right: int, step: str) -> None:
    others = [(text, "2" if i < right else "3") for i, (text, _) in enumerate(OTHERS)]
    assert judge(wrong(), CONTROLS, {SEEN: "yes", PROGRAM: "3"}, others, Nobody()).step == step


@pytest.mark.parametrize(
    ("written", "kind", "step"),
    [
        (("count", "filter_shape[cube]", "scene"), "exact", "count"),
        (("count", "filter_shape[cube]", "filter_shape[cube]", "scene"), "other, same answer", "count"),
        (("count", "filter_shape[cube]"), "invalid", "parse"),
        (("exist", "scene"), "other answer", "parse"),
    ],
)
def test_a_written_program_is_wrong_where_the_oracle_answers_otherwise_by_it(
    written: tuple[str, ...], kind: str, step: str
) -> None:
    one = wrong(program=written)
    case = judge(one, CONTROLS, {SEEN: "yes", PROGRAM: "3"}, [], Nobody(in_programs=True))
    assert (case.program, case.step) == (kind, step)
    assert case.to_dict()["program_is"] == kind


def test_where_the_true_program_is_answered_rightly_only_the_answer_is_left() -> None:
    written = ("count", "filter_shape[cube]", "filter_shape[cube]", "scene")
    case = judge(wrong(program=written), CONTROLS, {SEEN: "yes", PROGRAM: "2"}, [], Nobody(in_programs=True))
    assert (case.step, case.function) == ("answer", None)
