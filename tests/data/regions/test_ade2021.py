import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from visreason.data.regions.ade2021 import read_ade2021
from visreason.data.regions.class_list import read_class_list
from visreason.errors import DataError

from .conftest import picture


def instance(number: int, name: str, **others: Any) -> dict[str, Any]:
    outline = {"x": [1, 4, 4], "y": [0, 0, 2]}
    known = {"id": number, "raw_name": name, "attributes": [], "polygon": outline}
    return known | {"instance_mask": f"one/{number}.png", "parts": {"ispartof": []}} | others


def write(root: Path, objects: Any, encoding: str = "utf-8") -> Path:
    """One image of 6 x 4 pixels; instance 0 is seen in two pixels, hidden in others."""
    folder = root / "images/ADE/training/street"
    picture(folder / "one.jpg", 6, 4)
    mask = np.zeros((4, 6), np.uint8)
    mask[1:3, 2] = 255
    mask[:, 3] = 128
    (folder / "one").mkdir(exist_ok=True)
    Image.fromarray(mask).save(folder / "one" / "0.png")
    document = {"annotation": {"imsize": [4, 6, 3], "object": objects}}
    (folder / "one.json").write_bytes(json.dumps(document, ensure_ascii=False).encode(encoding))
    return folder


def test_the_three_real_images(shared: Path) -> None:
    folder = shared / "data" / "ade20k"
    classes = read_class_list(folder / "ade_split" / "objectnames.txt")
    regions = read_ade2021(folder / "full2021", "train", classes=classes)
    assert [len(image) for image in regions.images] == [70, 37, 32]
    assert regions.report.oddities == ()
    assert sum(int((image.wholes >= 0).sum()) for image in regions.images) == 30
    first = regions.images[0]
    assert first.boxes[0].tolist() == [346, 691, 375, 780]
    assert classes[first.labels[0]] == "traffic light"
    assert classes[first.labels[1]] == "housing"
    assert classes[first.labels[first.wholes[1]]] == "traffic light"
    assert ("walking",) in first.attributes


def test_boxes_are_around_what_is_seen_or_else_the_outline(tmp_path: Path) -> None:
    write(
        tmp_path, [instance(0, "car", attributes="red, parked"), instance(1, "wheel", parts={"ispartof": 0})]
    )
    regions = read_ade2021(tmp_path, "train")
    assert regions.images[0].boxes.tolist() == [[2, 1, 2, 2], [1, 0, 4, 2]]
    assert regions.images[0].attributes == (("red", "parked"), ())
    assert regions.images[0].wholes.tolist() == [-1, 0]
    assert [(one.kind, one.count) for one in regions.report.oddities] == [("mask missing", 1)]


def test_what_is_not_seen_is_counted(tmp_path: Path) -> None:
    folder = write(
        tmp_path, [instance(0, "car"), instance(1, "bag"), instance(2, "x", polygon={"x": [], "y": []})]
    )
    Image.new("L", (6, 4), 128).save(folder / "one" / "1.png")
    picture(folder / "two.jpg")
    report = read_ade2021(tmp_path, "train").report
    assert {one.kind: one.count for one in report.oddities} == {
        "annotations missing": 1,
        "mask missing": 1,
        "no pixels": 2,
    }


def test_latin_letters_and_an_instance_alone(tmp_path: Path) -> None:
    write(tmp_path, instance(0, "café"), encoding="latin-1")
    assert read_ade2021(tmp_path, "train").classes[1] == "café"


@pytest.mark.parametrize(
    ("objects", "message"),
    [
        ([3], r"object\[0\] should be a JSON object; it is 3"),
        ([{"id": 0}], r"object\[0\] has no key 'raw_name'"),
        ([instance(0, "car", id="0")], "'id' should be of type int, not '0'"),
        ([instance(5, "car", polygon=3)], "'polygon' should be of type dict"),
        (None, "'object' should be of type list"),
        ([instance(0, "a"), instance(0, "b")], "two regions of one.jpg are called '0'"),
    ],
)
def test_broken_annotations_say_where(tmp_path: Path, objects: Any, message: str) -> None:
    write(tmp_path, objects)
    with pytest.raises(DataError, match=message):
        read_ade2021(tmp_path, "train")


def test_broken_files(tmp_path: Path) -> None:
    folder = write(tmp_path, [instance(0, "car")])
    Image.new("L", (3, 3), 255).save(folder / "one" / "0.png")
    with pytest.raises(
        DataError, match=r"one\.json: object\[0\]: 0\.png has 3 × 3 pixels, 'imsize' says 6 × 4"
    ):
        read_ade2021(tmp_path, "train")
    (folder / "one.json").write_text('{"annotation": {"imsize": [4]')
    with pytest.raises(DataError, match="is not valid JSON"):
        read_ade2021(tmp_path, "train")
    (folder / "one.json").write_text('{"annotation": {"imsize": [4], "object": []}}')
    with pytest.raises(DataError, match="'imsize' should be"):
        read_ade2021(tmp_path, "train")
