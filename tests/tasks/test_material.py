from pathlib import Path

import pytest
from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.errors import DataError, UsageError
from visreason.models import load_model, save_model
from visreason.tasks.material import GENERATED, Material, given_material, own_material
from visreason.tasks.run_folder import RunFolder


def test_a_given_folder_is_tested_in_its_val_split_and_its_results_are_named_after_it(
    run: RunFolder, tiny_data: Path
) -> None:
    model = load_model(run.weights)
    name = tiny_data.name
    given = given_material(model, tiny_data, None)
    assert isinstance(given.folder, ClevrFolder)
    assert given == Material(given.folder, str(tiny_data), "val", f"{name}-val")
    assert given_material(model, tiny_data, "train").place == f"{name}-train"


def test_a_folder_of_nothing_is_an_error(run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not in CLEVR"):
        given_material(load_model(run.weights), tmp_path, None)


def test_a_run_knows_its_data_and_its_unseen_split(run: RunFolder, tiny_data: Path, console: Console) -> None:
    model = load_model(run.weights)
    own = own_material(model, run, "a run", None, 0, console)
    assert own == Material(own.folder, str(tiny_data), "val", "")
    assert own_material(model, run, "a run", "train", 0, console).place == "train"


def test_a_model_file_trained_on_the_generated_world_makes_it_again(
    run: RunFolder, tmp_path: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISREASON_CACHE", str(tmp_path / "cache"))
    model = load_model(run.weights)
    settings = dict(model.meta["settings"])
    settings["world"] = {**settings["world"], "scenes": 2, "validation_scenes": 2}
    bare = tmp_path / "bare.safetensors"
    save_model(bare, model.model, {**model.meta, "settings": settings, "data": None})
    own = own_material(load_model(bare), None, str(bare), None, 0, console)
    assert (own.name, own.split, own.place, own.render) == (GENERATED, "val", "", False)
    assert isinstance(own.folder, ClevrFolder)
    assert "val" in own.folder.splits()


def test_a_model_file_trained_on_files_must_be_told_where_they_are(run: RunFolder, console: Console) -> None:
    with pytest.raises(UsageError, match="Give --data"):
        own_material(load_model(run.weights), None, "a file", None, 0, console)
