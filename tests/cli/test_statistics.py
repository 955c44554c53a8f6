import json
from pathlib import Path

import pytest
from PIL import Image

from visreason.cli.main import main


def test_a_table_and_a_picture_of_real_data(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = shared / "data" / "clevr_real", tmp_path / "out"
    assert main(["statistics", str(data), "--split", "train", "--output", str(out)]) == 0
    told = capsys.readouterr()
    assert "60 scenes, 600 questions" in told.out
    assert "type: query attribute" in told.out
    assert "0 of 50 published figures deviate." in told.out
    assert str(out / "statistics.png") in told.err
    with Image.open(out / "statistics.png") as image:
        assert image.size[0] > 1000
    document = json.loads((out / "statistics.json").read_text())
    assert document["questions"]["count"] == 600
    assert document["scenes"]["count"] == 60
    assert document["expressions"] is None


def test_json_is_what_the_file_holds(
    tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["statistics", str(tiny_data), "--json", "--output", str(tmp_path)]
    assert main(command) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == json.loads((tmp_path / "statistics.json").read_text())
    assert {row["source"] for row in told["comparison"]} - {None} <= set(told["sources"])
    assert told["questions"]["words"]
    assert sum(told["questions"]["answers"].values()) == 30
    assert main(command) == 0


def test_referring_expressions_are_counted_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    world = tmp_path / "world"
    arguments = ["--scenes", "2", "--refexps-per-scene", "3", "--no-images", "--jobs", "1"]
    assert main(["generate", str(world), *arguments]) == 0
    capsys.readouterr()
    assert main(["statistics", str(world), "--output", str(tmp_path / "out")]) == 0
    told = capsys.readouterr().out
    assert "6 referring expressions" in told
    assert "mean depth of an expression" in told


def test_a_split_that_withholds_scenes_and_answers(
    tmp_path: Path, tiny_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads((tiny_data / "questions" / "CLEVR_val_questions.json").read_text())
    for question in document["questions"]:
        del question["answer"], question["program"], question["question_family_index"]
    target = tmp_path / "questions" / "CLEVR_test_questions.json"
    target.parent.mkdir()
    target.write_text(json.dumps(document))
    assert main(["statistics", str(tmp_path), "--split", "test", "--output", str(tmp_path / "out")]) == 0
    told = capsys.readouterr().out
    assert "30 questions" in told
    assert "type:" not in told


def test_a_users_error_is_one_message_and_status_1(
    tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "scenes" / "CLEVR_val_scenes.json"
    broken.parent.mkdir()
    broken.write_text('{"scenes": [{"objects": 3}]}')
    for arguments, message in [
        ([str(tmp_path / "nowhere")], "nowhere is no folder"),
        ([str(tiny_data), "--split", "test"], "The splits of"),
        ([str(tiny_data), "--output", str(tmp_path)], "which is none of the results"),
        ([str(tmp_path)], "'objects' should be a list"),
    ]:
        assert main(["statistics", *arguments]) == 1
        told = capsys.readouterr().err
        assert message in told
        assert "Traceback" not in told
    assert not (tmp_path / "statistics.json").exists()
