"""What a recipe starts from is trained first."""

import re
from pathlib import Path

import pytest

from visreason.cli.main import main
from visreason.models import load_model
from visreason.tasks.run_folder import RunFolder
from visreason.zoo.catalogue import load_recipe, recipe_names
from visreason.zoo.starts import untrained_starts

FIRST = Path("runs/attribute-cnn-sort-of-clevr")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_every_shipped_start_is_a_shipped_recipe() -> None:
    for name in recipe_names():
        init = load_recipe(name).model_init
        assert {str(place) for _, place in untrained_starts(load_recipe(name))} == set(init.sources.values())


def test_a_users_own_path_is_left_to_the_user() -> None:
    recipe = load_recipe("rn-sort-of-clevr", {"model_init.conv_from": "elsewhere/attribute-cnn"})
    assert not list(untrained_starts(recipe))


def test_a_start_is_trained_once_and_gone_on_with(
    tiny_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = load_recipe("attribute-cnn-sort-of-clevr")
    RunFolder.create(FIRST, first, tiny_data)  # begun, and stopped before its first checkpoint
    command = ["train", "rn-sort-of-clevr", "--data", str(tiny_data), "--training.epochs", "1"]
    assert main(command) == 0
    said = capsys.readouterr().err
    assert f"rn-sort-of-clevr starts from {FIRST}, which comes first" in said
    assert load_model(RunFolder(FIRST).weights).family == "attribute-cnn"
    written = RunFolder(FIRST).weights.stat().st_mtime_ns
    assert main([*command, "--out", "again"]) == 0
    assert "comes first" not in capsys.readouterr().err
    assert RunFolder(FIRST).weights.stat().st_mtime_ns == written


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (
            ["--model_init.engine_from", "ipe"],
            "model_init.engine_from: there is no model ipe.*Did you mean iep",
        ),
        (["--out", "taken"], "taken holds something"),
    ],
)
def test_what_is_wrong_is_said_before_hours_of_training(
    wrong: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    Path("taken").mkdir()
    Path("taken/mine.txt").write_text("kept")
    assert main(["train", "iep-engine-quick", *wrong]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert re.search(message, said)
    assert "comes first" not in said
    assert not Path("runs").exists()
