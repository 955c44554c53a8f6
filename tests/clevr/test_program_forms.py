from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visreason.clevr.executor import execute
from visreason.clevr.functions import ANSWER_TYPES, FUNCTIONS, TOKENS, VALUE_DOMAINS
from visreason.clevr.program_forms import (
    ARITIES,
    LONGEST,
    complete_prefix,
    from_postfix,
    from_prefix,
    is_chain,
    merge_equal,
    to_chain,
    to_postfix,
    to_prefix,
    to_tree,
)
from visreason.clevr.programs import Node, Program, check_program, parse_program, program_to_json
from visreason.clevr.question import Question
from visreason.clevr.scene import Scene
from visreason.errors import ProgramError
from visreason.files import read_json


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """A program whose nodes read any earlier ones: shared, nested and repeated as it comes."""
    nodes = [Node("scene")]
    for _ in range(draw(st.integers(1, 14))):
        given_types = {FUNCTIONS[node.function].output for node in nodes}
        fitting = [one for one in FUNCTIONS.values() if set(one.inputs) <= given_types]
        function = draw(st.sampled_from(fitting))
        inputs = tuple(
            draw(
                st.sampled_from(
                    [i for i, node in enumerate(nodes) if FUNCTIONS[node.function].output is kind]
                )
            )
            for kind in function.inputs
        )
        words = tuple(draw(st.sampled_from(VALUE_DOMAINS[domain])) for domain in function.values)
        nodes.append(Node(function.name, inputs, words))
    if FUNCTIONS[nodes[-1].function].output not in ANSWER_TYPES:
        nodes.append(
            Node("count", (draw(st.sampled_from([i for i, n in enumerate(nodes) if n.function == "scene"])),))
        )
    return reachable(nodes)


def reachable(nodes: list[Node]) -> Program:
    """Only what the last node depends on, numbered anew."""
    read = {len(nodes) - 1}
    for i in reversed(range(len(nodes))):
        read.update(nodes[i].inputs if i in read else ())
    place = {old: new for new, old in enumerate(sorted(read))}
    return tuple(
        Node(nodes[i].function, tuple(place[source] for source in nodes[i].inputs), nodes[i].values)
        for i in sorted(read)
    )


@given(programs())
def test_prefix_and_postfix_go_there_and_back(program: Program) -> None:
    check_program(program)
    for to_form, from_form in ((to_prefix, from_prefix), (to_postfix, from_postfix)):
        tokens = to_form(program)
        tree = from_form(tokens)
        assert to_form(tree) == tokens
        assert tree == to_tree(program)
    assert complete_prefix(to_prefix(program)) == to_prefix(program)


@given(programs())
def test_merging_finds_what_writing_out_duplicated(program: Program) -> None:
    merged = merge_equal(program)
    assert merged == merge_equal(merged)
    assert len(set(merged)) == len(merged) <= len(program)
    assert to_prefix(merged) == to_prefix(program)
    assert len(merge_equal(to_tree(program))) == len(merged)


@given(st.lists(st.sampled_from(TOKENS), max_size=12))
def test_any_tokens_are_executable_or_rejected_as_chosen(tokens: list[str]) -> None:
    complete = complete_prefix(tokens)
    kept = min(len(tokens), len(complete))
    assert complete[:kept] == tuple(tokens[:kept])
    assert set(complete[kept:]) <= {"scene"}
    assert sum(ARITIES[name] - 1 for name in complete) == -1  # one tree, closed
    with suppress(ProgramError):
        assert to_prefix(from_prefix(tokens)) == tuple(tokens) == complete


def test_the_forms_of_the_reference(shared: Path) -> None:
    fixture = read_json(shared / "fixtures" / "programs.json")
    for record in fixture["questions"]:
        program = parse_program(record["program"])
        assert list(to_prefix(program)) == record["prefix_tokens"]
        assert list(to_postfix(program)) == record["postfix_tokens"]
        assert is_chain(program) is record["is_chain"]
        for tree in (from_prefix(record["prefix_tokens"]), from_postfix(record["postfix_tokens"])):
            assert program_to_json(tree) == record["prefix_to_list"]
    nested = fixture["nested_binary_in_first_argument"] + fixture["nested_binary_in_second_argument"]
    for tokens in nested:
        assert list(to_prefix(from_prefix(tokens))) == tokens
    for tokens in fixture["malformed_after_START_before_END"]:
        with pytest.raises(ProgramError):
            from_prefix(tokens)


