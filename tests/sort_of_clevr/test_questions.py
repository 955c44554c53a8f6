import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visreason.clevr.sampling import scene_rng
from visreason.errors import DataError
from visreason.sort_of_clevr.questions import (
    ANSWERS,
    BITS,
    FLAT_QUESTIONS,
    QUESTION_GROUPS,
    FlatQuestion,
    choose_questions,
)
from visreason.sort_of_clevr.scene import COLORS, FlatScene, Thing, sample_flat_scene

KINDS = ("square", "circle", "circle", "square", "circle", "circle")
SHAPES = dict(zip(COLORS, KINDS, strict=True))
PLACES = dict(zip(COLORS, ((10, 10), (30, 10), (10, 36), (60, 60), (38, 37), (37, 38)), strict=True))


@pytest.fixture
def known() -> FlatScene:
    things = tuple(Thing(color, SHAPES[color], *PLACES[color]) for color in COLORS)
    return FlatScene(things, 0, "CLEVR_val_000000.png", "val")


@pytest.mark.parametrize(
    ("kind", "color", "answer"),
    [
        ("own_shape", "red", "square"),
        ("own_shape", "gray", "circle"),
        ("is_left", "yellow", "yes"),  # x = 37 is left of the middle, 37.5
        ("is_left", "gray", "no"),
        ("is_above", "gray", "yes"),
        ("is_above", "yellow", "no"),
        ("closest_shape", "red", "circle"),  # green, 20 away
        ("furthest_shape", "red", "square"),  # orange
        ("furthest_shape", "orange", "square"),  # red
        ("same_shape_count", "red", "2"),  # itself and orange
        ("same_shape_count", "blue", "4"),
    ],
)
def test_answers_of_a_scene_made_by_hand(known: FlatScene, kind: str, color: str, answer: str) -> None:
    assert FlatQuestion(kind, color).answer(known) == answer


def test_a_tie_between_shapes_has_no_answer() -> None:
    places = {**PLACES, "green": (10, 25), "orange": (25, 10)}
    things = tuple(Thing(color, SHAPES[color], *places[color]) for color in COLORS)
    scene = FlatScene(things, 0, "CLEVR_val_000000.png", "val")
    assert FlatQuestion("closest_shape", "red").answer(scene) is None
    asked = choose_questions(scene, np.random.default_rng(0), 18)
    assert len(asked) == 35
    assert all(question != FlatQuestion("closest_shape", "red") for question, _ in asked)


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_every_answer_is_the_one_that_measuring_gives(seed: int) -> None:
    scene = sample_flat_scene(scene_rng(seed, "val", 0), 0, "val")
    for question in FLAT_QUESTIONS:
        thing = scene.of(question.color)
        others = [other for other in scene.things if other.color != thing.color]
        far = {other.color: math.dist((thing.x, thing.y), (other.x, other.y)) for other in others}
        answer = question.answer(scene)
        assert answer is None or answer in ANSWERS
        if question.type in ("closest_shape", "furthest_shape"):
            wanted = (min if question.type == "closest_shape" else max)(far.values())
            assert {answer} == {o.shape for o in others if far[o.color] == wanted} or answer is None
        elif question.type == "same_shape_count":
            assert int(str(answer)) == 1 + [other.shape for other in others].count(thing.shape)


def test_all_questions_have_their_own_bits_and_words() -> None:
    assert len(FLAT_QUESTIONS) == 36
    assert len({question.text for question in FLAT_QUESTIONS}) == 36
    assert len({tuple(question.bits()) for question in FLAT_QUESTIONS}) == 36
    for question in FLAT_QUESTIONS:
        assert question.bits().sum() == 3
        assert FlatQuestion.from_bits(question.bits()) == question
        assert FlatQuestion.from_bits(question.bits().astype(np.float32)) == question
        assert question.bits()[len(COLORS) + question.relational] == 1


@pytest.mark.parametrize(
    "bits", [[], [1] * BITS, [0] * BITS, [1, 0, 0, 0, 0, 0, 1, 0, 1, 1, 0], [2] + [0] * 10]
)
def test_bits_that_stand_for_nothing_are_refused(bits: list[int]) -> None:
    with pytest.raises(DataError, match=r"image 3 should be 11 bits"):
        FlatQuestion.from_bits(np.array(bits), "image 3")


def test_so_many_different_questions_of_each_group() -> None:
    rng = np.random.default_rng(0)
    asked = choose_questions(sample_flat_scene(rng, 0, "val"), rng, 10)
    assert len({question for question, _ in asked}) == 20
    assert [question.relational for question, _ in asked] == [True] * 10 + [False] * 10


def test_all_types_are_asked_as_often() -> None:
    counts: Counter[str] = Counter()
    for index in range(300):
        rng = scene_rng(0, "val", index)
        asked = choose_questions(sample_flat_scene(rng, index, "val"), rng, 10)
        counts.update(question.type for question, _ in asked)
    assert set(counts) == {kind for kinds in QUESTION_GROUPS.values() for kind in kinds}
    assert max(counts.values()) < 1.1 * min(counts.values())
