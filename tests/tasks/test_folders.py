"""The data of recipes: folders that are given, and worlds that are made."""

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from visreason.data.vocabulary import SORT_OF_CLEVR_VOCABULARY
from visreason.errors import DataError
from visreason.tasks.folders import data_folder, open_folder
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.sources import training_data, vocabulary_of_data
from visreason.zoo.catalogue import load_recipe

SMALL = {"world.scenes": 4, "world.validation_scenes": 2}


def test_a_given_folder_is_taken(tiny_data: Path, recipe: Callable[..., Recipe], console: Console) -> None:
    assert data_folder(recipe(), tiny_data, ["train"], console).root == tiny_data
    with pytest.raises(DataError, match=r"is not in CLEVR v1\.0 layout"):
        open_folder(tiny_data / "images")


def test_a_sort_of_clevr_world_is_made_and_trained_on(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISREASON_CACHE", str(tmp_path))
    recipe = load_recipe("rn-sort-of-clevr", SMALL)
    folder = data_folder(recipe, None, ["train", "val"], console)
    assert folder.splits() == ("train", "val")
    assert vocabulary_of_data(folder.questions_file("train")) == SORT_OF_CLEVR_VOCABULARY
    data = training_data(recipe, None, console)
    assert data.meta["vocabulary"]["answers"] == list(SORT_OF_CLEVR_VOCABULARY.answers)
    assert (len(data.train(0)), len(data.validation)) == (80, 40)
    batch = data.collate([data.train(0)[row] for row in range(21)])
    assert batch.images is not None
    assert batch.images.shape == (2, 3, 75, 75)


def test_a_jittered_world_keeps_scenes_alone_and_is_measured_still(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISREASON_CACHE", str(tmp_path))
    recipe = load_recipe("rn-pixels-rendered", {**SMALL, "inputs.image_size": "[24, 24]"})
    data = training_data(recipe, None, console)
    assert list(tmp_path.rglob("*.png")) == []
    pictures = []
    for samples in (data.train(0), data.train(1), data.validation, data.validation):
        batch = data.collate([samples[0]])
        assert batch.images is not None
        pictures.append(batch.images)
    assert (pictures[0] - pictures[1]).abs().max() > 0.1
    assert (pictures[2] == pictures[3]).all()
