import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.data.world import generate_world
from visreason.data.world_split import WorldSplit
from visreason.errors import DataError, ModelError, VocabularyError
from visreason.models import load_model
from visreason.tasks.folders import open_folder
from visreason.tasks.recipes.layout_tasks import LocatingTask
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.run_folder import RunFolder
from visreason.tasks.sources import training_data, view_of, vocabulary_of_data
from visreason.tasks.starting_weights import image_network
from visreason.tasks.testing import run_test
from visreason.tasks.training import make_model, train
from visreason.zoo.catalogue import load_recipe, recipe_names

SMALL: dict[str, Any] = {
    "batch.size": 64,
    "training.epochs": 1,
    "training.accelerator": "cpu",
    "data.workers": 0,
}


def small(name: str, **changes: Any) -> Recipe:
    recipe = load_recipe(name)
    pixels = {"inputs.image_size": [32, 32]} if recipe.inputs.kind == "pixels" else {}
    steps = {"model.steps": 9} if recipe.model.family == "stack-nmn" else {}  # quick ones ask no relations
    alone = {f"model_init.{part}_from": None for part in ("conv", "generator", "engine", "model")}
    alone |= {"model_init.conv_frozen": False}
    given = {key.replace("__", "."): value for key, value in changes.items()}
    return load_recipe(name, SMALL | pixels | steps | alone | given)


