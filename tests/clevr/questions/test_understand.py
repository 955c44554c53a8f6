import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visreason.clevr.questions import QuestionEngine, own_templates, referring_templates
from visreason.clevr.questions.purpose import REFERRING
from visreason.clevr.questions.understand import find_program, find_programs, known_words
from visreason.clevr.questions.wording import parse_wording
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.errors import VocabularyError


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_every_question_of_the_engine_is_understood_and_as_nothing_else(seed: int) -> None:
    scene = sample_scene(scene_rng(seed, "val", 0), 0, "val")
    for question in QuestionEngine(seed=seed).generate([scene], 40):
        assert list(find_programs(question.text)) == [question.program], question.text


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 10_000))
def test_every_expression_of_the_engine_is_understood(seed: int) -> None:
    scene = sample_scene(scene_rng(seed, "val", 0), 0, "val")
    for expression in QuestionEngine(referring_templates(), seed=seed).generate([scene], 30):
        assert expression.program in list(find_programs(expression.text, REFERRING)), expression.text


def test_every_family_is_understood() -> None:
    scenes = [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(40)]
    asked = list(QuestionEngine(seed=0).generate(scenes, 30))
    assert {question.family for question in asked} == set(range(90))
    assert all(find_program(question.text) == question.program for question in asked)


@pytest.mark.parametrize(
    "text",
    [
        "how many red cubes are visible",
        "  How  many RED cubes are visible ?!",
        "How many red blocks are visible?",
    ],
)
def test_marks_capitals_blanks_and_synonyms_make_no_difference(text: str) -> None:
    assert find_program(text) == find_program("How many red cubes are visible?")


def test_british_spelling_and_the_wrong_article_are_understood() -> None:
    assert find_program("What colour does the grey cube have?") == find_program(
        "What color does the gray cube have?"
    )
    assert find_program("Is a object visible?") == find_program("Is an object visible?") is not None


@pytest.mark.parametrize(
    "text", ["", "?", "red", "cubes red many how", "How many red cubes are visible visible?"]
)
def test_what_is_worded_otherwise_is_not_understood(text: str) -> None:
    assert find_program(text) is None


def test_an_unknown_word_is_named_with_the_nearest() -> None:
    with pytest.raises(VocabularyError, match=r"the word 'cubez'; the nearest are 'cube', 'cubes'"):
        find_program("How many cubez are visible?")
    with pytest.raises(VocabularyError, match=r"has the word 'qqqq'\.$"):
        find_program("qqqq")


def test_slots_are_never_optional_in_our_wordings() -> None:
    for templates in (own_templates(), referring_templates()):
        for template in templates.templates:
            for text in template.texts:
                wording = parse_wording(text, template.domains, template.name)
                assert not any(optional and "%(" in part for optional, part in wording.parts)


def test_the_known_words_are_those_of_the_wordings() -> None:
    assert {"cubes", "balls", "shiny", "left"} <= known_words()
    assert "pyramid" not in known_words()
    assert "how" not in known_words(REFERRING)
