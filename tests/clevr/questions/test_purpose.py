"""Expressions that refer to objects, and captions: what the engine makes for the other purposes."""

import re
from collections import Counter, defaultdict
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.executor import execute, outputs
from visreason.clevr.functions import Type
from visreason.clevr.masks import SceneMasks
from visreason.clevr.programs import check_program
from visreason.clevr.question import Question
from visreason.clevr.questions import QuestionEngine, Template, caption_templates, referring_templates
from visreason.clevr.questions.instantiate import is_degenerate
from visreason.clevr.questions.purpose import CAPTIONS, QUESTIONS, REFERRING
from visreason.clevr.scene import Scene
from visreason.errors import UsageError

from .conftest import RandomScene

ALL = (*referring_templates().templates, *caption_templates().templates)
FAMILIES = pytest.mark.parametrize("template", ALL, ids=lambda template: template.name)


@pytest.fixture(scope="module")
def engine() -> QuestionEngine:
    return QuestionEngine(referring_templates(), seed=3)


@pytest.fixture(scope="module")
def expressions(engine: QuestionEngine, scenes: list[Scene]) -> list[Question]:
    """2,500 expressions about one window of scenes."""
    return list(engine.generate(scenes[:250], 10))


def referent(expression: Question, scene: Scene) -> int:
    """The object an expression refers to."""
    assert expression.program is not None
    return int(outputs(expression.program, scene)[-1])


@FAMILIES
def test_every_family_is_said_in_several_ways(template: Template, clevr_words: set[str]) -> None:
    assert len(set(template.texts)) == len(template.texts) >= 3
    for text in template.texts:
        assert all(text.count(slot) == 1 for slot in template.domains), text
        words = re.sub(r"<[^>]*>s?", "", text).lower()
        assert set(re.findall(r"[a-z]+|[^a-z<>\[\] ]", words)) <= clevr_words, text


def test_families_have_what_stack_nmn_has_modules_for() -> None:
    functions = {node.name for template in referring_templates().templates for node in template.nodes}
    assert {"filter", "filter_unique", "relate", "relate_filter_unique", "intersect", "union"} <= functions
    assert {f"same_{name}" for name in ATTRIBUTES} <= functions
    assert {template.nodes[-1].function.output for template in referring_templates().templates} == {
        Type.OBJECT
    }


def test_nearly_every_scene_gets_all_its_expressions(expressions: list[Question]) -> None:
    counts = Counter(expression.image_index for expression in expressions)
    assert max(counts.values()) == 10
    assert sum(count == 10 for count in counts.values()) >= 247  # some have objects that nothing tells apart
    assert all(expression.answer is None for expression in expressions)
    for expression in expressions:
        assert expression.program is not None
        check_program(expression.program, ends_in_answer=False)
        assert expression.program[-1].function == "unique"


def test_each_refers_to_one_object_and_nothing_in_it_is_idle(
    expressions: list[Question], scenes: list[Scene]
) -> None:
    for expression in expressions:
        masks = SceneMasks(scenes[expression.image_index])
        assert expression.program is not None
        assert 0 <= referent(expression, masks.scene) < len(masks.scene)
        assert not is_degenerate(expression.program, masks, REFERRING.must_matter), expression.text


def test_expressions_of_a_scene_are_different(expressions: list[Question]) -> None:
    assert len({(expression.image_index, expression.program) for expression in expressions}) == len(
        expressions
    )


def test_expressions_and_captions_read_well(expressions: list[Question], scenes: list[Scene]) -> None:
    captions = QuestionEngine(caption_templates()).generate(scenes[:100], 5)
    for one in (*expressions, *captions):
        assert re.fullmatch(r"[A-Z][a-z]*(;? [a-z]+)*", one.text), one.text
        words = re.findall(r"[a-z]+", one.text.lower())
        for word, after in pairwise(words):
            assert word != after, one.text
            assert not (word == "a" and after[0] in "aeiou"), one.text
            assert not (word == "an" and after[0] not in "aeiou"), one.text


def test_families_are_balanced(expressions: list[Question]) -> None:
    counts = Counter(expression.family for expression in expressions)
    assert len(counts) == len(referring_templates().templates)
    assert max(counts.values()) - min(counts.values()) <= 0.25 * max(counts.values())


def test_objects_are_referred_to_evenly(expressions: list[Question], scenes: list[Scene]) -> None:
    times: dict[int, Counter[int]] = defaultdict(Counter)
    for expression in expressions:
        times[expression.image_index][referent(expression, scenes[expression.image_index])] += 1
    spread = [
        max(times[i][thing] for thing in range(len(scene)))
        - min(times[i][thing] for thing in range(len(scene)))
        for i, scene in enumerate(scenes[:250])
    ]
    assert sum(difference <= 1 for difference in spread) > 0.75 * len(spread)
    about = [(one, scenes[one.image_index]) for one in expressions]
    found = [scene.objects[referent(one, scene)] for one, scene in about]
    for name, words in ATTRIBUTES.items():
        shares = Counter(getattr(thing, name) for thing in found)
        own = Counter(dict.fromkeys(words, 0.0))
        for scene in scenes[:250]:
            for thing in scene.objects:
                own[getattr(thing, name)] += 10 / len(scene)
        assert all(abs(shares[word] - own[word]) < 0.03 * len(found) for word in words), name


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(1, 10))
def test_any_scene_is_spoken_of_truly(random_scene: RandomScene, seed: int, count: int) -> None:
    scene = random_scene(seed, count)
    for expression in QuestionEngine(referring_templates(), seed).generate([scene], 20):
        assert 0 <= referent(expression, scene) < count
    for caption in QuestionEngine(caption_templates(), seed).generate([scene], 14):
        assert caption.program is not None
        assert execute(caption.program, scene) == caption.answer == "yes"


def test_windows_know_nothing_of_each_other(engine: QuestionEngine, scenes: list[Scene]) -> None:
    few = scenes[250:260]
    assert engine.generate_window(few, 1, 3) == engine.generate_window(few, 1, 3)
    assert engine.generate_window(few, 1, 3) != engine.generate_window(few, 2, 3)
    other = QuestionEngine(referring_templates(), seed=4)
    assert engine.generate_window(few, 1, 3) != other.generate_window(few, 1, 3)


def test_more_than_there_are_families_is_an_error(engine: QuestionEngine) -> None:
    with pytest.raises(UsageError, match="34 referring expressions a scene from 33 families"):
        engine.generate_window([], 0, 34)


def test_purposes_have_texts_of_their_own() -> None:
    assert len({purpose.name for purpose in (QUESTIONS, REFERRING, CAPTIONS)}) == 3
