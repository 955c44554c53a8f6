"""The fixed questions are the same every time, of the world that a model knows, and a changed network is noticed."""

from pathlib import Path

import pytest
import torch
from rich.console import Console

from visreason.errors import UsageError
from visreason.models import load_model, save_model
from visreason.tasks.experiment import Experiment
from visreason.zoo.catalogue import load_recipe
from visreason.zoo.fixed_questions import QUESTIONS, SCENES, ask_fixed


def test_the_same_file_says_the_same_and_a_changed_one_does_not(seeds: Path, tmp_path: Path) -> None:
    file = seeds / "seed-1" / "model.safetensors"
    first = ask_fixed(file)
    assert len(first.said) <= SCENES * QUESTIONS
    assert first.differences(ask_fixed(file)) == []
    loaded = load_model(file)
    with torch.no_grad():
        *_, of_answers = loaded.model.parameters()
        of_answers[0] += 20  # it is now sure of one answer
    save_model(tmp_path / "changed.safetensors", loaded.model, loaded.meta)
    assert first.differences(ask_fixed(tmp_path / "changed.safetensors"))


def test_a_model_that_does_not_answer_is_refused(tiny_data: Path, tmp_path: Path) -> None:
    quick = {"training.epochs": 1, "training.accelerator": "cpu", "data.workers": 0, "model.hidden": 8}
    console = Console(quiet=True)
    recipe = load_recipe("iep-generator-quick", quick)
    Experiment.create(recipe, tiny_data, tmp_path / "writes", console).run(console)
    with pytest.raises(UsageError, match="neither answers, locates nor names regions"):
        ask_fixed(tmp_path / "writes" / "model.safetensors")
