import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visreason.clevr.functions import FUNCTIONS, VALUE_DOMAINS
from visreason.clevr.programs import Node, check_program, parse_program, program_to_json, question_type
from visreason.clevr.question import Question
from visreason.errors import ProgramError

SCENE: dict[str, Any] = {"function": "scene", "inputs": [], "value_inputs": []}


def step(function: str, *inputs: int, values: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"function": function, "inputs": list(inputs), "value_inputs": list(values)}


def test_both_dialects_give_the_same_program() -> None:
    released = [SCENE, step("filter_color", 0, values=("red",)), step("count", 1)]
    generated = [
        {"type": "scene", "inputs": [], "_output": [0, 1]},
        {"type": "filter_color", "inputs": [0], "side_inputs": ["red"]},
        {"type": "count", "inputs": [1]},
    ]
    program = parse_program(released)
    assert program == parse_program(generated)
    assert program_to_json(program) == released
    assert program_to_json(program, "type")[2] == {"inputs": [1], "type": "count", "value_inputs": []}


def test_real_programs_go_there_and_back(real_questions: list[Question]) -> None:
    for question in real_questions:
        assert question.program is not None
        assert parse_program(program_to_json(question.program, "type")) == question.program


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([], "is empty"),
        ("scene", "a program is a list"),
        (None, "a program is a list"),
        ([SCENE, 7], "node 1 should be a JSON object"),
        ([SCENE, {"inputs": [0]}], "node 1 has no 'function'"),
        (
            [SCENE, {"function": "count", "inputs": 0}],
            "node 1 (count): 'inputs' should be a list of node numbers",
        ),
        ([SCENE, {"function": "count", "inputs": [True]}], "node 1 (count): 'inputs'"),
        (
            [SCENE, {"function": "count", "inputs": [0], "value_inputs": [3]}],
            "node 1 (count): 'value_inputs'",
        ),
        ([SCENE, step("cuont", 0)], "node 1 (cuont): unknown function. Nearest: count"),
        ([SCENE, step("zzz", 0)], "node 1 (zzz): unknown function. Known: scene"),
        ([SCENE, step("count")], "node 1 (count): takes 1 inputs, got 0"),
        ([SCENE, step("count", 0, 0)], "node 1 (count): takes 1 inputs, got 2"),
        ([SCENE, step("filter_size", 0), step("count", 1)], "node 1 (filter_size): takes 1 words, got 0"),
        ([SCENE, step("count", 0, values=("red",))], "node 1 (count): takes 0 words, got 1"),
        (
            [SCENE, step("filter_size", 0, values=("red",)), step("count", 1)],
            "node 1 (filter_size): 'red' is no size",
        ),
        ([SCENE, step("count", 5)], "node 1 (count): input 5 does not exist"),
        ([SCENE, step("count", -1)], "node 1 (count): input -1 does not exist"),
        ([SCENE, step("count", 1)], "node 1 (count): input 1 is this node or depends on it: a cycle"),
        (
            [SCENE, step("union", 0, 2), step("union", 0, 1), step("count", 2)],
            "node 1 (union): input 2 is this node or depends on it: a cycle",
        ),
        ([step("count", 1), SCENE], "node 0 (count): input 1 comes later in the list"),
        ([SCENE, step("count", 0), step("exist", 1)], "node 2 (exist): input 1 should be ObjectSet"),
        ([SCENE, step("query_size", 0)], "node 1 (query_size): input 0 should be Object, node 0 (scene)"),
        ([SCENE, step("count", 0), step("exist", 0)], "nothing reads node 1 (count)"),
        ([SCENE, step("unique", 0)], "node 1 (unique): the last node gives Object, which is no answer"),
    ],
)
def test_a_malformed_program_is_an_error_that_names_the_node(nodes: Any, message: str) -> None:
    with pytest.raises(ProgramError, match=re.escape(message)):
        parse_program(nodes)


def test_the_error_says_where_the_program_is() -> None:
    with pytest.raises(ProgramError, match=re.escape("questions.json: question 7, program, node 1 (count)")):
        parse_program([SCENE, step("count")], "questions.json: question 7, program")


def test_a_referring_expression_may_end_in_objects() -> None:
    nodes = [SCENE, step("filter_color", 0, values=("red",)), step("unique", 1)]
    assert len(parse_program(nodes, ends_in_answer=False)) == 3


def test_a_scene_that_nothing_reads_is_let_through_as_in_released_questions() -> None:
    check_program((Node("scene"), Node("scene"), Node("exist", (1,))))


def test_the_question_type_is_the_last_function() -> None:
    assert question_type((Node("scene"), Node("exist", (0,)))) == "exist"
    with pytest.raises(ProgramError, match=re.escape("node 0 (scene)")):
        question_type((Node("scene"),))
    with pytest.raises(ProgramError, match="empty"):
        question_type(())


_words = st.sampled_from(
    sorted({word for words in VALUE_DOMAINS.values() for word in words} | {"", "orange"})
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 4) | st.floats() | st.text(max_size=4) | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
_node = st.fixed_dictionaries(
    {
        "function": st.sampled_from([*FUNCTIONS, "filter", "nothing"]),
        "inputs": st.lists(st.integers(-1, 5), max_size=3),
        "value_inputs": st.lists(_words, max_size=2),
    }
)


@given(st.lists(_node | _json, max_size=6) | _json)
def test_whatever_is_given_is_a_program_or_a_program_error(nodes: Any) -> None:
    with suppress(ProgramError):
        check_program(parse_program(nodes))
