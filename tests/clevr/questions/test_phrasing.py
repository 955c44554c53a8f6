from itertools import islice

import pytest

from visreason.clevr.executor import execute
from visreason.clevr.program_forms import from_prefix
from visreason.clevr.question import Question
from visreason.clevr.questions import QuestionEngine, own_templates
from visreason.clevr.questions.instantiate import expand
from visreason.clevr.questions.phrasing import Phraser, fill
from visreason.clevr.scene import Scene
from visreason.data.vocabulary import CLEVR_VOCABULARY

PROGRAM = from_prefix(("count", "filter_shape[cube]", "filter_color[red]", "scene"))


@pytest.fixture(scope="module")
def phraser() -> Phraser:
    return Phraser()


def test_every_question_of_the_engine_can_be_asked_again_in_other_words(
    phraser: Phraser, some_scenes: list[Scene]
) -> None:
    for question in QuestionEngine(seed=1).generate(some_scenes):
        assert question.program is not None
        said = list(islice(phraser.phrasings(question.program), 8))
        assert len(said) > 1
        assert len(set(said)) == len(said)
        for text in said:
            CLEVR_VOCABULARY.encode(text)


def test_a_template_filled_from_a_program_stands_for_it(
    scenes: list[Scene], questions: list[Question]
) -> None:
    templates = {template.family: template for template in own_templates().templates}
    for question in questions[::17]:
        assert question.program is not None
        assert question.family is not None
        template = templates[question.family]
        choices = fill(template, question.program)
        assert choices is not None
        again = expand(template.nodes, choices)
        assert sorted(map(str, (node.values for node in again))) == sorted(
            map(str, (node.values for node in question.program))
        )
        assert execute(again, scenes[question.image_index]) == question.answer


def test_the_order_of_filters_does_not_matter(phraser: Phraser) -> None:
    other = from_prefix(("count", "filter_color[red]", "filter_shape[cube]", "scene"))
    fitting = [template for template in own_templates().templates if fill(template, PROGRAM) is not None]
    assert [fill(template, other) for template in fitting] == [
        fill(template, PROGRAM) for template in fitting
    ]
    assert "How many red cubes are visible?" in set(phraser.phrasings(other))


def test_the_sentences_are_those_of_the_program_alone(phraser: Phraser) -> None:
    said = list(phraser.phrasings(PROGRAM))
    assert all("red" in text and ("cube" in text or "block" in text) for text in said)
    assert said == list(Phraser().phrasings(PROGRAM))
    assert said != list(phraser.phrasings(PROGRAM, seed=1))


@pytest.mark.parametrize(
    "tokens",
    [
        ("exist", "union", "filter_color[red]", "scene", "scene"),  # no template asks for it
        ("count", "filter_color[red]", "filter_color[blue]", "scene"),  # one slot, two words
        ("exist", "relate[left]", "unique", "same_color", "unique", "scene"),
    ],
)
def test_what_no_template_asks_for_has_no_words(phraser: Phraser, tokens: tuple[str, ...]) -> None:
    assert list(phraser.phrasings(from_prefix(tokens))) == []
