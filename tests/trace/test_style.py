import pytest

from visreason.trace.schema import Candidate, Step, Trace
from visreason.trace.style import answer_text, relational_step, word_shares


def test_word_shares_are_relative_to_the_strongest(grid):
    assert word_shares(grid) == pytest.approx([0.05, 0.0, 1.0, -0.5])


def test_attention_of_another_length_is_left_out():
    step = Step(name="question", text_attention=(1.0,))
    assert word_shares(Trace(family="x", steps=(step,), words=("a", "b"))) == [0.0, 0.0]


def test_several_steps_add_up():
    steps = (Step(name="a", text_attention=(1.0, 0.0)), Step(name="b", text_attention=(1.0, 1.0)))
    assert word_shares(Trace(family="x", steps=steps, words=("a", "b"))) == [1.0, 0.5]


def test_an_answer_without_a_vocabulary_is_its_class():
    assert answer_text(Candidate(index=4, probability=1.0)) == "class 4"


def test_the_last_step_with_something_on_the_image_is_shown(grid):
    assert relational_step(grid) is grid.steps[1]
    assert relational_step(Trace(family="x", steps=(Step(name="a"),))) is None


def test_words_that_all_count_the_same_are_not_tinted():
    steps = tuple(
        Step(name="word", text_attention=tuple(float(place == word) for place in range(3)))
        for word in range(3)
    )
    assert word_shares(Trace(family="x", steps=steps, words=("a", "b", "c"))) == [0, 0, 0]
