from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from rich.console import Console

from visreason.errors import ModelError
from visreason.models import build_model, save_model
from visreason.tasks.loader import TaskData
from visreason.tasks.loading import load_any
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.training import train


def test_a_run_a_checkpoint_and_a_model_file_are_the_same_model(
    folder: Path, recipe: Callable[..., Recipe], data: Callable[..., TaskData], console: Console
) -> None:
    run = RunFolder.create(folder, recipe(), None)
    train(recipe(), data(), run, console)
    states = [load_any(source).model.state_dict() for source in (folder, run.best, str(run.weights))]
    for state in states[1:]:
        assert all(torch.equal(value, states[0][name]) for name, value in state.items())


def test_a_shipped_name_is_found_in_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visreason.tasks.loading.SHIPPED", tmp_path)
    model = build_model("question-only", {"vocabulary_size": 3, "answer_count": 2})
    save_model(tmp_path / "blind.safetensors", model, {})
    assert load_any("blind").family == "question-only"
    with pytest.raises(ModelError, match=r"file\. Shipped models: blind"):
        load_any("seeing")
    with pytest.raises(ModelError, match="Did you mean blind"):
        load_any("blnd")


def test_what_is_no_model_is_an_error_that_says_what_it_is(
    tmp_path: Path, recipe: Callable[..., Recipe]
) -> None:
    with pytest.raises(ModelError, match="there is no model nowhere"):
        load_any("nowhere")
    with pytest.raises(ModelError, match=r"no run of visreason. It has no config.yaml"):
        load_any(tmp_path)
    RunFolder.create(tmp_path / "seed-1", recipe(), None)
    with pytest.raises(ModelError, match="holds the runs seed-1"):
        load_any(tmp_path)
    with pytest.raises(ModelError, match="no weights yet"):
        load_any(tmp_path / "seed-1")
    pickle = tmp_path / "weights.safetensors"
    torch.save({"w": torch.ones(1)}, pickle)
    with pytest.raises(ModelError, match="pickle"):
        load_any(pickle)
