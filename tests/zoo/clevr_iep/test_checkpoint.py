"""What is and is not a checkpoint of clevr-iep."""

import json

import pytest
import torch

from visreason.errors import DataError, ModelError
from visreason.zoo.clevr_iep import convert
from visreason.zoo.clevr_iep.checkpoint import read_checkpoint


@pytest.fixture
def engine(shared):
    return shared / "fixtures" / "iep_execution_engine.pt"


def test_parts_that_were_not_trained_are_not_there(engine):
    checkpoint = read_checkpoint(engine)
    assert set(checkpoint.parts) == {"execution_engine"}
    assert checkpoint.vocabulary.functions[0] == "count"
    assert len(checkpoint.vocabulary.words) == 92


def test_a_vocabulary_with_more_words_may_stand_in(engine, shared, tmp_path):
    tables = json.loads((shared / "fixtures" / "vocab.json").read_text())
    tables["question_token_to_idx"]["whatever"] = 93
    (tmp_path / "vocab.json").write_text(json.dumps(tables))
    assert read_checkpoint(engine, tmp_path / "vocab.json").vocabulary.words[-1] == "whatever"


def test_a_vocabulary_of_other_answers_may_not(engine, shared):
    with pytest.raises(ModelError, match="other functions"):
        read_checkpoint(engine, shared / "fixtures" / "prep_vocab.json")


def test_a_vocabulary_that_is_none_is_an_error(engine, tmp_path):
    (tmp_path / "vocab.json").write_text("[]")
    with pytest.raises(DataError, match="question_token_to_idx"):
        read_checkpoint(engine, tmp_path / "vocab.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"weight": torch.zeros(2)}, "a mapping with 'weight', not a checkpoint of clevr-iep"),
        ([1, 2], "a list, not a checkpoint"),
        ({"execution_engine_state": None, "execution_engine_kwargs": None}, "without any network"),
    ],
)
def test_other_files_are_errors(content, message, tmp_path):
    torch.save(content, tmp_path / "other.pt")
    with pytest.raises(ModelError, match=message):
        convert(tmp_path / "other.pt")
