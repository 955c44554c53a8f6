from pathlib import Path

import pytest
import yaml

from visreason.tasks.recipes.layers import read_settings
from visreason.tasks.recipes.recipe_yaml import to_yaml
from visreason.tasks.recipes.settings import to_recipe, to_settings
from visreason.zoo.catalogue import find_recipe, load_recipe, recipe_names


@pytest.mark.parametrize("name", recipe_names())
def test_a_resolved_recipe_written_as_yaml_reads_back_the_same(name: str, tmp_path: Path) -> None:
    recipe = load_recipe(name)
    file = tmp_path / "config.yaml"
    file.write_text(to_yaml(recipe))
    assert to_recipe(read_settings(file, find_recipe), str(file)) == recipe
    assert yaml.safe_load(file.read_text()) == {k: v or {} for k, v in to_settings(recipe).items()}


def test_the_yaml_says_what_every_setting_means() -> None:
    uncommented = [
        line
        for line in to_yaml(load_recipe("rn-pixels")).splitlines()
        if line.strip() and "#" not in line and line.split(":")[0].strip() not in {"name", "kind", "family"}
    ]
    assert uncommented == []
