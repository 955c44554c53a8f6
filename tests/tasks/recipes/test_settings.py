import re
from dataclasses import fields
from pathlib import Path

import pytest

from visreason.errors import UsageError
from visreason.tasks.recipes.kinds import PixelInputs, StateInputs
from visreason.tasks.recipes.recipe import Recipe
from visreason.tasks.recipes.schedules import Constant, SlowStart
from visreason.tasks.recipes.settings import to_settings
from visreason.zoo.catalogue import find_recipe, load_recipe, recipe_names


def test_text_from_the_command_line_gets_each_settings_type() -> None:
    recipe = load_recipe(
        "rn-pixels",
        {
            "optimiser.lr": "1e-4",
            "optimiser.clip_norm": "null",
            "inputs.image_size": "[64, 96]",
            "inputs.augment": "false",
            "model.g_widths": "[8, 8]",
            "logging.loggers": "[tensorboard]",
            "data.limit": "100",
        },
    )
    assert recipe.optimiser.lr == 1e-4
    assert recipe.optimiser.clip_norm is None
    assert recipe.inputs == PixelInputs(image_size=(64, 96), augment=False, render=False)
    assert recipe.model.settings["g_widths"] == (8, 8)
    assert recipe.logging.loggers == ("tensorboard",)
    assert recipe.data.limit == 100


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"optimiser.lrr": "1"}, r"no setting 'optimiser.lrr'. Did you mean optimiser.lr"),
        ({"optimizer.lr": "1"}, r"Did you mean optimiser.lr"),
        ({"nothing.like": "1"}, r"There are .*optimiser"),
        ({"optimiser.lr": "fast"}, r"optimiser.lr must be a float; got fast"),
        ({"optimiser.lr": "-1"}, r"optimiser.lr must be above 0; got -1.0"),
        ({"data.limit": "some"}, r"data.limit must be one of int, null; got some"),
        ({"training.precision": "half"}, r"training.precision must be one of '32-true'"),
        ({"schedule.name": "slow-stat"}, r"schedule.name must be one of .* Did you mean slow-start"),
        ({"schedule.name": "plateau"}, r"schedule.factor, schedule.patience must be given"),
        ({"model.family": "transformer"}, r"model.family must be one of relation-network"),
        ({"inputs.kind": "question"}, r"inputs.kind must be pixels or state for relation-network"),
        (
            {"task.name": "attributes", "task.scene_fraction": "1"},
            r"task.name must be answering for relation-network",
        ),
        ({"model.vocabulary_size": "9"}, r"no setting 'model.vocabulary_size'"),
    ],
)
def test_a_wrong_setting_is_an_error_that_names_it(changes: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_recipe("rn-pixels", changes)


def test_choosing_another_kind_of_a_section_drops_the_old_kinds_settings() -> None:
    assert isinstance(load_recipe("rn-pixels").schedule, SlowStart)
    assert load_recipe("rn-pixels", {"schedule.name": "constant"}).schedule == Constant()
    states = {"inputs.kind": "state", "inputs.encoding": "onehot", "inputs.max_objects": "10"}
    assert load_recipe("rn-pixels", states).inputs == StateInputs(encoding="onehot", max_objects=10)


def test_a_recipe_file_may_change_a_shipped_one(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("extends: rn-quick\nabout:\n  name: mine\noptimiser:\n  lr: 0.5\n")
    mine = load_recipe(str(file))
    assert (mine.about.name, mine.optimiser.lr, mine.batch) == ("mine", 0.5, load_recipe("rn-quick").batch)


def test_no_setting_is_dead() -> None:
    """Every setting is read somewhere besides where settings are defined, converted and range-checked."""
    source = Path(find_recipe("rn-quick")).parents[2]
    code = "\n".join(
        path.read_text() for path in (source / "tasks").rglob("*.py") if path.name != "settings.py"
    )
    code = "\n".join(line for line in code.splitlines() if not line.lstrip().startswith("require("))
    recipes = [to_settings(load_recipe(name)) for name in recipe_names()]
    for section in fields(Recipe):
        keys = set().union(*(recipe[section.name] for recipe in recipes))
        dead = [key for key in sorted(keys) if not re.search(rf"\.{key}\b", code)]
        assert section.name in {"model", "about"} or dead == [], f"{section.name}: {dead}"
