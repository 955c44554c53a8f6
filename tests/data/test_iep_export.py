from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from visreason.clevr.folder import ClevrFolder
from visreason.data.iep_export import export_questions, iter_texts, vocabulary_of_questions
from visreason.data.vocabulary import CLEVR_VOCABULARY, Vocabulary
from visreason.errors import DataError, ProgramError, VocabularyError
from visreason.files import read_json, write_json


def content(path: Path) -> dict[str, tuple[str, Any]]:
    """Every dataset with its type."""
    with h5py.File(path) as file:
        return {name: (str(values.dtype), values[:].tolist()) for name, values in file.items()}


@pytest.mark.parametrize(
    ("reference", "form", "vocabulary"),
    [
        ("prep_prefix", "prefix", "prep_vocab"),
        ("prep_postfix", "postfix", "prep_vocab"),
        ("prep_prefix_fullvocab", "prefix", "vocab"),
    ],
)
def test_exactly_what_the_reference_writes(
    reference: str, form: Any, vocabulary: str, shared: Path, tmp_path: Path
) -> None:
    fixtures = shared / "fixtures"
    known = Vocabulary.from_iep(read_json(fixtures / f"{vocabulary}.json"))
    made = export_questions(fixtures / "prep_questions_200.json", tmp_path / "out.h5", known, form)
    assert content(tmp_path / "out.h5") == content(fixtures / f"{reference}.h5")
    assert (made.questions, made.programs, made.answers, made.unknown) == (200, 200, 200, 0)
    assert (made.longest_question, made.longest_program) == (38, 25)


def test_the_vocabulary_that_the_reference_makes(shared: Path) -> None:
    fixtures = shared / "fixtures"
    made = vocabulary_of_questions(fixtures / "prep_questions_200.json")
    assert made.to_iep() == read_json(fixtures / "prep_vocab.json")
    assert [list(table) for table in made.to_iep().values()] == [
        list(table) for table in read_json(fixtures / "prep_vocab.json").values()
    ]


def test_human_questions_with_an_expanded_vocabulary(shared: Path, tmp_path: Path) -> None:
    fixtures = shared / "fixtures"
    questions = fixtures / "prep_humans_80.json"
    known = Vocabulary.from_iep(read_json(fixtures / "vocab.json")).expanded(
        iter_texts(questions), at_least=3
    )
    made = export_questions(questions, tmp_path / "out.h5", known, allow_unknown=True)
    assert content(tmp_path / "out.h5") == content(fixtures / "prep_humans.h5")
    assert made.unknown == np.count_nonzero(np.array(content(tmp_path / "out.h5")["questions"][1]) == 3) > 0
    with pytest.raises(VocabularyError, match="question 0: the word 'these'"):
        export_questions(questions, tmp_path / "other.h5", known)
    assert [path.name for path in tmp_path.iterdir()] == ["out.h5"]


def test_rare_words_are_left_out_of_a_new_vocabulary(shared: Path) -> None:
    questions = shared / "fixtures" / "prep_humans_80.json"
    every, common = (vocabulary_of_questions(questions, at_least) for at_least in (1, 5))
    assert set(common.words) < set(every.words)
    assert common.words[:3] == ("<START>", "<END>", "<UNK>")
    assert common.answers == every.answers


def test_families_are_written_and_a_test_split_has_only_questions(world: ClevrFolder, tmp_path: Path) -> None:
    source = world.questions_file("val")
    vocabulary = vocabulary_of_questions(source)
    export_questions(source, tmp_path / "whole.h5", vocabulary)
    record = read_json(source)
    families = [question["question_family_index"] for question in record["questions"]]
    assert content(tmp_path / "whole.h5")["question_families"] == ("int64", families)
    for question in record["questions"]:
        del question["answer"], question["program"], question["question_family_index"]
    write_json(source, record)
    made = export_questions(source, tmp_path / "test.h5", vocabulary)
    assert set(content(tmp_path / "test.h5")) == {"questions", "image_idxs", "orig_idxs"}
    assert (made.programs, made.answers) == (0, 0)


def test_blocks_of_rows_are_seamless(
    world: ClevrFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = world.questions_file("val")
    vocabulary = vocabulary_of_questions(source)
    export_questions(source, tmp_path / "whole.h5", vocabulary)
    monkeypatch.setattr("visreason.data.iep_export._BLOCK", 5)
    export_questions(source, tmp_path / "blocks.h5", vocabulary)
    assert content(tmp_path / "blocks.h5") == content(tmp_path / "whole.h5")


@pytest.mark.parametrize(
    ("form", "error", "message"),
    [("chain", ProgramError, r"question \d+, program is no chain: node \d+ \(\w+\) reads 2 inputs")],
)
def test_a_program_that_is_no_chain(
    form: Any, error: type[Exception], message: str, world: ClevrFolder, tmp_path: Path
) -> None:
    source = world.questions_file("val")
    with pytest.raises(error, match=message):
        export_questions(source, tmp_path / "out.h5", vocabulary_of_questions(source), form)


def test_bad_questions_write_nothing(world: ClevrFolder, tmp_path: Path) -> None:
    source, out = world.questions_file("val"), tmp_path / "out.h5"
    vocabulary = vocabulary_of_questions(source)
    record = read_json(source)
    with pytest.raises(VocabularyError, match="not clevr-iep's"):
        export_questions(source, out, CLEVR_VOCABULARY)
    answer = record["questions"][5].pop("answer")
    write_json(source, record)
    with pytest.raises(DataError, match="23 of 24 questions have an answer"):
        export_questions(source, out, vocabulary)
    record["questions"][5]["answer"] = answer
    record["questions"][9]["program"][1]["function"] = "fliter_size"
    write_json(source, record)
    with pytest.raises(ProgramError, match="question 9"):
        export_questions(source, out, vocabulary)
    write_json(source, {"questions": []})
    with pytest.raises(DataError, match="holds no questions"):
        export_questions(source, out, vocabulary)
    write_json(source, {"questions": [7]})
    with pytest.raises(DataError, match="question 0 should be a JSON object"):
        export_questions(source, out, vocabulary)
    assert not out.exists()
