"""Tables of referring expressions, of our files and of CLEVR-Ref's form."""

import json
import pickle

import numpy as np
import pytest

from visreason.data.expression_table import open_expression_table
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.errors import DataError, VocabularyError

RECORD = {
    "question": "The red ball",
    "image_filename": "CLEVR_loc_train_000007.png",
    "bbox": [8, 5, 20, 21],
    "answer": "yes",
    "program": [
        {"type": "scene", "inputs": [], "value_inputs": []},
        {"type": "filter_color", "inputs": [0], "value_inputs": ["red"]},
        {"type": "unique", "inputs": [1], "value_inputs": []},
    ],
}


@pytest.fixture
def write(tmp_path):
    def make(*records, info=None):
        path = tmp_path / "CLEVR_loc_train_questions.json"
        path.write_text(json.dumps({"info": info or {}, "questions": records}))
        return path

    return make


def test_a_table_holds_what_the_file_says(write):
    other = RECORD | {"question_index": 9, "template": "or/1", "image_index": 3, "image_filename": "a.png"}
    table = open_expression_table(write(RECORD, other, info={"image_size": [96, 64]}), CLEVR_VOCABULARY)
    assert (len(table), table.frame, table.images) == (2, (64, 96), ("CLEVR_loc_train_000007.png", "a.png"))
    assert table.box_Q4[0].tolist() == [8, 5, 20, 21]
    assert [CLEVR_VOCABULARY.words[word - 1] for word in table.words(1)] == ["the", "red", "ball"]
    functions = CLEVR_VOCABULARY.decode_program(table.program(0).tolist())
    assert functions == ("unique", "filter_color[red]", "scene")
    assert (table.type(0), table.type(1)) == (None, "or")
    assert table.image_index_Q.tolist() == [7, 3]
    assert table.index_Q.tolist() == [0, 9]


def test_clevr_refs_images_have_clevrs_size(write):
    assert open_expression_table(write(RECORD), CLEVR_VOCABULARY).frame == (320, 480)


def test_a_table_travels_to_another_process(write):
    table = open_expression_table(write(RECORD), CLEVR_VOCABULARY)
    assert np.array_equal(pickle.loads(pickle.dumps(table)).words_T, table.words_T)


def test_what_cannot_be_learnt_is_named(write):
    without = {key: value for key, value in RECORD.items() if key != "bbox"}
    with pytest.raises(DataError, match="expression 0 has no box"):
        open_expression_table(write(without), CLEVR_VOCABULARY)
    with pytest.raises(VocabularyError, match="'violet' is not among"):
        open_expression_table(write(RECORD | {"question": "The violet ball"}), CLEVR_VOCABULARY)
    with pytest.raises(DataError, match="holds no expressions"):
        open_expression_table(write(), CLEVR_VOCABULARY)
