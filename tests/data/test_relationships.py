from pathlib import Path
from typing import Any

import pytest
from tests.data.regions.conftest import picture, write_json

from visreason.data.regions.region_set import RegionSet
from visreason.data.regions.visual_genome import read_visual_genome
from visreason.data.relationships import MOST, stated_relations
from visreason.errors import DataError

CLASSES = ("cup.n.01", "table.n.02", "man.n.01", "hat.n.01")


@pytest.fixture
def seen(tmp_path: Path) -> RegionSet:
    """Two images to train on; a third is of another split."""
    images = [{"image_id": number, "width": 20, "height": 10} for number in (1, 2, 3)]
    write_json(tmp_path / "image_data.json", images)
    box = {"x": 1, "y": 2, "w": 5, "h": 4}
    objects = [{"object_id": row, "synsets": [name], **box} for row, name in enumerate(CLASSES)]
    for number in (1, 2):
        picture(tmp_path / "images" / f"{number}.jpg")
    write_json(tmp_path / "train.json", [{"image_id": number, "objects": objects} for number in (1, 2)])
    return read_visual_genome(tmp_path, "train")


def said(subject: str | list[str], relation: str | list[str], thing: str | list[str]) -> dict[str, Any]:
    subject, relation, thing = ([one] if isinstance(one, str) else one for one in (subject, relation, thing))
    return {
        "predicate": "ON",
        "relationship_id": 15927,
        "synsets": relation,
        "subject": {"object_id": 1, "synsets": subject},
        "object": {"object_id": 2, "synsets": thing},
    }


def write(folder: Path, *each: list[dict[str, Any]]) -> None:
    records = [{"image_id": number, "relationships": some} for number, some in enumerate(each, 1)]
    write_json(folder / "relationships.json", records)


def test_what_is_stated_of_training_images_is_counted(seen: RegionSet, tmp_path: Path) -> None:
    cup, hat = said("cup.n.01", "along.r.01", "table.n.02"), said("man.n.01", "wear.v.01", "hat.n.01")
    once = said("cup.n.01", "have.v.01", "hat.n.01")
    write(tmp_path, [cup, hat, hat, once], [cup, hat], [cup, cup, once])
    told = stated_relations(tmp_path, seen)
    assert list(told.items()) == [
        ("wear.v.01", {("man.n.01", "hat.n.01"): 3.0}),
        ("along.r.01", {("cup.n.01", "table.n.02"): 2.0}),
    ]


def test_ends_that_are_no_classes_or_the_same_are_left_out(seen: RegionSet, tmp_path: Path) -> None:
    stranger, itself = said("cup.n.01", "on.r.01", "sky.n.01"), said("cup.n.01", "by.r.01", "cup.n.01")
    several = said(["cup.n.01", "mug.n.04"], ["on.r.01", "by.r.01"], ["table.n.02", "hat.n.01"])
    write(
        tmp_path,
        [stranger, itself, several, said([], "on.r.01", "hat.n.01"), said("cup.n.01", [], "hat.n.01")] * 2,
    )
    both = {("cup.n.01", "hat.n.01"): 2.0, ("cup.n.01", "table.n.02"): 2.0}
    assert stated_relations(tmp_path, seen) == {"by.r.01": both, "on.r.01": both}


def test_the_most_frequent_relations_are_kept(seen: RegionSet, tmp_path: Path) -> None:
    write(
        tmp_path,
        [
            said("cup.n.01", f"r{number:02d}", "hat.n.01")
            for number in range(MOST + 4)
            for _ in range(2 + number)
        ],
    )
    assert list(stated_relations(tmp_path, seen)) == [f"r{number:02d}" for number in range(MOST + 3, 3, -1)]


def test_a_folder_without_the_file_states_nothing(seen: RegionSet, tmp_path: Path) -> None:
    assert stated_relations(tmp_path, seen) == {}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "should hold a list of images with their relationships"),
        ([{"image_id": 1}], r"\[0\] has no key 'relationships'"),
        ([{"image_id": 1, "relationships": [3]}], r"relationships\[0\] should be a JSON object"),
        (
            [{"image_id": 1, "relationships": [{"synsets": []}]}],
            r"relationships\[0\], subject should be a JSON object",
        ),
        (
            [{"image_id": 1, "relationships": [{"synsets": [], "subject": {"synsets": "cup"}}]}],
            r"subject: 'synsets' should be of type list",
        ),
    ],
)
def test_wrong_files_say_where(seen: RegionSet, tmp_path: Path, document: Any, message: str) -> None:
    write_json(tmp_path / "relationships.json", document)
    with pytest.raises(DataError, match=message):
        stated_relations(tmp_path, seen)
