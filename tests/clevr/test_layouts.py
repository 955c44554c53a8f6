"""Layouts against the reference's, and over every real question."""

import json

import pytest

from visreason.clevr.functions import FUNCTIONS, Type
from visreason.clevr.layouts import MODULES, encode_layout, is_valid, layout, layout_steps
from visreason.clevr.programs import Node, parse_program
from visreason.clevr.questions_file import iter_questions
from visreason.errors import ProgramError


@pytest.fixture
def reference(shared):
    return json.loads((shared / "fixtures/snmn_layouts.json").read_text())


def test_modules_are_numbered_as_in_the_reference(reference):
    assert tuple(name.removeprefix("_") for name in reference["layout_vocabulary"]) == MODULES


@pytest.mark.parametrize("part", ["questions", "loc_style"])
def test_layouts_equal_the_references(reference, part):
    for record in reference[part]:
        program = parse_program(record["program"], ends_in_answer=part == "questions")
        modules = layout(program)
        assert modules == tuple(name.removeprefix("_") for name in record["layout_pruned"])
        assert encode_layout(modules, reference["T"]) == record["layout_inds_padded"]
        assert is_valid(record["layout_inds_padded"], ends_in_answer=part == "questions")


@pytest.mark.parametrize("folder", ["clevr_real/questions", "clevr_real_val_questions/questions"])
def test_every_real_question_has_a_layout_that_runs(shared, folder):
    (path,) = (shared / "data" / folder).glob("*.json")
    valid = [
        is_valid(encode_layout(layout(question.program)), ends_in_answer=True)
        for question in iter_questions(path)
    ]
    assert len(valid) >= 500
    assert all(valid)


@pytest.mark.parametrize(
    ("modules", "answer", "valid"),
    [
        (["Find", "DescribeOne"], True, True),
        (["NoOp", "Find", "NoOp", "DescribeOne", "NoOp"], True, True),
        (["Find", "Find", "DescribeTwo"], True, True),
        (["Find", "Transform"], False, True),
        (["Find", "Transform"], True, False),  # says nothing
        (["Find", "DescribeOne"], False, False),  # says something, and should point
        (["Find", "Find", "DescribeOne"], True, False),  # a map is left
        (["Transform", "DescribeOne"], True, False),  # the stack is empty
        (["Find", "DescribeOne", "DescribeOne"], True, False),
        ([], True, False),
    ],
)
def test_a_layout_runs_if_the_stack_always_holds_what_is_popped(modules, answer, valid):
    assert is_valid([MODULES.index(module) for module in modules], ends_in_answer=answer) is valid


def test_a_step_stands_for_the_last_of_the_nodes_that_became_it():
    red = (
        Node("scene"),
        Node("filter_color", (0,), ("red",)),
        Node("filter_shape", (1,), ("cube",)),
        Node("unique", (2,)),
    )
    left = (
        Node("relate", (3,), ("left",)),
        Node("filter_size", (4,), ("small",)),
        Node("filter_shape", (5,), ("cube",)),
    )
    both = Node("scene"), Node("intersect", (6, 7)), Node("count", (8,))
    assert layout_steps((*red, *left, *both)) == (
        ("Find", 2),
        ("Transform", 4),
        ("Filter", 6),
        ("Scene", 7),
        ("And", 8),
        ("DescribeOne", 9),
    )


def test_the_steps_of_real_layouts_stand_for_objects_until_they_describe(shared):
    questions = list(iter_questions(shared / "data/clevr_real/questions/CLEVR_train_questions.json"))
    for question in questions:
        *looking, last = layout_steps(question.program)
        kinds = [FUNCTIONS[question.program[step.node].function].output for step in looking]
        assert set(kinds) <= {Type.OBJECT_SET, Type.OBJECT}
        assert last.node == len(question.program) - 1


def test_a_layout_longer_than_the_network_is_refused():
    with pytest.raises(ProgramError, match="question 3 needs 3 steps, and the network has 2"):
        encode_layout(("Find", "Find", "And"), steps=2, where="question 3")


def test_a_program_with_two_ends_is_refused():
    program = (Node("scene"), Node("count", (0,)), Node("exist", (0,)))
    with pytest.raises(ProgramError, match="2 are read by nothing"):
        layout(program)
