from pathlib import Path
from typing import Any

import pytest

from visreason.clevr.question import Question
from visreason.clevr.questions_file import iter_questions, read_questions, write_questions
from visreason.errors import DataError, ProgramError
from visreason.files import read_json, write_json


def test_real_files_come_back_from_writing(tmp_path: Path, real_files: Any) -> None:
    for file in real_files.questions:
        questions = read_questions(file)
        assert write_questions(tmp_path / "again.json", questions, questions[0].split) == len(questions)
        assert list(iter_questions(tmp_path / "again.json")) == questions
        assert read_json(tmp_path / "again.json")["questions"] == read_json(file)["questions"]


def test_equal_nodes_of_a_file_are_one_object(real_questions: list[Question]) -> None:
    nodes = [node for question in real_questions for node in question.program or ()]
    assert len({id(node) for node in nodes}) == len(set(nodes)) < len(nodes) / 10


def test_a_broken_question_names_file_and_number(tmp_path: Path, real_files: Any) -> None:
    records = read_json(real_files.questions[0])["questions"][:3]
    del records[2]["image_index"]
    write_json(tmp_path / "broken.json", {"questions": records})
    reader = iter_questions(tmp_path / "broken.json")
    assert next(reader).index == 0
    with pytest.raises(DataError, match=r"broken\.json: question 2 has no key 'image_index'"):
        list(reader)


def test_a_broken_program_names_file_question_and_node(tmp_path: Path, real_files: Any) -> None:
    records = read_json(real_files.questions[0])["questions"][:2]
    records[1]["program"][1]["inputs"] = [1]
    write_json(tmp_path / "broken.json", {"questions": records})
    with pytest.raises(ProgramError, match=r"broken\.json: question 1, program, node 1 \(\w+\): .* a cycle"):
        read_questions(tmp_path / "broken.json")
