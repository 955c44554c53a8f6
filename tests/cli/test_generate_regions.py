import json
from pathlib import Path

import pytest

from visreason.cli.main import main

VERB = "generate-regions"
SMALL = ["--images", "4", "--image-size", "64", "--jobs", "1"]


def test_a_world_is_made_and_is_sound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "grove")
    assert main([VERB, out, *SMALL]) == 0
    said = capsys.readouterr().out
    assert "split val: 4 images, " in said
    assert all(observer in said for observer in ("appearance", "local", "graph", "both"))
    assert main([VERB, out, "--split", "train", *SMALL, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["split"], found["images"]) == ("train", 4)
    assert found["ceilings"]["appearance"]["all"] < found["ceilings"]["both"]["all"]
    assert main(["doctor", out, "--json"]) == 0
    checks = {check["name"]: check["status"] for check in json.loads(capsys.readouterr().out)}
    assert checks["train annotations"] == checks["val checksums"] == checks["knowledge"] == "ok"
    assert main([VERB, out, *SMALL, "--seed", "1"]) == 1
    assert "seed 0 there, 1 now" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--images", "0"], "images must be 1 to"),
        (["--image-size", "8"], "image size must be 64 to 1024"),
        (["--image-size", "96x96"], "--image-size"),
        (["--split", "../x"], "a split is named"),
        (["--clear", "2"], "the share clear must be 0 to 1"),
        (["--rare", "0.9"], "the share rare must be 0 to 0.5"),
        (["--rare", "nan"], "--rare"),
        (["--jobs", "0"], "--jobs must be at least 1"),
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


def test_a_folder_of_another_world_keeps_its_splits_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "mixed")
    assert main(["generate-sort-of-clevr", out, "--scenes", "2"]) == 0
    assert main([VERB, out, *SMALL]) == 1
    assert "made differently: world sort-of-clevr there, regions now" in capsys.readouterr().err
    assert main([VERB, out, "--split", "boxes", *SMALL]) == 0
    assert main(["doctor", out]) == 0
