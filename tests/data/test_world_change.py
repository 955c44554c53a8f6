"""What a split that is wanted has beyond the one that is there."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from visreason import __version__
from visreason.data.world_change import change_of
from visreason.data.world_split import WorldSplit
from visreason.errors import UsageError

BARE = WorldSplit("val", 10, images=False)


def entry(split: WorldSplit, version: str = __version__) -> dict[str, Any]:
    return {"version": version, "arguments": split.arguments(), "questions": 100}


@pytest.mark.parametrize(
    ("more", "change"),
    [
        ({}, "none"),
        ({"scenes": 11}, "longer"),
        ({"images": True}, "richer"),
        ({"masks": True, "refexps_per_scene": 2}, "richer"),
        ({"captions_per_scene": 1}, "richer"),
    ],
)
def test_more_of_a_split_is_told_from_the_same(more: dict[str, Any], change: str) -> None:
    assert change_of(Path("world"), replace(BARE, **more), entry(BARE)) == change


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"scenes": 9}, "scenes 10 there, 9 now"),
        ({"scenes": 11, "captions_per_scene": 1}, "captions per scene 0 there, 1 now"),
        ({"seed": 1}, "seed 0 there, 1 now"),
        ({"questions_per_scene": 11}, "questions per scene 10 there, 11 now"),
    ],
)
def test_all_else_is_refused_and_named(more: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        change_of(Path("world"), replace(BARE, **more), entry(BARE))


def test_a_split_of_the_time_before_renderers_had_names_is_gone_on_with() -> None:
    drawn = replace(BARE, images=True)
    older = entry(drawn)
    del older["arguments"]["renderer"]
    assert change_of(Path("world"), drawn, older) == "none"
    assert change_of(Path("world"), replace(drawn, scenes=11), older) == "longer"


def test_nothing_is_taken_from_a_split() -> None:
    with pytest.raises(UsageError, match="images yes there, no now"):
        change_of(Path("world"), BARE, entry(replace(BARE, images=True)))


def test_another_version_is_refused() -> None:
    with pytest.raises(UsageError, match=r"visreason 0\.0 there"):
        change_of(Path("world"), BARE, entry(BARE, "0.0"))
