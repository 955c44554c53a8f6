"""Recipes and runs of older versions."""

from pathlib import Path

import pytest

from visreason.errors import UsageError
from visreason.tasks.recipes.older import migrate
from visreason.tasks.recipes.recipe_yaml import to_yaml
from visreason.tasks.recipes.worlds import ClevrWorld
from visreason.zoo.catalogue import load_recipe

COUNTS = {"world.min_objects": 3, "world.max_objects": 10}


@pytest.mark.parametrize(
    ("older", "rules"),
    [
        (COUNTS | {"world.families": None}, []),
        (COUNTS | {"world.max_objects": "6"}, ["objects=3-6"]),
        (COUNTS | {"world.families": "84-89"}, ["families=84-89"]),
        ({"world.min_objects": 2, "world.families": "null"}, ["objects=2-10"]),
    ],
)
def test_counts_and_families_become_split_rules(older: dict[str, object], rules: list[str]) -> None:
    assert migrate(older) == {"world.kind": "clevr", "world.only": rules}


def test_todays_settings_stay_as_they_are() -> None:
    today = {"world.kind": "sort-of-clevr", "world.scenes": 5}
    assert migrate(today) == today
    assert migrate({"world.only": ["cogent=A"]})["world.only"] == ["cogent=A"]


def test_a_whole_recipe_of_an_older_version_is_read(tmp_path: Path) -> None:
    now = to_yaml(load_recipe("rn-quick"))
    lines = [
        line for line in now.splitlines() if not line.startswith(("  kind: clevr", "  refexps_per_scene"))
    ]
    rules = next(line for line in lines if line.startswith("  only:"))
    older = "\n".join(lines).replace(rules, "  min_objects: 3\n  max_objects: 5\n  families: 74-77,84-89")
    (tmp_path / "config.yaml").write_text(older)
    world = load_recipe(str(tmp_path / "config.yaml")).world
    assert isinstance(world, ClevrWorld)
    assert world == load_recipe("rn-quick").world


def test_old_and_new_settings_together_are_refused() -> None:
    with pytest.raises(
        UsageError, match=r"world.min_objects and world.max_objects cannot stand beside world.only"
    ):
        load_recipe("rn-quick", COUNTS)
