from pathlib import Path
from typing import Any

import pytest

from visreason.data.regions.region_set import BACKGROUND
from visreason.data.regions.visual_genome import read_visual_genome
from visreason.errors import DataError

from .conftest import picture, write_json


@pytest.fixture
def genome(tmp_path: Path) -> Path:
    picture(tmp_path / "VG_100K_2" / "1.jpg")
    picture(tmp_path / "images" / "2.jpg")
    url = "https://cs.stanford.edu/people/rak248/VG_100K_2/{}.jpg"
    images = [
        {"image_id": number, "width": 20, "height": 10, "url": url.format(number), "coco_id": None}
        for number in (1, 2, 3)
    ]
    write_json(tmp_path / "image_data.json", images)
    return tmp_path


def thing(number: int, *synsets: str, **others: Any) -> dict[str, Any]:
    return {"object_id": number, "x": 1, "y": 2, "w": 5, "h": 4, "synsets": list(synsets)} | others


def test_a_region_for_each_synset(genome: Path) -> None:
    objects = [
        {
            "image_id": 1,
            "objects": [thing(5, "cup.n.01", "mug.n.04", "cup.n.01"), thing(6), thing(7, "cup.n.01", x=99)],
        },
        {"image_id": 2, "objects": [thing(8, "table.n.02")]},
        {"image_id": 3, "objects": [thing(9, "table.n.02")]},
        {"image_id": 4, "objects": []},
    ]
    write_json(genome / "train.json", objects)
    regions = read_visual_genome(genome, "train")
    assert regions.classes == (BACKGROUND, "cup.n.01", "mug.n.04", "table.n.02")
    assert regions.images[0].boxes.tolist() == [[1, 2, 5, 5]] * 2
    assert regions.images[0].ids == ("5 cup.n.01", "5 mug.n.04")
    assert {one.kind: one.count for one in regions.report.oddities} == {
        "image missing": 1,
        "unknown image": 1,
        "no class": 1,
        "box outside": 1,
    }


def test_the_classes_of_the_synsets_file(genome: Path) -> None:
    (genome / "synsets.txt").write_text("background:9\nmug.n.04:8\ncup.n.01:4\n")
    write_json(genome / "objects.json", [{"image_id": 1, "objects": [thing(5, "cup.n.01", "mug.n.04")]}])
    regions = read_visual_genome(genome)
    assert regions.classes == (BACKGROUND, "background", "mug.n.04")
    assert regions.report.count("unknown class") == 1


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "should hold a list of images with their objects"),
        ([{"image_id": "1"}], r"\[0\]: 'image_id' should be of type int"),
        ([{"image_id": 1}], r"\[0\] has no key 'objects'"),
        (
            [{"image_id": 1, "objects": [thing(5, "a", w=None)]}],
            r"objects\[0\]: x, y, w, h should be numbers",
        ),
        (
            [{"image_id": 1, "objects": [{"x": 1, "y": 1, "w": 1, "h": 1}]}],
            r"objects\[0\] has no key 'synsets'",
        ),
    ],
)
def test_wrong_files_say_where(genome: Path, document: Any, message: str) -> None:
    write_json(genome / "train.json", document)
    with pytest.raises(DataError, match=message):
        read_visual_genome(genome, "train")
