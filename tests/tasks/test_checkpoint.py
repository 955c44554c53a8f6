from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from rich.console import Console

from visreason.errors import ModelError
from visreason.models import load_model
from visreason.tasks.checkpoint import model_of_checkpoint, read_checkpoint
from visreason.tasks.checkpoint_io import AtomicCheckpoints
from visreason.tasks.loader import TaskData
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.training import train


class Harmful:
    """What a pickle could smuggle in."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("run!",)


def test_a_checkpoint_that_could_run_code_is_not_opened(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "evil.ckpt"
    torch.save({"visreason": {}, "state_dict": Harmful()}, file)
    with pytest.raises(ModelError, match="could run code when opened; it was not opened"):
        read_checkpoint(file)
    assert "run!" not in capsys.readouterr().out


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 cut"])
def test_a_file_of_another_kind_is_an_error(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "last.ckpt"
    file.write_bytes(content)
    with pytest.raises(ModelError, match=r"last.ckpt is no training checkpoint"):
        read_checkpoint(file)


def test_a_truncated_checkpoint_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "last.ckpt"
    AtomicCheckpoints().save_checkpoint({"visreason": {}, "state_dict": {"w": torch.ones(1000)}}, file)
    assert torch.equal(read_checkpoint(file)["state_dict"]["w"], torch.ones(1000))
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(ModelError, match=r"last.ckpt"):
        read_checkpoint(file)


def test_a_checkpoint_of_another_project_and_a_missing_one_are_errors(tmp_path: Path) -> None:
    file = tmp_path / "theirs.pth"
    torch.save({"w": torch.ones(1)}, file)
    with pytest.raises(ModelError, match="import-weights"):
        read_checkpoint(file)
    with pytest.raises(ModelError, match="is not a file"):
        read_checkpoint(tmp_path / "missing.ckpt")


def test_the_best_checkpoint_and_the_model_file_hold_the_same_model(
    folder: Path, recipe: Callable[..., Recipe], data: Callable[..., TaskData], console: Console
) -> None:
    run = RunFolder.create(folder, recipe(), None)
    train(recipe(), data(), run, console)
    from_checkpoint = model_of_checkpoint(read_checkpoint(run.best), "best")
    from_file = load_model(run.weights)
    assert from_checkpoint.meta == from_file.meta
    assert from_checkpoint.config == from_file.config
    ours, theirs = from_checkpoint.model.state_dict(), from_file.model.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_weights_that_do_not_fit_are_an_error() -> None:
    ours = {"family": "question-only", "config": {"vocabulary_size": 3, "answer_count": 2}, "meta": {}}
    with pytest.raises(ModelError, match="do not fit the question-only"):
        model_of_checkpoint({"visreason": ours, "state_dict": {"model.x": torch.ones(1)}}, "this.ckpt")
