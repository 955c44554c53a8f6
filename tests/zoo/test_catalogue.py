from pathlib import Path

import pytest
import yaml

from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.errors import UsageError
from visreason.models import build_model
from visreason.tasks.recipes.model_settings import model_config
from visreason.tasks.recipes.schedules import SlowStart
from visreason.zoo.catalogue import find_recipe, list_recipes, load_recipe, recipe_names

PUBLISHED = ["rn-pixels", "rn-state", "rn-pixels-ir", "rn-state-ir"]


def test_every_promised_recipe_ships() -> None:
    assert {*PUBLISHED, "rn-quick", "question-only-quick", "attribute-cnn"} <= set(recipe_names())
    assert [row.name for row in list_recipes()] == recipe_names()


@pytest.mark.parametrize("name", recipe_names())
def test_every_line_of_a_recipe_file_is_explained(name: str) -> None:
    lines = find_recipe(name).read_text().splitlines()
    body = [line for line in lines if line.startswith("  ") and not line.startswith("  #")]
    about = set(yaml.safe_load("\n".join(lines))["about"])
    bare = [
        line
        for line in body
        if "  #" not in line and line.split(":")[0].strip() not in about | {"kind", "family"}
    ]
    assert bare == []
    assert lines[0].startswith("# ")


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_setting_is_as_its_authors_meant_it(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.schedule == SlowStart(start=5e-6, gamma=2.0, step=20)
    assert (recipe.optimiser.name, recipe.optimiser.lr, recipe.optimiser.weight_decay) == ("adam", 5e-4, 1e-4)
    assert (recipe.optimiser.clip_norm, recipe.batch.size, recipe.training.epochs) == (50.0, 640, 350)
    assert recipe.model.settings["reverse"] is True
    assert recipe.model.settings["injection_layer"] == (2 if name.endswith("-ir") else 0)


@pytest.mark.parametrize(
    ("name", "parameters"),
    # the reference counts 2,059,492 for states, 16,488 of them in a CNN that it builds and never uses
    [("rn-pixels", 484_580), ("rn-pixels-ir", 484_580), ("rn-state", 2_043_004), ("rn-state-ir", 2_043_004)],
)
def test_the_published_networks_have_the_published_sizes(name: str, parameters: int) -> None:
    recipe = load_recipe(name)
    meta = {"vocabulary": CLEVR_VOCABULARY.to_dict(), "inputs": recipe.inputs.to_meta()}
    model = build_model(recipe.model.family, model_config(recipe, meta))
    assert sum(parameter.numel() for parameter in model.parameters()) == parameters


def test_learnt_aggregation_is_as_published() -> None:
    recipe = load_recipe("rn-pixels-avf")
    settings = recipe.model.settings
    assert (settings["aggregation"], settings["pair_weights"], settings["injection_layer"]) == (
        "weighted-sum",
        "uniform",
        len(settings["g_widths"]),
    )
    meta = {"vocabulary": CLEVR_VOCABULARY.to_dict(), "inputs": recipe.inputs.to_meta()}
    assert model_config(recipe, meta).objects == 64  # 4,096 weights
    assert load_recipe("rn-avf-quick").world == load_recipe("rn-quick").world


def test_the_baseline_is_trained_just_as_the_quick_model() -> None:
    quick, blind = load_recipe("rn-quick"), load_recipe("question-only-quick")
    for section in ("task", "data", "world", "optimiser", "schedule", "batch", "training"):
        assert getattr(quick, section) == getattr(blind, section)
    for shared in ("word_size", "lstm_hidden", "f_widths", "dropout", "reverse"):
        assert quick.model.settings[shared] == blind.model.settings[shared]


def test_a_wrong_name_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no recipe 'rn-quik'. Did you mean rn-quick"):
        load_recipe("rn-quik")
    with pytest.raises(UsageError, match=r"There are attribute-cnn.*ends in .yaml"):
        load_recipe("zzzzzzzz")
    with pytest.raises(UsageError, match=r"no recipe file mine.yaml"):
        find_recipe("mine.yaml")


def test_a_recipe_file_is_found_by_path(tmp_path: Path) -> None:
    file = tmp_path / "mine.yml"
    file.write_text("extends: rn-quick\n")
    assert find_recipe(str(file)) == file
