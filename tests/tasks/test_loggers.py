from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from visreason.errors import UsageError
from visreason.tasks import loggers
from visreason.tasks.loader import TaskData
from visreason.tasks.loggers import make_loggers
from visreason.tasks.recipe import Recipe
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.training import train


def test_a_logger_whose_package_is_missing_is_an_error_that_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loggers, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match="pip install wandb"):
        make_loggers(["wandb"], RunFolder(tmp_path))


def test_no_logger_is_needed(tmp_path: Path) -> None:
    assert make_loggers([], RunFolder(tmp_path)) == []


def test_tensorboard_gets_the_same_figures_as_metrics_jsonl(
    folder: Path, recipe: Callable[..., Recipe], data: Callable[..., TaskData], console: Console
) -> None:
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    wanted = recipe(logging__loggers=["tensorboard"])
    run = RunFolder.create(folder, wanted, None)
    train(wanted, data(), run, console)
    written = events.EventAccumulator(str(folder / "tensorboard")).Reload()
    accuracy = [(event.step, event.value) for event in written.Scalars("accuracy")]
    recorded = [(record["step"], record["accuracy"]) for record in run.read_metrics() if "accuracy" in record]
    assert [step for step, _ in accuracy] == [step for step, _ in recorded]
    assert [value for _, value in accuracy] == pytest.approx([value for _, value in recorded])
    assert "accuracy_by_class/exist" in written.Tags()["scalars"]
