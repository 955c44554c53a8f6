from pathlib import Path

import pytest

from visreason.errors import ModelError, UsageError
from visreason.serve.limits import Limits
from visreason.serve.loading import find_runs, load_all, load_models, short_names


def run_at(folder: Path) -> Path:
    """A folder that looks like a run without weights."""
    folder.mkdir(parents=True)
    for name in ("config.yaml", "environment.json"):
        (folder / name).touch()
    return folder


def test_names_are_as_short_as_tells_them_apart() -> None:
    given = ["runs/a/seed-1", "runs/b/seed-1", "runs/c", "models/best.safetensors", "b.ckpt"]
    assert short_names(given) == ["a-seed-1", "b-seed-1", "c", "best", "b"]
    with pytest.raises(UsageError, match="given twice"):
        short_names(["runs/a", "runs/./a"])


def test_runs_are_found_and_those_of_seeds_within_them(tmp_path: Path) -> None:
    for name in ("one", "two/seed-1", "two/seed-2"):
        run_at(tmp_path / name)
    (tmp_path / "notes").mkdir()
    found = [Path(run).relative_to(tmp_path).as_posix() for run in find_runs(tmp_path)]
    assert found == ["one", "two/seed-1", "two/seed-2"]
    assert find_runs(tmp_path / "nowhere") == []


def test_what_cannot_be_loaded_is_left_out_and_told(tmp_path: Path, region_models: dict[str, str]) -> None:
    told: list[str] = []
    sources = [region_models["full"], str(run_at(tmp_path / "unfinished")), region_models["local"]]
    models = load_all(sources, Limits(), told.append)
    assert list(models) == ["full", "local"]
    assert len(told) == 1
    assert "unfinished" in told[0]
    for model in models.values():
        model.worker.close()


def test_what_was_asked_for_must_load(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no weights yet"):
        load_models([str(run_at(tmp_path / "unfinished"))], Limits())
