"""What a test of an attribute network says, and of which networks it says nothing."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from visreason.errors import ModelError
from visreason.tasks.attribute_report import AttributeReport
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.testing import run_test
from visreason.tasks.training import train
from visreason.zoo.catalogue import load_recipe


def test_an_attribute_network_is_tested_on_scenes(tiny_data: Path, tmp_path: Path, console: Console) -> None:
    pixels = {"inputs.image_size": "[32, 32]", "task.scene_fraction": "1", "data.workers": 0}
    recipe = load_recipe("attribute-cnn", pixels | {"training.epochs": 1, "training.accelerator": "cpu"})
    run = RunFolder.create(tmp_path / "run", recipe, tiny_data)
    train(recipe, training_data(recipe, tiny_data, console), run, console)
    report = run_test(str(run.path), console=console).report
    assert isinstance(report, AttributeReport)
    metrics = report.to_dict()
    assert len(metrics["average_precision"]["by_value"]) == 15
    recorded = [one["average_precision"] for one in run.read_metrics() if "average_precision" in one]
    mean = metrics["average_precision"]["mean"]
    assert mean["value"] == pytest.approx(max(recorded))
    assert mean["count"] == 6
    assert mean["low"] < mean["value"] < mean["high"]
    assert report.table()[0] == ("mean average precision", str(report.mean), "6")
    files = {file.name: file for file in report.write(tmp_path / "out")}
    assert json.loads(files["metrics.json"].read_text()) == json.loads(json.dumps(metrics))
    assert len(files["predictions.jsonl"].read_text().splitlines()) == 6


def test_an_attribute_network_of_another_world_is_not_tested(
    tiny_data: Path, tmp_path: Path, console: Console
) -> None:
    small = {
        "world.scenes": 4,
        "world.validation_scenes": 2,
        "training.epochs": 1,
        "training.accelerator": "cpu",
    }
    recipe = load_recipe("attribute-cnn-sort-of-clevr", small)
    run = RunFolder.create(tmp_path / "run", recipe, None)
    train(recipe, training_data(recipe, None, console), run, console)
    with pytest.raises(ModelError, match="names red square, red circle"):
        run_test(str(run.path), tiny_data, "val", console=console)
