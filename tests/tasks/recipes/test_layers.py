from pathlib import Path

import pytest

from visreason.errors import UsageError
from visreason.tasks.recipes.layers import override, read_settings
from visreason.zoo.catalogue import find_recipe


def test_naming_the_same_kind_again_keeps_its_settings() -> None:
    settings = {"schedule.name": "plateau", "schedule.patience": 3}
    assert override(settings, {"schedule.name": "plateau"}) == settings


def test_a_recipe_that_extends_itself_is_an_error(tmp_path: Path) -> None:
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text(f"extends: {two}\n")
    two.write_text(f"extends: {one}\n")
    with pytest.raises(UsageError, match="extends itself"):
        read_settings(one, find_recipe)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [1", "is not YAML"),
        ("just words", "must be a mapping"),
        ("optimiser: 3", "must hold settings of its own"),
    ],
)
def test_a_file_that_is_no_recipe_is_an_error(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(UsageError, match=message):
        read_settings(file, find_recipe)
