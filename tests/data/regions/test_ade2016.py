from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visreason.data.regions.ade2016 import class_codes, instances, read_ade2016, read_attributes
from visreason.data.regions.region_set import BACKGROUND
from visreason.errors import DataError


def test_objects_then_parts_level_by_level(ade2016: Path) -> None:
    regions = read_ade2016(ade2016, "train")
    image = regions.images[0]
    assert image.ids == ("001_0", "002_0", "001_1", "001_2")
    assert [regions.classes[label] for label in image.labels] == ["car", "tree", "front wheel", "rim"]
    assert image.boxes.tolist() == [[1, 0, 3, 2], [5, 0, 5, 1], [2, 1, 3, 2], [3, 2, 3, 2]]
    assert image.wholes.tolist() == [-1, -1, 0, 2]
    assert image.attributes[0] == ("parked", "red")
    assert regions.images[1].boxes.tolist() == [[0, 0, 5, 3]]  # nothing is unlabelled
    assert regions.report.oddities == ()


def test_instances_are_ranks_whatever_the_values_are() -> None:
    blue = np.array([[0, 7, 200], [7, 9, 0]], np.uint8)
    image = np.stack([blue * 0, blue * 0, blue], axis=-1)
    assert instances(image).tolist() == [[0, 1, 3], [1, 2, 0]]


@pytest.mark.parametrize(
    ("code", "colour"), [(2420, (90, 116)), (2131, (80, 83)), (401, (10, 145)), (3148, (120, 76))]
)
def test_class_codes_of_the_release(code: int, colour: tuple[int, int]) -> None:
    assert class_codes(np.array([[[*colour, 255]]], np.uint8)).item() == code


def test_real_masks_hold_the_instances_that_the_release_of_2021_lists(shared: Path) -> None:
    street = shared / "data/ade20k/full2021/images/ADE/training/urban/street"
    objects = [
        int(instances(np.asarray(Image.open(street / f"ADE_train_{name}_seg.png"))).max())
        for name in ("00016869", "00016900", "00016964")
    ]
    assert objects == [51, 34, 24]


def test_what_is_odd_is_counted(ade2016: Path) -> None:
    street = ade2016 / "images/training/s/street"
    (street / "ADE_train_00000002_atr.txt").unlink()
    text = street / "ADE_train_00000001_atr.txt"
    lines = text.read_text().splitlines()
    text.write_text("\n".join([lines[0], *lines[2:], '003 # 0 # 0 # cat # cat # ""']))
    report = read_ade2016(ade2016, "train").report
    assert {one.kind: one.count for one in report.oddities} == {
        "annotations missing": 1,
        "no pixels": 1,
        "no name": 1,
    }
    assert report.oddities[0].examples == ("ADE_train_00000002.jpg, ADE_train_00000002_atr.txt",)


def test_a_list_of_classes_and_a_minimum(ade2016: Path) -> None:
    given = read_ade2016(ade2016, "train", classes=(BACKGROUND, "rim", "car"))
    assert given.images[0].labels.tolist() == [2, 1]
    assert given.images[0].wholes.tolist() == [-1, -1]  # its wheel is gone
    assert given.report.count("unknown class") == 3
    with pytest.raises(DataError, match="no class has 2 regions or more"):
        read_ade2016(ade2016, "train", minimum=2)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("001 # 0 # 0 # car # car", "line 1: expected `001 # 0 # 0"),
        ('one # 0 # 0 # car # car # ""', "line 1: expected"),
        (
            '001 # 0 # 0 # car # car # ""\n001 # 0 # 0 # cat # cat # ""',
            "line 2: instance 1 of level 0 is named twice",
        ),
    ],
)
def test_broken_attributes_say_where(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "ADE_atr.txt"
    path.write_text(line)
    with pytest.raises(DataError, match=message):
        read_attributes(path)


def test_masks_of_different_sizes(ade2016: Path) -> None:
    path = ade2016 / "images/training/s/street/ADE_train_00000001_parts_1.png"
    Image.new("RGB", (3, 3)).save(path)
    with pytest.raises(DataError, match=r"parts_1.png and ADE_train_00000001_seg.png differ in size"):
        read_ade2016(ade2016, "train")
