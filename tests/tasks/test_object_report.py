import json
from pathlib import Path

import pytest
from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scenes_file import read_scenes
from visreason.tasks.object_report import ObjectReport
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.testing import run_test
from visreason.tasks.training import train
from visreason.zoo.catalogue import load_recipe


def test_a_detector_is_trained_and_tested_on_scenes(
    tiny_data: Path, tmp_path: Path, console: Console
) -> None:
    small = {"inputs.image_size": "[32, 32]", "training.epochs": 2, "training.accelerator": "cpu"}
    recipe = load_recipe("attribute-detector-compact", small)
    run = RunFolder.create(tmp_path / "run", recipe, tiny_data)
    finished = train(recipe, training_data(recipe, tiny_data, console), run, console)
    assert finished.score_name == "objects_right"
    report = run_test(str(run.path), console=console).report
    assert isinstance(report, ObjectReport)
    metrics = report.to_dict()
    assert metrics["task"] == "objects"
    assert metrics["objects_right"]["value"] == pytest.approx(finished.score, abs=1e-4)
    assert [name for name, _, _ in report.table()][:3] == [
        "found and named right in all",
        "found",
        "claims that are true",
    ]
    for scene, row in zip(
        read_scenes(ClevrFolder(tiny_data).scenes_file("val")), report.predictions, strict=True
    ):
        assert row["image_filename"] == scene.image_filename
        assert 0 <= row["right"] <= row["found"] <= row["objects"] <= len(scene.objects)
    files = {file.name: file for file in report.write(tmp_path / "out")}
    assert json.loads(files["metrics.json"].read_text()) == metrics
