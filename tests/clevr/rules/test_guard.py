"""The guard against a plain reading of each rule: every way through a program, written out."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visreason.clevr.attributes import ATTRIBUTES, RELATIONS
from visreason.clevr.programs import Program
from visreason.clevr.questions import QuestionEngine
from visreason.clevr.rules import Rules
from visreason.clevr.sampling import sample_scene, scene_rng


def depth(program: Program, i: int) -> int:
    return 1 + max((depth(program, source) for source in program[i].inputs), default=0)


def alternatives(program: Program, i: int) -> list[set[str]]:
    """What is said of the objects that node i gives, one set for each way through the unions."""
    node = program[i]
    if node.function.startswith("filter_"):
        return [words | set(node.values) for words in alternatives(program, node.inputs[0])]
    if node.function == "unique":
        return alternatives(program, node.inputs[0])
    if node.function == "union":
        return [words for source in node.inputs for words in alternatives(program, source)]
    if node.function == "intersect":
        first, second = (alternatives(program, source) for source in node.inputs)
        return [one | other for one, other in product(first, second)]
    if node.function == "relate":
        return [set(node.values)]
    return [{node.function}] if node.function.startswith("same_") else [set()]


def combinations(program: Program) -> set[frozenset[str]]:
    """Every pair of words that the program says together."""
    found = set()
    for i, node in enumerate(program):
        said = alternatives(program, i)
        if node.function == "relate" or node.function.startswith("same_"):
            relation = node.values[0] if node.values else node.function
            said = said + [words | {relation} for words in alternatives(program, node.inputs[0])]
        found |= {frozenset(pair) for words in said for pair in product(words, words)}
    return found


@pytest.fixture(scope="module")
def programs() -> list[Program]:
    scenes = [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(40)]
    return [question.program for question in QuestionEngine().generate(scenes) if question.program]


WORDS = [word for words in ATTRIBUTES.values() for word in words]
ATTRIBUTE = {word: name for name, words in ATTRIBUTES.items() for word in words}
PAIRS = [(a, b) for a, b in product(WORDS, WORDS) if ATTRIBUTE[a] != ATTRIBUTE[b]]
RELATED = list(product((*RELATIONS, *(f"same_{name}" for name in ATTRIBUTES)), WORDS))


@settings(max_examples=60, deadline=None)
@given(kind=st.sampled_from(["pairs", "relations"]), sign=st.sampled_from(["=", "!="]), data=st.data())
def test_combinations_are_those_that_are_said(
    kind: str, sign: str, data: st.DataObject, programs: list[Program]
) -> None:
    pairs = data.draw(
        st.lists(st.sampled_from(PAIRS if kind == "pairs" else RELATED), min_size=1, max_size=3)
    )
    guard = Rules.parse([f"{kind}{sign}{','.join(map('+'.join, pairs))}"]).guard()
    assert guard is not None
    for program in programs:
        told = any(frozenset(pair) in combinations(program) for pair in pairs)
        assert bool(guard.broken_by(program)) == (told == (sign == "!="))


@pytest.mark.parametrize("limit", [3, 6, 9, 14])
def test_depth_is_that_of_the_longest_way(limit: int, programs: list[Program]) -> None:
    below, above = (Rules.parse([f"depth{sign}{limit}"]).guard() for sign in ("<=", ">="))
    assert below is not None
    assert above is not None
    for program in programs:
        deep = depth(program, len(program) - 1)
        assert bool(below.broken_by(program)) == (deep > limit)
        assert bool(above.broken_by(program)) == (deep < limit)


def test_what_was_refused_is_counted(programs: list[Program]) -> None:
    guard = Rules.parse(["depth<=1"]).guard()
    assert guard is not None
    trail = guard.along([("scene", ()), ("exist", ())], ())
    assert not guard.accepts(trail)
    assert not guard.may_go_on(trail, 3, times=4)
    assert guard.rejections == {"depth<=1": 5}
