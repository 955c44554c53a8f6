from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visreason.clevr.controls import STEPS, Asked, Control, controls, first_failure, step_of, verdict
from visreason.clevr.executor import execute
from visreason.clevr.functions import FUNCTIONS
from visreason.clevr.masks import SceneMasks
from visreason.clevr.program_forms import from_prefix, to_prefix
from visreason.clevr.programs import Program, check_program, sub_program
from visreason.clevr.questions import QuestionEngine
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.errors import ProgramError


@cache
def asked(number: int) -> list[tuple[Program, SceneMasks]]:
    """The questions about one scene."""
    scene = sample_scene(scene_rng(3, "val", number), number, "val")
    masks = SceneMasks(scene)
    programs = [question.program for question in QuestionEngine(seed=3).generate([scene])]
    return [(sub_program(one, len(one) - 1), masks) for one in programs if one is not None]


@given(st.integers(0, 15), st.integers(0, 9))
def test_controls_are_true_programs_in_the_order_of_the_steps(number: int, place: int) -> None:
    program, masks = asked(number)[place]
    found = controls(program, masks)
    for one in found:
        for question in (one.asked, one.given) if one.given else (one.asked,):
            check_program(question.program)
            assert execute(question.program, masks) == question.answer
        assert one.step in STEPS
    nodes = [one.node for one in found]
    assert nodes == sorted(nodes)
    assert found[-1].asked == Asked(program, execute(program, masks)) or program[-1].function == "exist"
    assert any(one.asked.program == program for one in found)


@given(st.integers(0, 15), st.integers(0, 9))
def test_a_control_needs_no_step_after_its_own(number: int, place: int) -> None:
    program, masks = asked(number)[place]
    for one in controls(program, masks):
        before = {node.function for node in sub_program(program, one.node)}
        allowed = before | {"scene", "exist", "unique"}
        steps = {
            node.function
            for node in one.asked.program
            if step_of(node.function) in ("relate", "count", "compare")
        }
        kind = {name.split("_")[0] for name in steps}
        assert kind <= {name.split("_")[0] for name in allowed}


def test_filters_are_asked_in_pairs_that_a_constant_answer_cannot_pass() -> None:
    told = 0
    for number in range(6):
        for program, masks in asked(number):
            for place, node in enumerate(program):
                if node.function.startswith("filter_") and program[node.inputs[0]].function == "scene":
                    exist = {
                        one.asked.answer
                        for one in controls(program, masks)
                        if one.node == place and one.asked.program[-1].function == "exist"
                    }
                    told += exist == {"yes", "no"}
                    assert exist
    assert told > 20


def test_a_condition_does_without_the_step() -> None:
    seen = 0
    for number in range(10):
        for program, masks in asked(number):
            for one in controls(program, masks):
                if one.given is not None:
                    seen += 1
                    functions = {node.function for node in one.given.program}
                    assert not any(step_of(name) == "relate" for name in functions)
    assert seen > 50


def test_what_nothing_reads_is_not_asked_for() -> None:
    program, masks = asked(0)[0]
    loose = (*program[:-1], program[0], program[-1])
    assert [one.asked for one in controls(loose, masks)][:-1] == [
        one.asked for one in controls(program, masks)
    ][:-1]


def test_an_ill_posed_program_is_an_error() -> None:
    _, masks = asked(0)[0]
    with pytest.raises(ProgramError, match="exactly one"):
        controls(from_prefix(("query_color", "unique", "scene")), masks)


def test_every_function_is_a_step() -> None:
    assert {step_of(name) for name in FUNCTIONS} == set(STEPS) - {"parse"}


def test_the_first_failure_is_the_first_whose_condition_holds() -> None:
    easy, hard, whole = (
        Asked(from_prefix(("count", f"filter_color[{c}]", "scene")), "1") for c in ("red", "blue", "gray")
    )
    conditional = Control(1, "relate", hard, easy)
    last = Control(2, "count", whole)
    wrong = {easy.program: "1", hard.program: "0", whole.program: "0"}
    assert first_failure([conditional, last], wrong) == conditional
    assert first_failure([conditional, last], wrong | {easy.program: "0"}) == last
    assert first_failure([conditional, last], wrong | {hard.program: "1"}) == last
    assert first_failure([conditional], {hard.program: "0"}) is None  # the condition was not asked
    assert verdict(last, {whole.program: None}) is None
    assert to_prefix(easy.program)[0] == "count"
