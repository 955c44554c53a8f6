import re
from typing import Any

import pytest

from visreason.clevr.question import Question, question_from_json, question_to_json
from visreason.errors import DataError, ProgramError
from visreason.files import read_json


def record() -> dict[str, Any]:
    """A small question in the released form."""
    return {
        "question_index": 12,
        "image_index": 3,
        "image_filename": "CLEVR_val_000003.png",
        "split": "val",
        "question": "Are there any things?",
        "answer": "yes",
        "question_family_index": 85,
        "program": [
            {"inputs": [], "function": "scene", "value_inputs": []},
            {"inputs": [0], "function": "exist", "value_inputs": []},
        ],
    }


def test_real_questions_are_written_back_as_they_were(real_files: Any) -> None:
    for file in real_files.questions:
        for original in read_json(file)["questions"]:
            assert question_to_json(question_from_json(original)) == original


def test_the_generators_own_output_becomes_the_released_form() -> None:
    nodes = [
        {"type": "scene", "inputs": [], "_output": [0, 1]},
        {"type": "exist", "inputs": [0], "_output": True, "side_inputs": []},
    ]
    generated = record() | {
        "answer": True,
        "program": nodes,
        "question_family_index": 1,
        "template_filename": "zero_hop.json",
    }
    question = question_from_json(generated)
    assert question.answer == "yes"
    assert question.family == 85
    again = question_to_json(question)
    assert {key: again[key] for key in record()} == record()
    assert question_from_json(again) == question


def test_the_test_split_has_neither_answer_nor_program() -> None:
    original = record()
    for key in ("answer", "program", "question_family_index"):
        del original[key]
    question = question_from_json(original)
    assert (question.answer, question.program, question.family) == (None, None, None)
    assert question_to_json(question) == original


def test_a_template_is_kept() -> None:
    question = question_from_json(record() | {"template": "zero_hop/1"})
    assert question.template == "zero_hop/1"
    assert question_to_json(question)["template"] == "zero_hop/1"


def test_the_index_falls_back_to_the_place_in_the_file() -> None:
    original = record()
    del original["question_index"]
    assert question_from_json(original, position=5).index == 5


@pytest.mark.parametrize("key", ["question", "image_index", "image_filename", "split"])
def test_a_missing_key_is_named(key: str) -> None:
    broken = record()
    del broken[key]
    with pytest.raises(DataError, match=f"^q.json: question 12 has no key '{key}'"):
        question_from_json(broken, "q.json: question 12")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("question", "  ", "the question is empty"),
        ("question", 5, "'question' should be of type str"),
        ("answer", 1.5, "an answer is a word"),
        ("image_index", "3", "'image_index' should be of type int"),
        ("question_index", None, "'question_index' should be of type int"),
        ("question_family_index", "a", "'question_family_index' should be of type int"),
        ("template", 4, "'template' should be of type str"),
    ],
)
def test_a_wrong_value_is_named(key: str, value: Any, message: str) -> None:
    with pytest.raises(DataError, match=re.escape(message)):
        question_from_json(record() | {key: value}, "q.json: question 12")


def test_a_bad_program_names_question_and_node() -> None:
    nodes = [*record()["program"], {"inputs": [9], "function": "count", "value_inputs": []}]
    with pytest.raises(
        ProgramError, match=re.escape("q.json: question 12, program, node 2 (count): input 9")
    ):
        question_from_json(record() | {"program": nodes}, "q.json: question 12")


@pytest.mark.parametrize("program", ["scene", 7, {"type": "scene"}, [3]])
def test_a_program_that_is_no_list_of_nodes_is_refused(program: Any) -> None:
    with pytest.raises(ProgramError, match="program"):
        question_from_json(record() | {"program": program, "template_filename": "zero_hop.json"})


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(DataError, match="should be a JSON object"):
        question_from_json(["Are there any things?"])


def test_questions_compare_by_value() -> None:
    assert question_from_json(record()) == question_from_json(record())
    assert isinstance(question_from_json(record()), Question)
