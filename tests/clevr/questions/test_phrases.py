from pathlib import Path
from typing import Any

import pytest

from visreason.clevr.executor import execute
from visreason.clevr.program_forms import from_prefix
from visreason.clevr.programs import Program
from visreason.clevr.questions import QuestionEngine
from visreason.clevr.questions.phrases import FORMS, phrase_words, read_freely
from visreason.clevr.questions.understand import find_program
from visreason.clevr.questions_file import iter_questions
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.errors import ProgramError, VocabularyError


def meaning(program: Program, node: int = -1) -> Any:
    """A program up to the order of filters and of branches that may change places."""
    here = program[node]
    if here.function.startswith("filter"):
        filters = []
        while program[node].function.startswith("filter"):
            filters.append((program[node].function, program[node].values))
            node = program[node].inputs[0]
        return ("filters", tuple(sorted(filters)), meaning(program, node))
    inputs = [meaning(program, source) for source in here.inputs]
    if here.function in ("union", "intersect") or here.function.startswith("equal"):
        inputs.sort(key=repr)
    return (here.function, here.values, tuple(inputs))


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        (
            "Is any ball the same color as the cube?",
            "exist filter_shape[sphere] same_color unique filter_shape[cube] scene",
        ),
        ("How many red cubes are there?", "count filter_shape[cube] filter_color[red] scene"),
        ("Is there anything else?", "exist scene"),
        ("What color is the big ball?", "query_color unique filter_shape[sphere] filter_size[large] scene"),
        (
            "How many things are left of the cube?",
            "count relate[left] unique filter_shape[cube] scene",
        ),
        (
            "Is there a cube left of the ball and behind the cylinder?",
            "exist filter_shape[cube] intersect relate[left] unique filter_shape[sphere] scene "
            "relate[behind] unique filter_shape[cylinder] scene",
        ),
        (
            "What is the ball left of the cube behind the cylinder made of?",
            "query_material unique filter_shape[sphere] relate[left] unique filter_shape[cube] "
            "relate[behind] unique filter_shape[cylinder] scene",
        ),
        (
            "There is a red ball; how many other things have the same size as it?",
            "count same_size unique filter_shape[sphere] filter_color[red] scene",
        ),
        (
            "There is a cube; is its color the same as that of the ball?",
            "equal_color query_color unique filter_shape[cube] scene query_color unique filter_shape[sphere] scene",
        ),
        (
            "Are there more tiny cubes than balls?",
            "greater_than count filter_shape[cube] filter_size[small] scene count filter_shape[sphere] scene",
        ),
        (
            "How many things are either red cubes or blue balls?",
            "count union filter_shape[cube] filter_color[red] scene filter_shape[sphere] filter_color[blue] scene",
        ),
    ],
)
def test_what_people_type_is_understood(text: str, tokens: str) -> None:
    program = find_program(text)
    assert program is not None
    assert meaning(program) == meaning(from_prefix(tuple(tokens.split()), text))


@pytest.mark.parametrize(
    "file", ["clevr_real_val_questions/questions/CLEVR_val", "clevr_real/questions/CLEVR_train"]
)
def test_the_questions_of_clevr_itself_are_understood(shared: Path, file: str) -> None:
    count = 0
    for question in iter_questions(shared / "data" / f"{file}_questions.json"):
        assert question.program is not None
        program = find_program(question.text)
        assert program is not None, question.text
        assert meaning(program) == meaning(question.program), question.text
        count += 1
    assert count >= 500


def test_the_engines_own_questions_are_never_misread() -> None:
    scenes = [sample_scene(scene_rng(5, "val", i), i, "val") for i in range(30)]
    understood = 0
    for question in QuestionEngine(seed=5).generate(scenes, 20):
        words = tuple(
            "a" if word == "an" else word
            for word in question.text.lower().replace("?", "").replace(";", "").split()
        )
        program = read_freely(words)
        if program is None:
            continue
        understood += 1
        try:
            assert execute(program, scenes[question.image_index]) == question.answer, question.text
        except ProgramError:
            pytest.fail(f"read as an ill-posed question: {question.text}")
    assert understood > 200


def test_what_clevr_cannot_say_is_not_taken_for_what_it_can() -> None:
    for text in ("Are all cubes red?", "Are all the cubes the same color as the ball?", "Is no cube red?"):
        with pytest.raises(VocabularyError, match=r"has the word '(all|no)'"):
            find_program(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "how many",
        "is it red",
        "how many it are there",
        "does the ball",
        "what color is",
        "are there more cubes than",
    ],
)
def test_what_is_no_question_is_not_understood(text: str) -> None:
    assert read_freely(tuple(text.split())) is None


def test_long_texts_that_can_be_read_in_many_ways_are_read_at_once() -> None:
    again = "ball left of the ball and left of the "
    assert read_freely(tuple(f"is there a {again * 40} cube or".split())) is None
    assert read_freely(tuple(f"how many balls are {'left of the ball ' * 60}".split())) is not None


def test_every_form_makes_a_program_and_its_words_are_known() -> None:
    for form, template in FORMS:
        said = {"S": ("filter_shape[cube]", "scene"), "T": ("scene",), "it": ("scene",)}
        tokens = [
            one for token in template.split() for one in said.get(token, (token.replace("_P", "_color"),))
        ]
        assert from_prefix(tuple(tokens), form)
        assert {word.strip("?") for part in form.split() for word in part.split("|")} - {"S", "T", "P"} <= {
            word.strip("?") for word in phrase_words()
        }
