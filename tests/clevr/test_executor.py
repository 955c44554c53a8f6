import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visreason.clevr.answers import ANSWERS
from visreason.clevr.attributes import ATTRIBUTES, RELATIONS
from visreason.clevr.executor import RULES, execute, outputs
from visreason.clevr.functions import FUNCTIONS, VALUE_DOMAINS, Type
from visreason.clevr.masks import SceneMasks, indices
from visreason.clevr.programs import Node, Program, check_program
from visreason.clevr.question import Question
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.errors import ProgramError

SCENES = [sample_scene(scene_rng(2, "val", i), i, "val") for i in range(25)]


def plain_outputs(program: Program, scene: Scene) -> list[Any]:
    """The slow reference over lists of indices, straight from the meaning of every function."""
    found: list[Any] = []
    everyone = range(len(scene))
    for node in program:
        given_ = [found[source] for source in node.inputs]
        stem, _, name = node.function.partition("_")
        match stem, name:
            case "scene", _:
                value: Any = list(everyone)
            case "filter", _:
                value = [i for i in given_[0] if getattr(scene.objects[i], name) == node.values[0]]
            case "unique", _:
                if len(given_[0]) != 1:
                    raise ProgramError("not unique")
                value = given_[0][0]
            case "relate", _:
                value = [i for i in everyone if i in scene.relationships[node.values[0]][given_[0]]]
            case "same", _:
                own = getattr(scene.objects[given_[0]], name)
                value = [i for i in everyone if i != given_[0] and getattr(scene.objects[i], name) == own]
            case "union", _:
                value = sorted({*given_[0], *given_[1]})
            case "intersect", _:
                value = [i for i in given_[0] if i in given_[1]]
            case "count", _:
                value = len(given_[0])
            case "exist", _:
                value = len(given_[0]) > 0
            case "query", _:
                value = getattr(scene.objects[given_[0]], name)
            case "equal", _:
                value = given_[0] == given_[1]
            case "less", _:
                value = given_[0] < given_[1]
            case "greater", _:
                value = given_[0] > given_[1]
        found.append(value)
    return found


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Well-typed programs of every form: any function whose inputs can be met by what is already there."""
    nodes = [Node("scene")]
    for _ in range(draw(st.integers(1, 12))):
        kinds = [FUNCTIONS[node.function].output for node in nodes]
        possible = [f for f in FUNCTIONS.values() if all(kind in kinds for kind in f.inputs)]
        function = draw(st.sampled_from(possible))
        inputs = [
            draw(st.sampled_from([i for i, own in enumerate(kinds) if own is kind]))
            for kind in function.inputs
        ]
        values = [draw(st.sampled_from(VALUE_DOMAINS[domain])) for domain in function.values]
        nodes.append(Node(function.name, tuple(inputs), tuple(values)))
    return tuple(nodes)


def test_every_function_has_a_rule() -> None:
    assert set(RULES) == set(FUNCTIONS)


def test_agrees_with_every_stored_answer_of_real_questions(
    real_questions: list[Question], real_scenes: list[Scene]
) -> None:
    scenes = {scene.image_filename: SceneMasks(scene) for scene in real_scenes}
    assert len(real_questions) == 1100
    for question in real_questions:
        assert question.program is not None
        assert execute(question.program, scenes[question.image_filename]) == question.answer, question.text


@given(programs(), st.sampled_from(SCENES))
def test_every_node_agrees_with_the_plain_executor(program: Program, scene: Scene) -> None:
    try:
        expected = plain_outputs(program, scene)
    except ProgramError:
        with pytest.raises(ProgramError, match=r"node \d+ \(unique\): needs exactly one object"):
            outputs(program, scene)
    else:
        found = [
            list(indices(int(value))) if FUNCTIONS[node.function].output is Type.OBJECT_SET else value
            for node, value in zip(program, outputs(program, scene), strict=True)
        ]
        assert found == expected


@given(
    st.sampled_from(SCENES),
    st.fixed_dictionaries({}, optional={name: st.sampled_from(words) for name, words in ATTRIBUTES.items()}),
)
def test_filtering_and_counting_is_counting_by_hand(scene: Scene, wanted: dict[str, str]) -> None:
    nodes = [Node("scene")]
    for name, word in wanted.items():
        nodes.append(Node(f"filter_{name}", (len(nodes) - 1,), (word,)))
    nodes.append(Node("count", (len(nodes) - 1,)))
    check_program(tuple(nodes))
    by_hand = sum(
        all(getattr(thing, name) == word for name, word in wanted.items()) for thing in scene.objects
    )
    assert execute(tuple(nodes), scene) == str(by_hand)


@given(
    st.sampled_from(SCENES), *[st.sampled_from(words) for words in (ATTRIBUTES["color"], ATTRIBUTES["shape"])]
)
def test_union_and_intersection_share_out_their_members(scene: Scene, color: str, shape: str) -> None:
    program = (
        Node("scene"),
        Node("filter_color", (0,), (color,)),
        Node("filter_shape", (0,), (shape,)),
        Node("union", (1, 2)),
        Node("intersect", (1, 2)),
        Node("union", (2, 1)),
        Node("intersect", (1, 3)),
        Node("union", (1, 4)),
    )
    _, some, others, either, both, mirrored, absorbed, absorbing = (int(v) for v in outputs(program, scene))
    assert either.bit_count() + both.bit_count() == some.bit_count() + others.bit_count()
    assert either == mirrored
    assert absorbed == absorbing == some


@given(st.sampled_from(SCENES), st.sampled_from(RELATIONS))
def test_relate_and_same_leave_out_the_object_itself(scene: Scene, relation: str) -> None:
    masks = SceneMasks(scene)
    for i in range(len(scene)):
        assert i not in indices(RULES["relate"](masks, [i], (relation,)))
        for name in ATTRIBUTES:
            assert i not in indices(RULES[f"same_{name}"](masks, [i], ()))


def test_answers_are_clevrs_words(made_scenes: list[Scene]) -> None:
    scene = made_scenes[0]
    count, exist = (execute((Node("scene"), Node(last, (0,))), scene) for last in ("count", "exist"))
    assert (count, exist) == (str(len(scene)), "yes")
    assert count in ANSWERS


def test_unique_of_several_names_node_and_objects(made_scenes: list[Scene]) -> None:
    scene = next(scene for scene in made_scenes if len(scene) == 3)
    with pytest.raises(
        ProgramError, match=re.escape("node 1 (unique): needs exactly one object, got 3 (0, 1, 2)")
    ):
        outputs((Node("scene"), Node("unique", (0,))), scene)


def test_what_gives_no_answer_or_is_unknown_is_refused(made_scenes: list[Scene]) -> None:
    with pytest.raises(ProgramError, match=re.escape(f"node 0 (scene) gives {Type.OBJECT_SET}")):
        execute((Node("scene"),), made_scenes[0])
    with pytest.raises(ProgramError, match=re.escape("node 0 (guess): unknown function")):
        execute((Node("guess"),), made_scenes[0])
