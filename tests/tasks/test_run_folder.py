import json
from collections.abc import Callable
from pathlib import Path

import pytest

from visreason.errors import DataError, UsageError
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.run_folder import RunFolder
from visreason.zoo.catalogue import load_recipe


def test_a_new_run_explains_itself_before_the_first_step(folder: Path, recipe: Callable[..., Recipe]) -> None:
    run = RunFolder.create(folder, recipe(), Path("some/data"))
    assert load_recipe(str(run.config)) == recipe()
    environment = json.loads(run.environment.read_text())
    assert environment["seed"] == 0
    assert set(environment["versions"]) >= {"python", "torch", "lightning", "visreason"}
    assert run.data() == Path("some/data").resolve()


def test_a_folder_that_holds_something_else_is_never_touched(
    folder: Path, recipe: Callable[..., Recipe]
) -> None:
    folder.mkdir()
    (folder / "thesis.tex").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(UsageError, match="no run of visreason"):
            RunFolder.create(folder, recipe(), None, overwrite=overwrite)
    assert (folder / "thesis.tex").read_text() == "mine"


def test_an_older_run_is_replaced_only_when_asked(folder: Path, recipe: Callable[..., Recipe]) -> None:
    RunFolder.create(folder, recipe(), None).metrics.write_text('{"step": 1}\n')
    with pytest.raises(UsageError, match=r"--resume .*--overwrite"):
        RunFolder.create(folder, recipe(), None)
    assert not RunFolder.create(folder, recipe(), None, overwrite=True).metrics.exists()


def test_a_start_that_was_killed_is_no_obstacle(folder: Path, recipe: Callable[..., Recipe]) -> None:
    """Wherever it was: before the recipe was written, or while an older run was removed."""
    folder.mkdir()
    (folder / ".config.yaml.x1.part").touch()
    (folder / "environment.json").write_text("{}")
    run = RunFolder.create(folder, recipe(), None)
    assert sorted(file.name for file in folder.iterdir()) == ["config.yaml", "environment.json"]
    run.metrics.write_text("")
    order: list[Path] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "unlink", lambda path, missing_ok=False: order.append(path))
        RunFolder.create(folder, recipe(), None, overwrite=True)
    assert order == [run.metrics, run.config, run.environment]


def test_a_run_at_work_is_neither_shared_nor_replaced(folder: Path, recipe: Callable[..., Recipe]) -> None:
    run = RunFolder.create(folder, recipe(), None)
    run.last.parent.mkdir()
    (run.last.parent / ".last.ckpt.x1.part").touch()
    with run.at_work():
        assert list(run.last.parent.iterdir()) == []
        for start in (
            lambda: RunFolder.create(folder, recipe(), None, overwrite=True),
            run.at_work().__enter__,
        ):
            with pytest.raises(UsageError, match="another process is at work in"):
                start()
    assert run.is_run()


def test_opening_what_is_no_run_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run folder"):
        RunFolder.open(tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"lacks config.yaml"):
        RunFolder.open(tmp_path)


def test_metrics_survive_a_line_cut_short_and_forget_what_will_come_again(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.metrics.write_text('{"step":1}\n{"step":2}\n{"step":3}\n{"step":')
    assert [record["step"] for record in run.read_metrics()] == [1, 2, 3]
    run.forget_metrics_after(2)
    assert run.metrics.read_text() == '{"step":1}\n{"step":2}\n'


def test_a_broken_line_of_metrics_is_an_error_that_names_it(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.metrics.write_text('{"step":1}\nnonsense\n{"step":3}\n')
    with pytest.raises(DataError, match=r"metrics.jsonl, line 2, is not JSON"):
        list(run.read_metrics())
