import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visreason.data.regions.coco import read_coco, write_coco
from visreason.data.regions.region_set import BACKGROUND, RegionSet
from visreason.errors import DataError

Change = Callable[[dict[str, Any]], None]


def read(folder: Path, change: Change = lambda document: None, **options: Any) -> RegionSet:
    path = folder / "annotations" / "instances_train.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    return read_coco(path, folder / "images" / "train", **options)


def test_boxes_hold_their_last_pixels_and_classes_keep_their_order(coco: Path) -> None:
    regions = read(coco)
    assert regions.classes == (BACKGROUND, "cup", "left glove", "right glove")
    assert [image.boxes.tolist() for image in regions.images] == [
        [[1, 2, 5, 5], [0, 0, 19, 9]],
        [[10, 5, 12, 7]],
        [],
    ]
    assert [image.labels.tolist() for image in regions.images] == [[1, 2], [3], []]
    assert regions.images[0].ids == ("100", "101")
    assert regions.counts().tolist() == [0, 1, 1, 1]


def test_the_sample_of_coco(shared: Path) -> None:
    folder = shared / "data" / "coco_sample"
    regions = read_coco(folder / "instances.json", folder / "images")
    assert (len(regions.images), regions.report.regions, len(regions.classes)) == (32, 210, 81)
    assert regions.report.count("crowd") == 1
    assert regions.report.count("image missing") == regions.report.count("box outside") == 0


def test_every_oddity_is_counted_and_what_is_left_is_right(coco: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        document["images"].append({"id": 7, "file_name": "gone.jpg", "width": 5, "height": 5})
        odd = [
            (0, 3, [-4, 0, 8, 4], 0),  # cut to columns 0 .. 3
            (0, 3, [20, 0, 4, 4], 0),  # begins right of the last column
            (0, 3, [5, 5, 0, 4], 0),  # no width
            (1, 3, [5, 5, 4, 4], 1),  # a crowd
            (99, 3, [5, 5, 4, 4], 0),  # of no image
            (1, 3, [12, 4, 8.3, 6.2], 0),  # over the edge by less than half a pixel: nothing to tell
        ]
        for row, (image, category, box, crowd) in enumerate(odd):
            one = {"id": row, "image_id": image, "category_id": category, "bbox": box, "iscrowd": crowd}
            document["annotations"].append(one)

    regions = read(coco, change)
    report = regions.report
    assert regions.images[0].boxes[2].tolist() == [0, 0, 3, 3]
    assert (report.images, report.regions) == (3, 6)
    wanted = (
        "image missing",
        "unknown image",
        "box cut",
        "box outside",
        "box without area",
        "crowd",
        "no regions",
    )
    assert {one.kind: one.count for one in report.oddities} == dict.fromkeys(wanted, 1)
    text = "\n".join(report.lines())
    for place in ("gone.jpg", "region 4 of image 99", "a.jpg, region 0", "a.jpg, region 1", "c.jpg"):
        assert place in text
    assert report.to_dict()["oddities"]["box cut"]["examples"] == ["a.jpg, region 0"]


def test_classes_outside_a_given_list_are_left_out_and_counted(coco: Path) -> None:
    regions = read(coco, classes=(BACKGROUND, "right glove", "plate"))
    assert [image.labels.tolist() for image in regions.images] == [[], [1], []]
    assert regions.report.count("unknown class") == 2
    assert regions.report.count("no regions") == 2
    assert (regions.report.classes, regions.report.classes_listed) == (1, 2)


def test_rare_classes_are_left_out_and_the_rest_keeps_its_order(shared: Path) -> None:
    folder = shared / "data" / "coco_sample"
    every = read_coco(folder / "instances.json", folder / "images")
    some = read_coco(folder / "instances.json", folder / "images", minimum=10)
    frequent = [name for name, count in zip(every.classes, every.counts(), strict=True) if count >= 10]
    assert list(some.classes[1:]) == frequent
    assert some.report.count("unknown class") == 210 - some.report.regions > 0


def test_written_and_read_again(ade_set: RegionSet, tmp_path: Path) -> None:
    write_coco(tmp_path / "again.json", ade_set, tmp_path)
    again = read_coco(tmp_path / "again.json", tmp_path)
    assert again.classes == ade_set.classes
    for one, other in zip(again.images, ade_set.images, strict=True):
        assert (one.file, one.width, one.height, one.attributes) == (
            other.file,
            other.width,
            other.height,
            other.attributes,
        )
        for name in ("boxes", "labels", "wholes"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.fixture
def ade_set(ade2016: Path) -> RegionSet:
    from visreason.data.regions.ade2016 import read_ade2016

    return read_ade2016(ade2016, "train")


def _set(*places: str | int, value: Any) -> Change:
    def change(document: dict[str, Any]) -> None:
        inner: Any = document
        for place in places[:-1]:
            inner = inner[place]
        inner[places[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            _set("annotations", 1, "bbox", value=[1, 2, 3]),
            r"\[1\]: 'bbox' should be \[x, y, width, height\]",
        ),
        (_set("annotations", 1, "bbox", value=[1, 2, "3", 4]), r"annotations\[1\]: 'bbox'"),
        (_set("annotations", 2, "category_id", value=77), r"annotations\[2\] has the category 77"),
        (_set("annotations", 0, value=5), r"annotations\[0\] should be a JSON object; it is 5"),
        (_set("annotations", 1, "id", value=100), "two regions of a.jpg are called '100'"),
        (_set("categories", 1, "id", value=3), r"categories\[1\] has the id 3, which 'cup' has too"),
        (_set("categories", 1, "name", value="cup"), "list of classes has 'cup' twice"),
        (_set("images", 1, "id", value=0), r"images\[1\] has no id of its own: 0"),
        (_set("images", 1, "width", value=0), r"images\[1\] \(b.jpg\) is said to have 0 × 10 pixels"),
        (_set("images", 1, "height", value=None), r"images\[1\]: 'height' should be of type int, not None"),
        (_set("annotations", value={}), "'annotations' should be of type list"),
        (_set("annotations", value=[]), "gives no region: 3 images, 0 regions"),
        (_set("images", value=[]), "gives no region: 0 images.*3 × an annotation is about an image"),
    ],
)
def test_wrong_files_say_where(coco: Path, change: Change, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read(coco, change)


def test_not_coco_at_all(tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(DataError, match="is no COCO file"):
        read_coco(tmp_path / "list.json", tmp_path)
    with pytest.raises(DataError, match="does not exist"):
        read_coco(tmp_path / "none.json", tmp_path)


def test_images_must_lie_in_the_folder_that_names_are_relative_to(coco: Path) -> None:
    with pytest.raises(DataError, match="does not lie in"):
        write_coco(coco / "x.json", read(coco), coco / "annotations")
    assert not (coco / "x.json").exists()
