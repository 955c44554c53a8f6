"""Layouts from encoded programs are those of the programs themselves."""

import numpy as np
import pytest

from visreason.clevr.layouts import encode_layout, layout
from visreason.clevr.questions_file import iter_questions
from visreason.data.layout_rows import LayoutRows
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.errors import ProgramError


def encoded(question):
    return np.array(CLEVR_VOCABULARY.encode_program(question.program), np.uint8)


def test_an_encoded_programs_layout_is_the_programs_own(tiny_data):
    rows = LayoutRows(CLEVR_VOCABULARY, steps=9)
    for question in iter_questions(tiny_data / "questions/CLEVR_train_questions.json"):
        assert rows(encoded(question)).tolist() == encode_layout(layout(question.program))


def test_equal_programs_share_a_layout_and_untold_ones_have_none(tiny_data):
    rows = LayoutRows(CLEVR_VOCABULARY, steps=9)
    question = next(iter_questions(tiny_data / "questions/CLEVR_train_questions.json"))
    assert rows(encoded(question)) is rows(encoded(question))
    assert rows(None) is None
    assert rows(np.zeros(0, np.uint8)) is None


def test_a_network_of_too_few_steps_is_refused(tiny_data):
    rows = LayoutRows(CLEVR_VOCABULARY, steps=1)
    question = next(iter_questions(tiny_data / "questions/CLEVR_train_questions.json"))
    with pytest.raises(ProgramError, match="question 4: its layout needs"):
        rows(encoded(question), "question 4")
