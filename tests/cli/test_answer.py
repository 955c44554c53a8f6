import json
from pathlib import Path
from typing import Any

import pytest

from visreason.cli.main import main
from visreason.data.world import generate_world
from visreason.data.world_split import WorldSplit


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("world")
    generate_world(root, WorldSplit("val", 3, questions_per_scene=4, images=False), jobs=1)
    return root


def edited(world: Path, to: Path, change: Any) -> Path:
    """A copy of the world's questions file, changed."""
    document = json.loads((world / "questions" / "CLEVR_val_questions.json").read_text())
    change(document["questions"])
    to.write_text(json.dumps(document))
    return to


@pytest.mark.parametrize(
    ("folder", "split", "count"), [("clevr_real", "train", 600), ("clevr_real_val_questions", "val", 500)]
)
def test_real_clevr_agrees_without_exception(
    shared: Path, folder: str, split: str, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["answer", str(shared / "data" / folder), "--split", split, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == {"questions": count, "agreement": 1.0, "disagreements": []}


def test_a_generated_world_agrees(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answer", str(world)]) == 0
    assert (
        capsys.readouterr().out == "12 questions; 12 of 12 stored answers agree with the oracle (100.00 %).\n"
    )


def test_the_true_answers_are_written(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "answers.jsonl"
    assert main(["answer", str(world), "--output", str(output)]) == 0
    records = [json.loads(line) for line in output.read_text().splitlines()]
    assert [record["question_index"] for record in records] == list(range(12))
    assert list(records[0]) == [
        "question_index", "image_filename", "question", "type", "answer", "stored", "agrees",
    ]  # fmt: skip
    assert all(record["agrees"] and record["answer"] == record["stored"] for record in records)
    assert main(["answer", str(world), "--output", str(output)]) == 1
    assert f"{output} exists" in capsys.readouterr().err
    assert main(["answer", str(world), "--output", str(output), "--overwrite"]) == 0


def test_disagreements_are_shown(world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def spoil(questions: list[dict[str, Any]]) -> None:
        for question in questions:
            question["answer"] = "11"

    file = edited(world, tmp_path / "q.json", spoil)
    assert main(["answer", str(world), "--questions", str(file)]) == 0
    shown = capsys.readouterr().out
    assert "0 of 12 stored answers agree" in shown
    assert "CLEVR_val_000000.png" in shown
    assert "and 2 more" in shown
    assert main(["answer", str(world), "--questions", str(file), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["disagreements"]) == 12


def test_a_test_split_with_programs_is_answered(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def withhold(questions: list[dict[str, Any]]) -> None:
        for question in questions:
            del question["answer"]

    file = edited(world, tmp_path / "q.json", withhold)
    assert main(["answer", str(world), "--questions", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"questions": 12, "agreement": None, "disagreements": []}


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("program", None, "has no program"),
        ("image_filename", "CLEVR_val_000099.png", "is about CLEVR_val_000099.png"),
        ("program", [{"function": "fly", "inputs": [], "value_inputs": []}], "question 5"),
    ],
)
def test_a_broken_question_is_named_and_nothing_is_written(
    world: Path, tmp_path: Path, key: str, value: Any, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def spoil(questions: list[dict[str, Any]]) -> None:
        questions[5][key] = value

    file, output = edited(world, tmp_path / "q.json", spoil), tmp_path / "out.jsonl"
    assert main(["answer", str(world), "--questions", str(file), "--output", str(output)]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "question 5" in error
    assert [path.name for path in tmp_path.iterdir()] == ["q.json"]


def test_a_missing_split_names_those_that_are_there(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answer", str(world), "--split", "test"]) == 1
    error = capsys.readouterr().err
    assert "CLEVR_test_scenes.json does not exist" in error
    assert error.rstrip().endswith(": val.")


def test_a_missing_folder_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answer", str(tmp_path / "nowhere")]) == 1
    assert "nowhere is no folder" in capsys.readouterr().err
