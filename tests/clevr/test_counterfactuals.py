from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.clevr.test_counterfactual_edits import check_placement

from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.counterfactual_edits import EDITS, apply_edit
from visreason.clevr.counterfactuals import MinimalPair, changing_edits, minimal_pairs
from visreason.clevr.executor import execute
from visreason.clevr.programs import Node, question_type
from visreason.clevr.question import Question
from visreason.clevr.questions import QuestionEngine
from visreason.clevr.sampling import MIN_VISIBLE, Attributes, cogent, sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.clevr.visibility import visible_pixels
from visreason.errors import DataError, ProgramError, UsageError

Asked = list[tuple[Scene, list[Question]]]


def ask(seed: int, count: int, questions: int = 10) -> Asked:
    """Made scenes, each with questions about it."""
    scenes = [sample_scene(scene_rng(seed, "val", i), i, "val") for i in range(count)]
    found: Asked = [(scene, []) for scene in scenes]
    for question in QuestionEngine(seed=seed).generate(scenes, questions):
        found[question.image_index][1].append(question)
    return found


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 12))
def test_pairs_are_what_they_say(seed: int, wanted: int) -> None:
    asked = ask(seed, 2)
    pairs = list(minimal_pairs(asked, wanted, np.random.default_rng(seed)))
    assert len(pairs) == 2 * wanted
    for pair in pairs:
        scene = asked[pair.question.image_index][0]
        assert pair.question in asked[pair.question.image_index][1]
        assert pair.scene == apply_edit(scene, pair.edit)
        assert pair.before == pair.question.answer == execute(pair.question.program, scene)
        assert pair.after == execute(pair.question.program, pair.scene)
        assert pair.changes == (pair.after != pair.before)
        assert 3 <= len(pair.scene) <= 10
        check_placement(pair.scene)
        assert visible_pixels(pair.scene).min() >= MIN_VISIBLE
    keys = [(pair.question.index, repr(pair.edit)) for pair in pairs]
    assert len(set(keys)) == len(keys)
    order = [pair.question.index for pair in pairs]
    assert order == sorted(order)


@pytest.fixture(scope="module")
def many() -> list[MinimalPair]:
    return list(minimal_pairs(ask(0, 60), 6, np.random.default_rng(0)))


def test_changing_and_staying_answers_are_in_balance(many: list[MinimalPair]) -> None:
    assert len(many) == 360
    balance = Counter((question_type(pair.question.program), pair.changes) for pair in many)
    for asks in {asks for asks, _ in balance}:
        assert abs(balance[asks, True] - balance[asks, False]) <= 1


def test_every_kind_of_edit_is_used_for_both(many: list[MinimalPair]) -> None:
    used = Counter((pair.edit.kind, pair.changes) for pair in many)
    assert set(used) == {(kind, changes) for kind in EDITS for changes in (True, False)}
    assert min(used.values()) > 180 / len(EDITS) / 3


def test_questions_are_asked_in_turn() -> None:
    (scene, questions), *_ = ask(4, 1)
    pairs = list(minimal_pairs([(scene, questions)], 10, np.random.default_rng(0)))
    times = Counter(pair.question.index for pair in pairs)
    assert max(times.values()) <= 2
    assert len(times) >= 7


def test_real_questions_have_pairs_too(real_scenes: list[Scene], real_questions: list[Question]) -> None:
    scene = real_scenes[0]
    questions = [one for one in real_questions if one.image_filename == scene.image_filename]
    pairs = list(minimal_pairs([(scene, questions)], 8, np.random.default_rng(0)))
    assert len(pairs) == 8
    for pair in pairs:
        assert (pair.before, pair.after) == (pair.question.answer, execute(pair.question.program, pair.scene))
        check_placement(pair.scene)


def test_the_same_random_numbers_give_the_same_pairs() -> None:
    asked = ask(5, 2)
    one, same, other = (list(minimal_pairs(asked, 3, np.random.default_rng(seed))) for seed in (0, 0, 1))
    assert one == same != other


def test_limits_and_what_is_allowed_are_kept() -> None:
    scenes = [sample_scene(scene_rng(6, "val", i), i, "val", 4, 5, rule=cogent("A")) for i in range(3)]

    def obeys(scene: Scene) -> bool:
        words = [Attributes(*(getattr(thing, name) for name in ATTRIBUTES)) for thing in scene.objects]
        return all(map(cogent("A"), words))

    asked = [(scene, list(QuestionEngine().generate([scene]))) for scene in scenes]
    rng = np.random.default_rng(0)
    pairs = list(minimal_pairs(asked, 12, rng, min_objects=4, max_objects=5, allowed=obeys))
    assert len(pairs) > 30
    assert all(4 <= len(pair.scene) <= 5 and obeys(pair.scene) for pair in pairs)
    assert {"add", "remove", "color", "shape"} <= {pair.edit.kind for pair in pairs}


def test_fewer_pairs_where_no_more_are_found() -> None:
    scene = sample_scene(scene_rng(0, "val", 0), 0, "val", 3, 3)
    program = (Node("scene"), Node("exist", (0,)))
    question = Question("Is there a thing?", "yes", program, None, 0, 0, scene.image_filename, "val")
    pairs = list(minimal_pairs([(scene, [question])], 5, np.random.default_rng(0)))
    assert 0 < len(pairs) < 5
    assert not any(pair.changes for pair in pairs)


def test_no_question_gives_no_pair() -> None:
    scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
    assert list(minimal_pairs([(scene, [])], 5, np.random.default_rng(0))) == []


def test_errors_say_what_is_wrong() -> None:
    (scene, questions), *_ = ask(0, 1)
    rng = np.random.default_rng(0)
    with pytest.raises(UsageError, match="at least one minimal pair; asked for 0"):
        list(minimal_pairs([], 0, rng))
    with pytest.raises(DataError, match=r"question 0 about CLEVR_val_000000.png has no program"):
        list(minimal_pairs([(scene, [replace(questions[0], program=None)])], 1, rng))
    program = (Node("scene"), Node("unique", (0,)), Node("query_color", (1,)))
    with pytest.raises(ProgramError, match=r"question 0 about CLEVR_val_000000.png: node 1 \(unique\)"):
        list(minimal_pairs([(scene, [replace(questions[0], program=program)])], 1, rng))


def test_what_would_change_the_answer_is_one_valid_edit_of_each_kind_that_does() -> None:
    kinds: set[str] = set()
    for scene, questions in ask(3, 3):
        for question in questions:
            pairs = list(changing_edits(scene, question, np.random.default_rng(0)))
            assert len({pair.edit.kind for pair in pairs}) == len(pairs)
            for pair in pairs:
                assert question.program is not None
                assert (pair.before, pair.after) == (question.answer, execute(question.program, pair.scene))
                assert pair.changes
                assert visible_pixels(pair.scene).min() >= MIN_VISIBLE
                assert pair.scene == apply_edit(scene, pair.edit)
            kinds |= {pair.edit.kind for pair in pairs}
    assert kinds == set(EDITS)


def test_an_ill_posed_question_has_no_answer_to_change() -> None:
    scene, questions = ask(3, 1)[0]
    program = (Node("scene"), Node("unique", (0,)), Node("query_color", (1,)))
    with pytest.raises(ProgramError, match="ill-posed"):
        list(changing_edits(scene, replace(questions[0], program=program), np.random.default_rng(0)))