@pytest.fixture(scope="module")
def pointing_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny world with referring expressions."""
    root = tmp_path_factory.mktemp("pointing")
    for split, scenes in (("train", 12), ("val", 6)):
        size = {"questions_per_scene": 5, "refexps_per_scene": 3, "image_size": (48, 32)}
        generate_world(root, WorldSplit(split, scenes, **size), jobs=1)
    return root


@pytest.mark.parametrize(
    "name", [name for name in recipe_names() if load_recipe(name).inputs.kind != "regions"]
)
def test_every_recipe_takes_a_step_on_a_tiny_world(
    name: str, tiny_data: Path, folder: Path, console: Console, request: pytest.FixtureRequest
) -> None:
    recipe = small(name, **({"task__scene_fraction": 0.5} if name == "attribute-cnn" else {}))
    points = isinstance(recipe.task, LocatingTask)
    tiny_data = request.getfixturevalue("pointing_data") if points else tiny_data
    data = training_data(recipe, tiny_data, console)
    run = RunFolder.create(folder, recipe, tiny_data)
    finished = train(recipe, data, run, console)
    assert finished.steps == 1
    assert finished.score <= 1
    assert (
        finished.score >= 0 or recipe.task.name == "relations"
    )  # counts may explain less than the mean does
    assert run.weights.is_file()


def test_the_image_network_of_one_run_starts_another(tiny_data: Path, folder: Path, console: Console) -> None:
    recipe = small("attribute-cnn", task__scene_fraction=1)
    run = RunFolder.create(folder, recipe, tiny_data)
    train(recipe, training_data(recipe, tiny_data, console), run, console)
    wanted = small("rn-pixels", model_init__conv_from=str(folder))
    model = make_model(wanted, training_data(wanted, tiny_data, console))
    source = load_model(run.weights).model
    assert all(
        torch.equal(value, model.cnn.state_dict()[name]) for name, value in source.cnn.state_dict().items()
    )


@pytest.mark.parametrize("name", ["iep-engine", "rn-pixels", "snmn-vqa-layout"])
def test_a_frozen_image_network_is_left_as_it_is_and_the_model_stays_one_of_pixels(
    name: str, tiny_data: Path, folder: Path, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISREASON_CACHE", str(folder / "cache"))
    eyes = small("attribute-detector-compact")
    eyes_run = RunFolder.create(folder / "eyes", eyes, tiny_data)
    train(eyes, training_data(eyes, tiny_data, console), eyes_run, console)
    channels = "model.conv_channels" if name == "rn-pixels" else "model.image.channels"
    init = {"model_init.conv_from": str(eyes_run.path), "model_init.conv_frozen": True}
    plain = {"inputs.augment": False, channels: [32, 64, 96, 96]}
    recipe = load_recipe(name, SMALL | {"inputs.image_size": [32, 32], "batch.per_image": 5} | plain | init)
    data = training_data(recipe, tiny_data, console)
    batch = data.collate([data.validation[row] for row in range(10)])
    assert batch.images is None
    assert batch.features is not None
    run = RunFolder.create(folder / "run", recipe, tiny_data)
    finished = train(recipe, data, run, console)
    trained = load_model(run.weights)
    network, taught = (image_network(load_model(one.weights).model) for one in (run, eyes_run))
    assert network is not None
    assert taught is not None
    for part, value in taught.state_dict().items():
        assert torch.equal(network.state_dict()[part], value), part
    assert trained.meta["inputs"]["kind"] == "pixels"
    measured = run_test(str(run.path), console=console).report.to_dict()["accuracy"]["overall"]["value"]
    assert measured == pytest.approx(finished.score, abs=1 / 30)  # cells in 16 bits or 32


def test_images_rendered_while_training_give_the_same_shapes(
    tiny_data: Path, folder: Path, console: Console
) -> None:
    recipe = small("rn-pixels", inputs__render=True, inputs__augment=False, data__limit=4, batch__size=4)
    data = training_data(recipe, tiny_data, console)
    batch = data.collate([data.train(0)[row] for row in range(4)])
    assert batch.images is not None
    assert batch.images.shape == (4, 3, 32, 32)
    assert len(data.validation) == 30


def test_the_limit_and_the_splits_are_the_recipes(tiny_data: Path, console: Console) -> None:
    data = training_data(
        small("rn-quick", data__limit=7, data__train="val", data__validation="train"), tiny_data, console
    )
    assert (len(data.train(0)), len(data.validation)) == (7, 60)


def test_augmentation_changes_with_the_epoch_and_not_with_the_call(tiny_data: Path, console: Console) -> None:
    data = training_data(small("rn-pixels"), tiny_data, console)
    first, again, later = (data.train(epoch)[0].seen.image for epoch in (0, 0, 1))
    assert (first == again).all()
    assert (first != later).any()
    assert (data.validation[0].seen.image == data.validation[0].seen.image).all()


def test_a_generated_world_speaks_clevrs_vocabulary(tiny_data: Path) -> None:
    assert vocabulary_of_data(tiny_data / "questions" / "CLEVR_train_questions.json") == CLEVR_VOCABULARY


def test_further_words_are_appended_and_unknown_words_of_the_validation_split_are_errors(
    tiny_data: Path, tmp_path: Path, console: Console
) -> None:
    own = Path(shutil.copytree(tiny_data, tmp_path / "own"))
    say(own, "train", "Is there a mauve thing?")
    vocabulary = vocabulary_of_data(own / "questions" / "CLEVR_train_questions.json")
    assert vocabulary.words == (*CLEVR_VOCABULARY.words, "mauve")
    assert vocabulary.answers == CLEVR_VOCABULARY.answers
    say(own, "val", "Is there a maroon thing?")
    with pytest.raises(VocabularyError, match="'maroon'"):
        training_data(small("rn-quick"), own, console)


def say(data: Path, split: str, question: str) -> None:
    """Put other words into the first question of a split."""
    file = data / "questions" / f"CLEVR_{split}_questions.json"
    document = json.loads(file.read_text())
    document["questions"][0]["question"] = question
    file.write_text(json.dumps(document))


def test_a_folder_of_another_layout_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"not in CLEVR v1.0 layout"):
        open_folder(tmp_path)
    with pytest.raises(DataError, match="no folder"):
        open_folder(tmp_path / "nowhere")


def test_inputs_of_an_unknown_kind_are_an_error() -> None:
    with pytest.raises(ModelError, match="'sound'"):
        view_of({"kind": "sound"})