def test_every_real_program_in_every_form(real_questions: list[Question], real_scenes: list[Scene]) -> None:
    scenes = {scene.image_filename: scene for scene in real_scenes}
    for question in real_questions:
        assert question.program is not None
        tree = from_prefix(to_prefix(question.program))
        assert from_postfix(to_postfix(question.program)) == tree
        assert set(to_prefix(question.program)) <= set(TOKENS)
        if is_chain(question.program):
            assert to_chain(question.program) == to_postfix(question.program)
        for program in (tree, merge_equal(tree)):
            assert execute(program, scenes[question.image_filename]) == question.answer


def test_the_arities_of_the_forty_tokens() -> None:
    assert [name for name in TOKENS if ARITIES[name] == 0] == ["scene"]
    binary = [name for name in TOKENS if ARITIES[name] == 2]
    assert binary == [
        "equal_color", "equal_integer", "equal_material", "equal_shape", "equal_size",
        "greater_than", "intersect", "less_than", "union",
    ]  # fmt: skip
    assert set(ARITIES) - set(TOKENS) == {"equal_object"}


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ([], "p is empty"),
        (["exist"], "p ends too early: token 0 (exist) still lacks its input."),
        (["union", "scene"], "token 0 (union) still lacks 1 of its 2 inputs."),
        (
            ["scene", "scene", "count"],
            "the tree is complete after 1 tokens, but 2 more follow: scene, count.",
        ),
        (
            ["count", "filter_color[rad]", "scene"],
            "token 1: 'filter_color[rad]' is no function of CLEVR; the nearest",
        ),
        (["count", "<END>", "scene"], "token 1: '<END>' is no function of CLEVR"),
        (
            ["count", "unique", "scene"],
            "p, node 2 (count): input 1 should be ObjectSet, node 1 (unique) is Object.",
        ),
        (["unique", "scene"], "p, node 1 (unique): the last node gives Object, which is no answer"),
    ],
)
def test_a_prefix_sequence_that_is_no_program(tokens: list[str], message: str) -> None:
    with pytest.raises(ProgramError) as error:
        from_prefix(tokens, "p")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ([], "p is empty"),
        (["count"], "token 0 (count) reads 1 input, but none comes before it."),
        (["scene", "union", "count"], "token 1 (union) reads 2 inputs, but only 1 comes before it."),
        (["scene", "count", "scene"], "nothing reads token 1 (count); only the last token may be a root."),
        (["scene", "query_size"], "p, node 1 (query_size): input 0 should be Object"),
    ],
)
def test_a_postfix_sequence_that_is_no_program(tokens: list[str], message: str) -> None:
    with pytest.raises(ProgramError) as error:
        from_postfix(tokens, "p")
    assert message in str(error.value)


def test_an_expression_may_end_in_objects() -> None:
    tokens = ("unique", "filter_color[red]", "scene")
    assert to_prefix(from_prefix(tokens, ends_in_answer=False)) == tokens
    assert to_postfix(from_postfix(tokens[::-1], ends_in_answer=False)) == tokens[::-1]


def test_only_a_chain_has_a_chain_form() -> None:
    with pytest.raises(ProgramError, match=r"p is no chain: node 1 \(union\) reads 2 inputs"):
        to_chain((Node("scene"), Node("union", (0, 0)), Node("count", (1,))), "p")


def test_sharing_that_would_fill_the_memory_is_an_error() -> None:
    program: list[Any] = [Node("scene"), *(Node("union", (i, i)) for i in range(60)), Node("count", (60,))]
    for to_form in (to_prefix, to_postfix, to_tree):
        with pytest.raises(ProgramError, match=f"more than {LONGEST} functions when written out"):
            to_form(tuple(program), "p")
    assert merge_equal(tuple(program)) == tuple(program)
