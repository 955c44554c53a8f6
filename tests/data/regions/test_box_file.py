"""Files of boxes in each of their forms, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest

from visreason.data.regions.box_file import BoxFile, GivenBox, read_box_file
from visreason.errors import DataError

IMAGE = Path("photos/kitchen.jpg")
SIDES = [(1.0, 2.0, 30.0, 40.0), (5.5, 6.0, 7.0, 8.25)]


def written(path, text):
    path.write_text(text if isinstance(text, str) else json.dumps(text), encoding="utf-8")
    return path


def coco(**changes):
    return {
        "images": [
            {"id": 7, "file_name": "kitchen.jpg", "width": 64, "height": 48},
            {"id": 8, "file_name": "garden.jpg", "width": 64, "height": 48},
        ],
        "categories": [{"id": 3, "name": "cup"}],
        "annotations": [
            {"image_id": 7, "category_id": 3, "bbox": [1, 2, 30, 40]},
            {"image_id": 8, "category_id": 3, "bbox": [0, 0, 9, 9]},
            {"image_id": 7, "bbox": [5.5, 6, 7, 8.25]},
        ],
        **changes,
    }


@pytest.mark.parametrize(
    ("name", "text", "names"),
    [
        ("a.json", [[1, 2, 30, 40], [5.5, 6, 7, 8.25]], [None, None]),
        ("a.csv", "1,2,30,40\n5.5, 6, 7, 8.25\n\n", [None, None]),
        ("a.csv", "1,2,30,40,cup\n5.5,6,7,8.25,\n", ["cup", None]),
        ("a.CSV", "\ufefflabel,H,w,Score,x,y\ncup,40,30,0.9,1,2\n,8.25,7,,5.5,6\n", ["cup", None]),
        ("a.json", coco(), ["cup", None]),
        ("a.json", coco(categories=[]), [None, None]),
    ],
)
def test_the_three_forms_say_the_same(tmp_path, name, text, names):
    found = read_box_file(written(tmp_path / name, text), IMAGE)
    assert [one.sides for one in found.boxes] == SIDES
    assert [one.name for one in found.boxes] == names
    assert found.size == ((64, 48) if isinstance(text, dict) else None)


def test_of_two_images_of_one_name_the_one_on_the_path_is_taken(tmp_path):
    records = [{"id": 1, "file_name": "a/kitchen.jpg"}, {"id": 2, "file_name": "photos/kitchen.jpg"}]
    notes = [{"image_id": one, "bbox": [one, 1, 2, 2]} for one in (1, 2)]
    path = written(tmp_path / "a.json", {"images": records, "annotations": notes})
    assert read_box_file(path, IMAGE).boxes[0].sides == (2, 1, 2, 2)
    with pytest.raises(DataError, match="several images called kitchen"):
        read_box_file(path, Path("kitchen.jpg"))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.txt", "1,2,3,4", r"ends in '.txt'"),
        ("a.csv", "", "holds no box"),
        ("a.csv", "x,y,width,height\n", "holds no box"),
        ("a.csv", "x,y,width\n1,2,3\n", "none of them is height"),
        ("a.csv", "1,2,3\n", "line 1: a box is four numbers"),
        ("a.csv", "x,y,w,h\n1,2,3,4\n1,two,3,4\n", "line 3: a box is four numbers.*'two'"),
        ("a.csv", "1,2,3,inf\n", "line 1: a box is four numbers"),
        ("a.json", [], "holds no box"),
        ("a.json", [[1, 2, 3, 4], [1, 2, 3]], "box 2: a box is four numbers"),
        ("a.json", [[1, 2, 3, True]], "box 1: a box is four numbers"),
        ("a.json", [{"x": 1}], r"box 1: a box is \[x, y, width, height\]"),
        ("a.json", {"boxes": []}, "neither a list of boxes nor COCO"),
        ("a.json", "[[1, 2", "not valid JSON"),
        (
            "a.json",
            coco(images=[{"id": 1, "file_name": "kitchen.png"}]),
            "no image called kitchen.jpg.*kitchen.png",
        ),
        ("a.json", coco(annotations=[]), "has no annotation of it"),
        (
            "a.json",
            coco(annotations=[{"image_id": 7, "bbox": [1, 2, 3]}]),
            r"annotations\[0\]: a box is four",
        ),
        ("a.json", coco(annotations=[{"image_id": 7}]), "no key 'bbox'"),
    ],
)
def test_what_is_no_file_of_boxes_is_told(tmp_path, name, text, message):
    with pytest.raises(DataError, match=message):
        read_box_file(written(tmp_path / name, text), IMAGE)


def test_a_missing_file_and_one_of_bytes_are_told(tmp_path):
    with pytest.raises(DataError, match="there is no file of boxes"):
        read_box_file(tmp_path / "a.csv", IMAGE)
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="no CSV file in UTF-8"):
        read_box_file(tmp_path / "a.csv", IMAGE)


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        ((3, 3, 0, 5), "width 0 and height 5 holds nothing"),
        ((3, 3, 5, -1), "height -1 holds nothing"),
        ((64, 3, 5, 5), "lies outside the image, which has 64 × 48 pixels"),
        ((3, 48, 5, 5), "lies outside"),
        ((-5, 3, 5, 5), "lies outside"),
        ((3, -9, 5, 5), "lies outside"),
    ],
)
def test_boxes_that_hold_nothing_of_the_image_are_told(sides, message):
    with pytest.raises(DataError, match=f"row 9: .*{message}"):
        BoxFile((GivenBox(sides, "row 9"),)).place(64, 48)


def test_boxes_are_cut_at_the_edges_and_have_a_pixel_at_least():
    given = [
        (0, 0, 64, 48),
        (60, 40, 64, 48),
        (-3, -3, 5, 5),
        (63.7, 10, 4, 4),
        (-0.4, 5, 9.4, 9),
        (9, 9, 0.2, 1),
    ]
    boxes, cut = BoxFile(tuple(GivenBox(one, "") for one in given)).place(64, 48)
    assert boxes[:3].tolist() == [[0, 0, 63, 47], [60, 40, 63, 47], [0, 0, 1, 1]]
    assert (boxes[:, 2:] >= boxes[:, :2]).all()
    assert boxes.dtype == np.float32
    assert cut == (1, 2, 3)
