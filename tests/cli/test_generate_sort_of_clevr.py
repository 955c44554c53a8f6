import json
from pathlib import Path

import pytest

from visreason.cli.main import main

VERB = "generate-sort-of-clevr"


@pytest.fixture
def world(tmp_path: Path) -> Path:
    assert main([VERB, str(tmp_path / "flat"), "--scenes", "3", "--arrays"]) == 0
    return tmp_path / "flat"


def test_a_world_is_made_and_its_answers_agree(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main([VERB, str(world), "--scenes", "3", "--arrays"]) == 0
    assert "split val: 3 scenes, 60 questions, 3 images" in capsys.readouterr().out
    assert main(["answer", str(world), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"questions": 60, "agreement": 1.0, "disagreements": []}
    assert main([VERB, str(world), "--split", "train", "--scenes", "2", "--json"]) == 0
    expected = {"folder": str(world), "split": "train", "scenes": 2, "questions": 40, "images": 2}
    assert json.loads(capsys.readouterr().out) == expected


def test_a_wrong_answer_is_reported(world: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = world / "questions" / "CLEVR_val_questions.json"
    record = json.loads(file.read_text())
    record["questions"][7]["answer"] = "6" if record["questions"][7]["answer"] != "6" else "5"
    file.write_text(json.dumps(record))
    capsys.readouterr()
    assert main(["answer", str(world)]) == 0
    assert "59 of 60 stored answers agree" in capsys.readouterr().out


def test_the_public_form_becomes_a_world(
    world: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arrays = world / "arrays" / "sort_of_clevr_val.npz"
    assert main([VERB, str(tmp_path / "theirs"), "--from-arrays", str(arrays)]) == 0
    assert (
        "visreason answer" not in capsys.readouterr().out.splitlines()[-1]
    )  # there are no scenes to answer from
    mine, theirs = (root / "questions" / "CLEVR_val_questions.json" for root in (world, tmp_path / "theirs"))
    assert mine.read_bytes() == theirs.read_bytes()
    assert main(["answer", str(tmp_path / "theirs")]) == 1
    assert "does not exist; the oracle needs scenes" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--scenes", "0"], "scenes must be 1 to"),
        (["--split", "../x"], "a split is named"),
        (["--from-arrays", "nowhere.npz"], "nowhere.npz does not exist"),
        (["--from-arrays", "nowhere.npz", "--arrays"], "give one of them"),
        (["--questions-per-scene", "many"], "--questions-per-scene"),
    ],
)
def test_bad_input_is_one_clear_message(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([VERB, str(tmp_path / "out"), *arguments]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert not (tmp_path / "out").exists()


def test_help_is_quick_to_say_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([VERB, "--help"]) == 0
    assert "relational" in capsys.readouterr().out
