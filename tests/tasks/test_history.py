import json
import subprocess
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from rich.console import Console

from visreason.errors import DataError
from visreason.tasks import history
from visreason.tasks.history import History, source_commit
from visreason.tasks.loader import TaskData
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.training import train

MakeRecipe = Callable[..., Recipe]
MakeData = Callable[..., TaskData]


def test_stretches_of_a_run_that_is_stopped_and_gone_on_with_add_up(
    folder: Path, recipe: MakeRecipe, data: MakeData, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = count(0.0, 10.0)  # every look at the clock takes ten seconds
    monkeypatch.setattr(history, "monotonic", lambda: next(clock))
    monkeypatch.setattr(history, "source_commit", lambda: "abc")
    batches = iter(range(10))

    def stop() -> None:
        if next(batches, None) is None:
            raise KeyboardInterrupt

    wanted = recipe(training__epochs=2)
    run = RunFolder.create(folder, wanted, None)
    with pytest.raises(KeyboardInterrupt):
        train(wanted, data(stop), run, console)
    first = History.read(run)
    assert (first.steps, first.epochs, first.each("device"), first.each("commit")) == (7, 1, ["cpu"], ["abc"])
    train(wanted, data(), run, console)
    whole = History.read(run)
    assert whole.stretches[0] == first.stretches[0]
    assert (whole.stretches[1].from_step, whole.steps, whole.epochs) == (7, 14, 2)
    assert whole.seconds == sum(one.seconds for one in whole.stretches) > first.seconds > 0


def test_a_run_without_a_history_is_known_by_its_metrics(folder: Path, recipe: MakeRecipe) -> None:
    run = RunFolder.create(folder, recipe(), None)
    assert History.read(run).seconds == 0
    lines = [
        {"step": 1, "loss": 1.0},
        {"step": 7, "epoch": 1, "seconds": 60.0},
        {"step": 14, "epoch": 2, "seconds": 30},
    ]
    run.metrics.write_text("".join(json.dumps(line) + "\n" for line in lines))
    remembered = History.read(run)
    assert (remembered.seconds, remembered.steps, remembered.epochs) == (90.0, 14, 2)
    assert remembered.each("commit") == [None]
    run.history.write_text('[{"began": "yesterday"}]')
    with pytest.raises(DataError, match="does not hold stretches"):
        History.read(run)


def test_the_commit_is_that_of_a_tracked_package_alone(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "code.py").write_text("one = 1\n")
    assert source_commit(package) is None
    git = ["git", "-C", str(tmp_path), "-c", "user.name=n", "-c", "user.email=e"]
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "of another project"]):
        subprocess.run([*git, *words], check=True)
    assert source_commit(package) is None
    for words in (["add", "package"], ["commit", "-q", "-m", "its own"]):
        subprocess.run([*git, *words], check=True)
    commit = source_commit(package)
    assert commit is not None
    assert len(commit) == 12
    (package / "code.py").write_text("one = 2\n")
    assert source_commit(package) == f"{commit}+"
