import json
from pathlib import Path

import pytest
from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.data.relation_targets import read_relation_targets
from visreason.tasks.count_report import CountReport
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.testing import run_test
from visreason.tasks.training import train
from visreason.zoo.catalogue import load_recipe


def test_a_counter_is_trained_and_tested_on_scenes(tiny_data: Path, tmp_path: Path, console: Console) -> None:
    small = {"inputs.image_size": "[32, 32]", "training.epochs": 2, "training.accelerator": "cpu"}
    recipe = load_recipe("relation-counter-quick", small)
    run = RunFolder.create(tmp_path / "run", recipe, tiny_data)
    finished = train(recipe, training_data(recipe, tiny_data, console), run, console)
    assert finished.score_name == "explained_variance"
    report = run_test(str(run.path), console=console).report
    assert isinstance(report, CountReport)
    metrics = report.to_dict()
    assert metrics["task"] == "relations"
    share = metrics["explained_variance"]
    assert share["value"] == pytest.approx(finished.score, abs=1e-4)
    assert share["low"] < share["value"] < share["high"] <= 1
    assert share["count"] == len(report.predictions)
    assert [name for name, _, _ in report.table()] == [
        "explained variance of relations",
        "explained variance of values",
    ]
    true = read_relation_targets(ClevrFolder(tiny_data), "val")
    for row, one in zip(true.present, report.predictions, strict=True):
        assert list(one["count"].values()) == row[:15].tolist()
        assert list(one["prediction"]) == list(true.names[:15])
    files = {file.name: file for file in report.write(tmp_path / "out")}
    assert json.loads(files["metrics.json"].read_text()) == metrics
    assert len(files["predictions.jsonl"].read_text().splitlines()) == len(true.images)
