"""Layouts from encoded programs are those of the programs themselves."""

import numpy as np

from visreason.clevr.layouts import encode_layout, layout
from visreason.clevr.questions_file import iter_questions
from visreason.data.layout_rows import BEYOND, LayoutRows, fit_layout
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.metrics.layouts import score_layouts


def encoded(question):
    return np.array(CLEVR_VOCABULARY.encode_program(question.program), np.uint8)


def test_an_encoded_programs_layout_is_the_programs_own(tiny_data):
    rows = LayoutRows(CLEVR_VOCABULARY)
    for question in iter_questions(tiny_data / "questions/CLEVR_train_questions.json"):
        found = fit_layout(rows(encoded(question)), steps=9)
        assert found.tolist() == encode_layout(layout(question.program))


def test_equal_programs_share_a_layout_and_untold_ones_have_none(tiny_data):
    rows = LayoutRows(CLEVR_VOCABULARY)
    question = next(iter_questions(tiny_data / "questions/CLEVR_train_questions.json"))
    assert rows(encoded(question)) is rows(encoded(question))
    assert rows(None) is None
    assert rows(np.zeros(0, np.uint8)) is None
    assert fit_layout(None, steps=9) is None
    assert fit_layout(rows(encoded(question)), steps=None) is None


def test_no_plan_equals_a_layout_that_is_too_long():
    cut = fit_layout(np.array([1, 2, 7], np.uint8), steps=2)
    assert cut.tolist() == [1, BEYOND]
    scores = score_layouts([[1, 2], [1, 7]], [cut.tolist()] * 2, [0, 1], ends_in_answer=True)
    assert (scores.exact.value, scores.steps.value) == (0, 0.5)
