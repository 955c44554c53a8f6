import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rich.console import Console

from visreason.errors import DataError, UsageError
from visreason.models import load_model
from visreason.models.region_reasoning import RegionReasoner
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.region_data import region_training_data
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data
from visreason.tasks.training import make_model, train
from visreason.zoo.catalogue import load_recipe

RECIPES = ["region-baseline-quick", "region-local-quick", "region-global-quick", "region-full"]


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_takes_its_steps_on_a_tiny_world(
    name: str, region_data: Path, small_regions: Any, folder: Path, console: Console
) -> None:
    recipe: Recipe = small_regions(name)
    run = RunFolder.create(folder, recipe, region_data)
    finished = train(recipe, training_data(recipe, region_data, console), run, console)
    assert finished.steps == (6 if name.endswith("quick") else 12)  # the published ones mirror images
    assert finished.score_name == "per_class_ap"
    meta = load_model(run.weights).meta
    assert meta["classes"][0] == "__background__"
    assert meta["inputs"] == recipe.inputs.to_meta()
    assert len(meta["frequencies"]) == len(meta["classes"])


def test_a_network_with_a_graph_knows_the_datas_own(
    region_data: Path, small_regions: Any, console: Console
) -> None:
    recipe = small_regions("region-full-quick")
    data = region_training_data(recipe, region_data, console)
    model = make_model(recipe, data)
    assert isinstance(model, RegionReasoner)
    assert model.graph is not None
    assert data.knowledge is not None
    assert data.meta["relations"] == list(data.knowledge.relations)
    assert "part of" in data.meta["relations"]
    assert "seen with" not in data.meta["relations"]
    assert torch.equal(model.graph.edges_M3, torch.from_numpy(data.knowledge.edges))
    assert model.graph.weights_M.sum() > 0
    alone = small_regions("region-full-quick", task__knowledge=False)
    assert "relations" not in region_training_data(alone, region_data, console).meta
    counted = small_regions("region-full-quick", task__cooccurrence=True)
    assert "seen with" in region_training_data(counted, region_data, console).meta["relations"]


def test_without_data_the_world_is_generated(small_regions: Any, console: Console) -> None:
    recipe = small_regions("region-baseline-quick", world__images=3, world__validation_images=2)
    data = region_training_data(recipe, None, console)
    assert [len(data.train(0)), len(data.validation)] == [3, 2]
    batch = data.collate([data.train(0)[0], data.train(0)[1]])
    assert batch.images.shape == (2, 3, 128, 128)
    assert batch.labels.min() >= 1


def test_what_is_odd_is_told_as_it_is_called(region_data: Path, small_regions: Any, tmp_path: Path) -> None:
    shutil.copytree(region_data, tmp_path / "data")
    file = tmp_path / "data" / "annotations" / "instances_val.json"
    document = json.loads(file.read_text())
    document["images"].append(document["images"][0] | {"id": 10_000, "file_name": "[b]gone.png"})
    file.write_text(json.dumps(document))
    said = io.StringIO()
    region_training_data(
        small_regions("region-baseline-quick"), tmp_path / "data", Console(file=said, width=40)
    )
    head, odd = said.getvalue().splitlines()
    assert head.startswith("val: 4 images, ")
    assert odd.endswith("([b]gone.png)")


def test_the_limit_and_flips_are_the_recipes(region_data: Path, small_regions: Any, console: Console) -> None:
    recipe = small_regions("region-baseline-quick", data__limit=5, inputs__flips=True)
    data = region_training_data(recipe, region_data, console)
    assert [len(data.train(0)), len(data.validation)] == [10, 4]
    with pytest.raises(DataError, match=r"no class has 40 regions or more"):
        region_training_data(small_regions("region-baseline-quick", task__minimum=40), region_data, console)


def test_splits_that_share_images_and_missing_folders_are_errors(
    region_data: Path, small_regions: Any, tmp_path: Path, console: Console
) -> None:
    shutil.copytree(region_data, tmp_path / "one")
    annotations = tmp_path / "one" / "annotations"
    document = json.loads((annotations / "instances_train.json").read_text())
    (tmp_path / "one" / "instances.json").write_text(json.dumps(document))
    shutil.rmtree(annotations)
    for image in (tmp_path / "one" / "images" / "train").iterdir():
        image.rename(tmp_path / "one" / "images" / image.name)
    recipe = small_regions("region-baseline-quick")
    with pytest.raises(DataError, match=r"have 12 in common"):
        region_training_data(recipe, tmp_path / "one", console)
    other = small_regions("region-baseline-quick", data__validation="mval")
    message = r"The splits of .*: train, val\. The split 'mval' is that of --data\.validation\."
    with pytest.raises(DataError, match=message):
        region_training_data(other, region_data, console)
    with pytest.raises(DataError, match=r"does not exist. Give a folder of images with boxes"):
        region_training_data(recipe, tmp_path / "none", console)


def test_a_graph_that_lacks_a_class_is_an_error(
    region_data: Path, small_regions: Any, tmp_path: Path, console: Console
) -> None:
    shutil.copytree(region_data, tmp_path / "data")
    path = tmp_path / "data" / "knowledge.json"
    known = json.loads(path.read_text())
    known["classes"].remove("rail")
    path.write_text(json.dumps(known))
    with pytest.raises(DataError, match=r"does not list the class 'rail'"):
        region_training_data(small_regions("region-global-quick"), tmp_path / "data", console)


def test_settings_that_contradict_are_named() -> None:
    with pytest.raises(UsageError, match=r"world.kind must be regions just where inputs.kind is"):
        load_recipe(
            "region-local-quick",
            {
                "world.kind": "sort-of-clevr",
                "world.scenes": 1,
                "world.seed": 0,
                "world.validation_scenes": 1,
                "world.questions_per_scene": 1,
            },
        )
    with pytest.raises(UsageError, match=r"model.trunk.kind must be features just where"):
        load_recipe("region-local-quick", {"model.trunk.kind": "features"})
    with pytest.raises(UsageError, match=r"inputs.long must be at least inputs.short"):
        load_recipe("region-local-quick", {"inputs.long": 64})
    with pytest.raises(UsageError, match=r"task.beta must be in \(0, 1\]"):
        load_recipe("region-local-quick", {"task.beta": 0})
    with pytest.raises(UsageError, match=r"task.cooccurrence"):
        load_recipe("region-full", {"task.knowledge": "false"})
    with pytest.raises(UsageError, match=r"world: the share rare must be 0 to 0.5"):
        load_recipe("region-local-quick", {"world.rare": 0.9})


def test_frozen_features_stand_in_place_of_pixels(
    region_data: Path, small_regions: Any, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torch import nn

    from visreason.nn.backbone import Backbone
    from visreason.tasks import region_data as module

    monkeypatch.setattr(module, "load_backbone", lambda choice: Backbone(nn.AvgPool2d(8), "none"))
    recipe = small_regions("region-baseline-quick", inputs__backbone="any", model__trunk__kind="features")
    data = region_training_data(recipe, region_data, console)
    assert data.meta["inputs"]["features"] == [3, 8]
    batch = data.collate([data.train(0)[0]])
    assert batch.images is None
    assert batch.features.shape == (1, 3, 16, 16)
    assert np.isfinite(make_model(recipe, data)(batch).logits.detach().numpy()).all()
