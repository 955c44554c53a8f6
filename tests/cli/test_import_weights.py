import json
from pathlib import Path

import pytest

from visreason.cli.main import main
from visreason.models import load_model

SOURCE = "relation-networks-clevr"


@pytest.fixture
def checkpoints(shared: Path) -> Path:
    return shared / "data" / "rn_checkpoints"


def test_a_reference_checkpoint_becomes_a_model_that_can_be_asked(
    checkpoints: Path, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rn.safetensors"
    dictionaries = ["--dictionaries", str(checkpoints / "dictionaries.json")]
    arguments = [
        "import-weights",
        SOURCE,
        str(checkpoints / "original_fp_epoch_493.pth"),
        str(out),
        *dictionaries,
    ]
    assert main(arguments) == 0
    assert "82 words, 28 answers" in capsys.readouterr().out
    assert load_model(out).meta["recipe"] == "rn-pixels"
    assert main(arguments) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert main([*arguments, "--overwrite"]) == 0
    image = sorted((shared / "data" / "clevr_real" / "images" / "train").iterdir())[0]
    capsys.readouterr()
    assert main(["ask", str(out), str(image), "Are there any purple things?", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["answer"] in {"yes", "no"}


def test_the_published_network_answers_real_questions(
    checkpoints: Path, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rn.safetensors"
    dictionaries = ["--dictionaries", str(checkpoints / "dictionaries.json")]
    assert (
        main(["import-weights", SOURCE, str(checkpoints / "ir_fp_epoch_312.pth"), str(out), *dictionaries])
        == 0
    )
    capsys.readouterr()
    real = [
        "--data",
        str(shared / "data" / "clevr_real"),
        "--split",
        "train",
        "--output",
        str(tmp_path / "out"),
    ]
    assert main(["test", str(out), *real, "--limit", "40", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["accuracy"]["overall"]["value"] >= 0.9


def test_without_dictionaries_it_says_what_the_model_cannot_do(
    checkpoints: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rn.safetensors"
    assert main(["import-weights", SOURCE, str(checkpoints / "original_fp_epoch_493.pth"), str(out)]) == 0
    assert "cannot be tested or asked" in capsys.readouterr().out


def test_what_is_no_checkpoint_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "weights.pth"
    file.write_text("not weights")
    assert main(["import-weights", SOURCE, str(file), str(tmp_path / "out.safetensors")]) == 1
    assert "Traceback" not in capsys.readouterr().err
    assert main(["import-weights", "somewhere-else", str(file), str(tmp_path / "out.safetensors")]) == 1
    assert SOURCE in capsys.readouterr().err
