import json
import shutil
from pathlib import Path

import pytest

from visreason.benchmarks.attribution import FAULTS, Planted
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.questions_file import read_questions
from visreason.clevr.scenes_file import read_scenes
from visreason.errors import DataError
from visreason.tasks.attribution import BY_QUESTIONS, attribute, check_attributable


@pytest.fixture
def world(tiny_data: Path, tmp_path: Path) -> ClevrFolder:
    """A copy of the tiny data that a test may break."""
    for part in ("scenes", "questions"):
        shutil.copytree(tiny_data / part, tmp_path / part)
    return ClevrFolder(tmp_path)


def answered(folder: ClevrFolder, fault: str) -> tuple[list[dict[str, object]], Planted]:
    """What a model with one fault answers to all questions of val."""
    questions = read_questions(folder.questions_file("val"))
    planted = Planted(FAULTS[fault], questions, read_scenes(folder.scenes_file("val")))
    told: list[dict[str, object]] = []
    for row, question in enumerate(questions):
        assert question.program is not None
        said = planted.answer(row, question.program, question.text)
        told.append({"prediction": said, "correct": said == question.answer})
    return told, planted


def test_every_wrong_answer_has_a_step(tiny_data: Path) -> None:
    folder = ClevrFolder(tiny_data)
    predictions, planted = answered(folder, "relations")
    found, cases = attribute(predictions, folder, "val", planted)
    wrong = [row for row, one in enumerate(predictions) if not one["correct"]]
    assert [case.question.index for case in cases] == wrong
    assert {case.step for case in cases} == {"relate"}
    assert found.evidence == BY_QUESTIONS
    assert (found.asked, found.wrong) == (30, len(wrong))
    assert found.controls["perceive"].value > 0.95  # a query of what a relation leads to is one of these
    assert found.controls["relate"].value < 1
    json.dumps([case.to_dict() for case in cases])


def test_only_as_many_questions_as_were_asked_are_looked_at(world: ClevrFolder) -> None:
    predictions, planted = answered(world, "counting")
    found, cases = attribute(predictions[:10], world, "val", planted)
    assert found.asked == 10
    assert all(case.question.index < 10 for case in cases)


def edit(file: Path, key: str, change) -> None:  # type: ignore[no-untyped-def]
    """Change the first record of a file."""
    document = json.loads(file.read_text())
    change(document[key][0])
    file.write_text(json.dumps(document))


def test_what_is_missing_is_said_before_a_test_is_run(world: ClevrFolder) -> None:
    check_attributable(world, "val")
    edit(world.questions_file("val"), "questions", lambda record: record.pop("program"))
    with pytest.raises(DataError, match=r"needs programs, and question 0"):
        check_attributable(world, "val")
    world.questions_file("val").unlink()
    with pytest.raises(DataError, match="needs the questions of val"):
        check_attributable(world, "val")
    world.scenes_file("val").unlink()
    with pytest.raises(DataError, match="needs the scenes of val"):
        check_attributable(world, "val")


def test_answers_that_are_not_the_oracles_are_an_error(world: ClevrFolder) -> None:
    predictions, planted = answered(world, "counting")
    predictions[0]["correct"] = False
    edit(world.questions_file("val"), "questions", lambda record: record.update(answer="metal"))
    with pytest.raises(DataError, match="question 0: the oracle answers"):
        attribute(predictions, world, "val", planted)


def test_a_question_about_no_scene_is_an_error(world: ClevrFolder) -> None:
    predictions, planted = answered(world, "counting")
    edit(world.questions_file("val"), "questions", lambda record: record.update(image_index=99))
    with pytest.raises(DataError, match="has no scene"):
        attribute(predictions, world, "val", planted)
