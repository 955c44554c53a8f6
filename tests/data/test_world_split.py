from pathlib import Path
from typing import Any

import pytest

from visreason.clevr.rules import Rules
from visreason.data.world_split import WorldSplit, folder_fingerprint
from visreason.errors import UsageError


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"scenes": 0}, "scenes must be at least 1; got 0"),
        ({"questions_per_scene": -1}, "questions per scene must be at least 0"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"split": "../val"}, "got '../val'"),
        ({"split": "loc_val"}, "referring expressions"),
        ({"split": ""}, "a split is named"),
        ({"image_size": (480, 4)}, "480x4 pixels"),
        ({"image_size": (99_999, 99_999)}, "8 to 4096"),
        ({"renderer": "blender"}, "no renderer 'blender'; expected raycast or mitsuba"),
    ],
)
def test_settings_out_of_range_are_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as error:
        WorldSplit(**({"split": "val", "scenes": 1} | settings))
    assert message in str(error.value)


def test_rules_count_in_whatever_order_they_are_given() -> None:
    texts = ["objects=3-4", "cogent=A"]
    one, other = (WorldSplit("val", 1, only=Rules.parse(order)).arguments() for order in (texts, texts[::-1]))
    assert one == other != WorldSplit("val", 1).arguments()
    assert one["only"] == ["cogent=A", "objects=3-4"]


def test_the_image_size_counts_only_where_pictures_are_made() -> None:
    states = [
        WorldSplit("val", 1, images=False, image_size=size).arguments() for size in ((64, 64), (32, 32))
    ]
    assert states[0] == states[1]
    pictures = [
        WorldSplit("val", 1, images=False, masks=True, image_size=size).arguments()
        for size in ((64, 64), (32, 32))
    ]
    assert pictures[0] != pictures[1]


def test_the_renderer_counts_only_where_images_are_made() -> None:
    assert WorldSplit("val", 1).arguments()["renderer"] == "raycast"
    assert WorldSplit("val", 1, images=False, masks=True, renderer="mitsuba").arguments()["renderer"] is None


def test_templates_count_by_their_contents(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "abc"]
    for folder, text in zip(folders, ("[1]", "[1]", "[2]"), strict=True):
        folder.mkdir()
        (folder / "own.json").write_text(text)
    a, b, c = (WorldSplit("val", 1, templates=(folder,)).arguments() for folder in folders)
    assert a == b != c
    both = WorldSplit("val", 1, templates=(None, folders[0])).arguments()["templates"]
    assert both == ["own", a["templates"]]
    assert WorldSplit("val", 1).arguments()["templates"] is None


@pytest.mark.parametrize("templates", [(), (None, None)])
def test_templates_are_named_once_each(templates: tuple[None, ...]) -> None:
    with pytest.raises(UsageError, match="once each"):
        WorldSplit("val", 1, templates=templates)


def test_a_fingerprint_sees_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("1")
    (tmp_path / "note.txt").write_text("not looked at")
    first = folder_fingerprint(tmp_path, "*.py")
    (tmp_path / "note.txt").write_text("changed")
    assert folder_fingerprint(tmp_path, "*.py") == first
    (tmp_path / "one.py").rename(tmp_path / "two.py")
    assert folder_fingerprint(tmp_path, "*.py") != first
