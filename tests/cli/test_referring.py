"""Referring expressions and captions through the commands: made, judged by the oracle, looked over by the doctor."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from visreason.cli.main import main

COMMAND = ["--scenes", "3", "--image-size", "72x48", "--no-images", "--jobs", "1"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made") / "world"
    texts = ["--refexps-per-scene", "4", "--captions-per-scene", "2"]
    assert main(["generate", str(root), *COMMAND, *texts]) == 0
    return root


@pytest.fixture
def world(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(made, tmp_path / "world"))


def spoil(world: Path, change: Any) -> None:
    """Change the records of the referring expressions."""
    path = world / "questions" / "CLEVR_loc_val_questions.json"
    document = json.loads(path.read_text())
    for record in document["questions"]:
        change(record)
    path.write_text(json.dumps(document))


def test_what_was_made_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["generate", str(tmp_path / "world"), *COMMAND, "--refexps-per-scene", "2"]
    assert main(command) == 0
    assert ": 3 scenes, 30 questions, 6 referring expressions\n" in capsys.readouterr().out
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["refexps"], found["captions"]) == (6, 0)


def test_the_oracle_finds_every_box(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answer", str(made), "--referring"]) == 0
    assert (
        capsys.readouterr().out == "12 expressions; 12 of 12 stored boxes agree with the oracle (100.00 %).\n"
    )
    file = made / "questions" / "CLEVR_loc_val_questions.json"
    assert main(["answer", str(made), "--questions", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"expressions": 12, "agreement": 1.0, "disagreements": []}


def test_a_box_of_ours_that_is_a_pixel_off_is_found(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def widen(record: dict[str, Any]) -> None:
        record["bbox"][2] += 1

    spoil(world, widen)
    output = world / "boxes.jsonl"
    assert main(["answer", str(world), "--referring", "--output", str(output)]) == 0
    assert "0 of 12 stored boxes agree" in capsys.readouterr().out
    record = json.loads(output.read_text().splitlines()[0])
    assert record["stored"][2] == record["answer"][2] + 1
    assert {"question_index", "image_filename", "question", "object_index", "agrees"} <= record.keys()


def test_the_doctor_counts_them_and_names_what_is_broken(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", str(world), "--json"]) == 0
    found = {check["name"]: check for check in json.loads(capsys.readouterr().out)}
    assert found["val referring expressions"]["found"].startswith("12")
    assert found["val captions"]["found"].startswith("6")

    def empty(record: dict[str, Any]) -> None:
        record["bbox"] = [1, 2, 0, 0]

    spoil(world, empty)
    assert main(["doctor", str(world), "--json"]) == 1
    found = {check["name"]: check for check in json.loads(capsys.readouterr().out)}
    assert found["val referring expressions"]["status"] == "broken"
    assert "question 0, 'bbox'" in found["val referring expressions"]["found"]


def test_a_folder_of_referring_expressions_alone(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in (world / "scenes", world / "captions"):
        shutil.rmtree(path)
    (world / "questions" / "CLEVR_val_questions.json").unlink()
    (world / "world.json").unlink()
    assert main(["doctor", str(world)]) == 0
    assert "val referring expressions" in capsys.readouterr().out
    assert main(["answer", str(world), "--referring"]) == 1
    assert "CLEVR_val_scenes.json does not exist" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--refexps-per-scene", "-1"], "refexps per scene must be at least 0; got -1"),
        (["--refexps-per-scene", "50"], "50 referring expressions a scene from 33 families"),
        (["--captions-per-scene", "50"], "50 captions a scene from 14 families"),
    ],
)
def test_bad_numbers(
    tmp_path: Path, flags: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", str(tmp_path / "world"), *COMMAND, *flags]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "world").exists()


def test_a_world_without_expressions_says_so(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["answer", str(made), "--split", "train", "--referring"]) == 1
    assert "CLEVR_train_scenes.json does not exist" in capsys.readouterr().err
