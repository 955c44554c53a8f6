import shlex

import pytest

from visreason.cli.parser import split_overrides
from visreason.zoo.catalogue import load_recipe
from visreason.zoo.recipe_facts import recipe_changes, recipe_hash, train_command


@pytest.mark.parametrize(
    "changes",
    [{}, {"optimiser.lr": 0.5}, {"world.only": ["objects=3-6", "families=0-8,39"]}, {"model.word_size": 7}],
)
def test_the_command_of_a_record_trains_the_same_recipe(changes: dict[str, object]) -> None:
    recipe = load_recipe("rn-quick", {**changes, "training.seed": 4})
    words = shlex.split(train_command(recipe, None, [4]))
    rest, overrides = split_overrides(words[2:])
    assert rest == ["rn-quick"]
    assert load_recipe("rn-quick", overrides) == recipe
    assert recipe_changes(recipe).keys() == changes.keys()
    assert (recipe_hash(recipe) == recipe_hash(load_recipe("rn-quick"))) is (not changes)


def test_a_setting_at_its_default_changes_no_hash() -> None:
    plain = load_recipe("rn-quick")
    assert recipe_hash(load_recipe("rn-quick", {"world.refexps_per_scene": 0})) == recipe_hash(plain)
    assert recipe_hash(load_recipe("rn-quick", {"world.refexps_per_scene": 2})) != recipe_hash(plain)
