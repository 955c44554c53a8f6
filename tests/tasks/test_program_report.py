"""A report of programs: what is exact by type, what is told of every question, and what is not without the truth."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from visreason.tasks.program_report import ProgramReport
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.testing import run_test
from visreason.tasks.training import train
from visreason.zoo.catalogue import load_recipe


@pytest.fixture(scope="module")
def run(tiny_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generator after an epoch."""
    console = Console(quiet=True)
    small = {"training.epochs": 1, "training.accelerator": "cpu", "data.workers": 0, "model.hidden": 8}
    recipe = load_recipe("iep-generator-quick", small)
    made = RunFolder.create(tmp_path_factory.mktemp("runs") / "writes", recipe, tiny_data)
    train(recipe, training_data(recipe, tiny_data, console), made, console)
    return made.path


def test_every_question_is_told_and_types_make_up_the_whole(
    run: Path, tmp_path: Path, console: Console
) -> None:
    report = run_test(str(run), console=console).report
    assert isinstance(report, ProgramReport)
    metrics = report.to_dict()
    exact = metrics["programs"]["exact"]
    by_type = metrics["programs"]["exact_by_type"].values()
    assert sum(one["count"] for one in by_type) == exact["count"] == len(report.predictions)
    right = sum(one["value"] * one["count"] for one in by_type)
    assert right == pytest.approx(exact["value"] * exact["count"])
    assert metrics["symbol_accuracy"] is not None
    assert all(
        {"program", "program_valid", "program_exact", "answer"} <= set(one) for one in report.predictions
    )
    files = {file.name: file for file in report.write(tmp_path)}
    assert json.loads(files["metrics.json"].read_text()) == metrics
    lines = files["predictions.jsonl"].read_text().splitlines()
    assert [json.loads(line)["question_index"] for line in lines] == [
        one["question_index"] for one in report.predictions
    ]


def test_where_no_programs_are_told_nothing_is_said_of_exactness(
    run: Path, tiny_data: Path, tmp_path: Path, console: Console
) -> None:
    untold = tmp_path / "data"
    for part in ("images", "scenes"):
        if (tiny_data / part).exists():
            (untold / part).parent.mkdir(exist_ok=True)
            (untold / part).symlink_to(tiny_data / part)
    (untold / "questions").mkdir()
    for file in (tiny_data / "questions").glob("*_val_*.json"):
        text = json.loads(file.read_text())
        for one in text["questions"]:
            one.pop("program")
        (untold / "questions" / file.name).write_text(json.dumps(text))
    report = run_test(str(run), untold, "val", console=console).report
    assert isinstance(report, ProgramReport)
    assert report.by_type == {}
    assert report.symbol_accuracy is None
    assert report.loss is None
    assert all("program_exact" not in one for one in report.predictions)
