from pathlib import Path
from typing import Any

import pytest

from visreason.errors import UsageError
from visreason.nn.image_encoder import ImageEncoderConfig
from visreason.tasks.recipes.layers import override
from visreason.tasks.recipes.model_settings import model_config
from visreason.tasks.recipes.recipe_yaml import to_yaml
from visreason.zoo.catalogue import load_recipe

META: dict[str, Any] = {
    "vocabulary": {"words": ["a", "b"], "answers": ["yes", "no", "1"]},
    "inputs": {"kind": "state", "encoding": "onehot", "max_objects": 4},
}


def test_model_config_fills_in_what_follows_from_the_data() -> None:
    config = model_config(load_recipe("rn-quick"), META)
    assert (config.input, config.object_size, config.vocabulary_size, config.answer_count) == (
        "state",
        18,
        2,
        3,
    )


SEEING = {
    "model.family": "stacked-attention",
    "model.dim": "16",
    "model.image.channels": "[8, 16]",
    "inputs.kind": "pixels",
    "inputs.image_size": "[32, 48]",
    "inputs.augment": "false",
    "inputs.render": "false",
}


def test_a_configuration_within_a_configuration_is_set_by_dotted_names() -> None:
    recipe = load_recipe("rn-quick", SEEING)
    assert recipe.model.settings["image"] == {"channels": (8, 16), "strides": None, "coordinates": False}
    config = model_config(recipe, META | {"inputs": recipe.inputs.to_meta()})
    assert config.image == ImageEncoderConfig(kind="pixels", shape=(3, 32, 48), channels=(8, 16))
    assert (config.dim, config.vocabulary_size) == (16, 2)


def test_what_follows_from_the_images_cannot_be_set() -> None:
    with pytest.raises(UsageError, match=r"no setting 'model.image.shape'"):
        load_recipe("rn-quick", SEEING | {"model.image.shape": "[3, 8, 8]"})


def test_a_part_of_the_model_explains_itself_in_yaml(tmp_path: Path) -> None:
    recipe = load_recipe("rn-quick", SEEING)
    file = tmp_path / "config.yaml"
    file.write_text(to_yaml(recipe))
    assert "  image:  # how the network sees\n    channels: [8, 16]  # the width of each" in file.read_text()
    assert load_recipe(str(file)) == recipe


def test_leaving_a_part_out_drops_its_settings_and_the_reverse() -> None:
    given = {"model.family": "iep", "model.modules.dim": 8, "model.modules.image.channels": [8]}
    assert override(given, {"model.modules": None}) == {"model.family": "iep", "model.modules": None}
    assert override({"model.memory": None}, {"model.memory.dim": 8}) == {"model.memory.dim": 8}
    other = load_recipe("iep", {"model.modules": "null", "model.memory.dim": "16"}).model.settings
    assert other["modules"] is None
    assert other["memory"]["dim"] == 16
    with pytest.raises(UsageError, match=r"model.memory must be null, or have settings of its own; got '3'"):
        load_recipe("iep", {"model.memory": "3"})


def test_where_pairs_are_weighed_their_objects_follow_from_the_inputs() -> None:
    late = {"model.aggregation": "weighted-sum", "model.injection_layer": 2}
    states = load_recipe("rn-quick", late | {"inputs.max_objects": 7})
    assert model_config(states, META | {"inputs": states.inputs.to_meta()}).objects == 7
    wide = load_recipe("rn-pixels-avf", {"inputs.image_size": "[100, 200]"})  # 16 pixels a cell
    assert model_config(wide, META | {"inputs": wide.inputs.to_meta()}).objects == 7 * 13
    assert model_config(load_recipe("rn-quick"), META).objects is None
