import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from visreason.clevr.answers import QUESTION_TYPES
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.program_forms import from_prefix, to_tree
from visreason.clevr.programs import question_type
from visreason.clevr.questions_file import iter_questions, read_questions
from visreason.data.question_table import NONE, open_question_table
from visreason.data.vocabulary import CLEVR_VOCABULARY, Vocabulary
from visreason.errors import DataError, VocabularyError
from visreason.files import read_json, write_json

List = Callable[[], list[Path]]


def test_the_table_says_what_the_file_says(world: ClevrFolder, cached: List) -> None:
    path = world.questions_file("val")
    table = open_question_table(path, CLEVR_VOCABULARY)
    questions = read_questions(path)
    assert len(table) == len(questions) == 24
    for row, question in enumerate(questions):
        assert table.words(row).tolist() == CLEVR_VOCABULARY.encode(question.text)
        assert question.answer is not None
        assert table.answer_Q[row] == CLEVR_VOCABULARY.encode_answer(question.answer)
        assert question.program is not None
        assert table.type(row) == question_type(question.program)
        assert table.program(row).tolist() == CLEVR_VOCABULARY.encode_program(question.program)
        assert table.family_Q[row] == question.family
        assert table.index_Q[row] == question.index
        assert table.image_index_Q[row] == question.image_index
        assert table.image(row) == question.image_filename


def test_real_questions(shared: Path, cached: List) -> None:
    folder = ClevrFolder(shared / "data" / "clevr_real")
    table = open_question_table(folder.questions_file("train"), CLEVR_VOCABULARY)
    assert len(table) == 600
    assert len(table.images) == 60
    assert set(table.type_Q.tolist()) == set(range(len(QUESTION_TYPES)))
    for row, question in enumerate(iter_questions(folder.questions_file("train"))):
        assert from_prefix(CLEVR_VOCABULARY.decode_program(table.program(row))) == to_tree(
            question.program or ()
        )


def test_a_test_split_has_no_answers(world: ClevrFolder, cached: List) -> None:
    path = world.questions_file("val")
    data = read_json(path)
    for record in data["questions"]:
        del record["answer"], record["program"], record["question_family_index"]
    write_json(path, data)
    table = open_question_table(path, CLEVR_VOCABULARY)
    for column in (table.answer_Q, table.type_Q, table.family_Q):
        np.testing.assert_array_equal(column, NONE)
    assert table.type(0) is None
    assert not table.has_programs
    assert len(table.program(0)) == 0


def test_a_single_program_that_is_not_told_has_no_functions(world: ClevrFolder, cached: List) -> None:
    path = world.questions_file("val")
    data = read_json(path)
    del data["questions"][3]["program"]
    write_json(path, data)
    table = open_question_table(path, CLEVR_VOCABULARY)
    assert table.has_programs
    assert [len(table.program(row)) == 0 for row in range(5)] == [False, False, False, True, False]


def test_a_vocabulary_has_a_table_of_its_own(world: ClevrFolder, cached: List) -> None:
    turned = Vocabulary(CLEVR_VOCABULARY.words[::-1], CLEVR_VOCABULARY.answers)
    path = world.questions_file("val")
    tables = [open_question_table(path, vocabulary) for vocabulary in (CLEVR_VOCABULARY, turned)]
    assert tables[0].words(0).tolist() == [83 - word for word in tables[1].words(0).tolist()]


def test_it_travels_to_other_processes_as_a_place(world: ClevrFolder, cached: List) -> None:
    table = open_question_table(world.questions_file("val"), CLEVR_VOCABULARY)
    luggage = pickle.dumps(table)
    assert len(luggage) < 1000
    there = pickle.loads(luggage)
    np.testing.assert_array_equal(there.words_T, table.words_T)
    assert isinstance(there.words_T, np.memmap)
    assert there.images == table.images


@pytest.mark.parametrize(
    ("key", "value", "error", "message"),
    [
        ("question", "Is there a sfere?", VocabularyError, "question 3.*'sfere'.*'sphere'"),
        ("question", "  ", DataError, "question 3.*empty"),
        ("answer", "violet", VocabularyError, "question 3.*'violet'"),
    ],
)
def test_a_bad_question_is_named(
    world: ClevrFolder, cached: List, key: str, value: str, error: type[Exception], message: str
) -> None:
    path = world.questions_file("val")
    data = read_json(path)
    data["questions"][3][key] = value
    write_json(path, data)
    with pytest.raises(error, match=message):
        open_question_table(path, CLEVR_VOCABULARY)
    assert cached() == []


def test_no_questions(world: ClevrFolder, cached: List) -> None:
    path = world.questions_file("val")
    write_json(path, {"info": {}, "questions": []})
    with pytest.raises(DataError, match="holds no questions"):
        open_question_table(path, CLEVR_VOCABULARY)


def test_a_truncated_file(world: ClevrFolder, cached: List) -> None:
    path = world.questions_file("val")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataError, match=r"CLEVR_val_questions\.json"):
        open_question_table(path, CLEVR_VOCABULARY)
