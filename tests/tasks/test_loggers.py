from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lightning.pytorch.loggers import Logger
from rich.console import Console

from visreason.errors import UsageError
from visreason.tasks import loggers
from visreason.tasks.loader import TaskData
from visreason.tasks.loggers import make_loggers
from visreason.tasks.recipes.recipe import Recipe
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


class Recorder(Logger):
    """A logger that remembers, in place of one that needs a package."""

    name = version = "recorder"

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[int | None, dict[str, float]]] = []

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        self.lines.append((step, metrics))

    def log_hyperparams(self, *_: Any, **__: Any) -> None:
        """Nothing to remember."""


def test_a_logger_gets_the_same_figures_as_metrics_jsonl(
    folder: Path,
    recipe: Callable[..., Recipe],
    data: Callable[..., TaskData],
    console: Console,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recorder = Recorder()
    monkeypatch.setitem(loggers.LOGGERS, "tensorboard", ("torch", lambda run: recorder))
    wanted = recipe(logging__loggers=["tensorboard"])
    run = RunFolder.create(folder, wanted, None)
    train(wanted, data(), run, console)
    records = list(run.read_metrics())
    assert [step for step, _ in recorder.lines] == [record["step"] for record in records]
    for (_, told), record in zip(recorder.lines, records, strict=True):
        kinds = record.pop("accuracy_by_class", {})
        assert told == record | {f"accuracy_by_class/{kind}": value for kind, value in kinds.items()}
