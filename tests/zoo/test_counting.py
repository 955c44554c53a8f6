import pytest

from visreason.files import read_json
from visreason.zoo.catalogue import load_recipe, recipe_names
from visreason.zoo.counting import count_parameters
from visreason.zoo.model_list import COUNTS


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_resolves_and_builds_a_model_of_the_kept_size(name: str) -> None:
    due = "its model has changed: python -m visreason.zoo.counting"
    assert count_parameters(name) == read_json(COUNTS).get(name), due
    assert load_recipe(name).about.name == name
