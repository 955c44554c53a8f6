import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image


def picture(path: Path, width: int = 20, height: int = 10, colour: int = 128) -> Path:
    """A plain picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), (colour,) * 3).save(path)
    return path


def write_json(path: Path, value: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def coded(path: Path, classes: list[list[int]], instances: list[list[int]]) -> Path:
    """A picture in ADE20K's colours; `instances` are values of blue."""
    codes = np.array(classes)
    colours = np.stack([codes // 256 * 10, codes % 256, np.array(instances)], axis=-1).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(colours).save(path)
    return path


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    """A folder in COCO's layout with three images; the annotations are read, changed and written by tests."""
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        picture(tmp_path / "images" / "train" / name)
    categories = [
        {"id": 3, "name": "cup"},
        {"id": 9, "name": "left glove"},
        {"id": 10, "name": "right glove"},
    ]
    images = [
        {"id": number, "file_name": name, "width": 20, "height": 10}
        for number, name in enumerate(("a.jpg", "b.jpg", "c.jpg"))
    ]
    boxes = [(0, 3, [1, 2, 5, 4]), (0, 9, [0, 0, 20, 10]), (1, 10, [10, 5, 3, 3])]
    annotations = [
        {"id": 100 + row, "image_id": image, "category_id": category, "bbox": box}
        for row, (image, category, box) in enumerate(boxes)
    ]
    document = {"images": images, "categories": categories, "annotations": annotations}
    write_json(tmp_path / "annotations" / "instances_train.json", document)
    return tmp_path


@pytest.fixture
def ade2016(tmp_path: Path) -> Path:
    """Two images in ADE20K's layout of 2016: a car with a wheel and its rim, a tree; and a lamp alone."""
    folder = tmp_path / "images" / "training" / "s" / "street"
    picture(folder / "ADE_train_00000001.jpg", 6, 4)
    coded(
        folder / "ADE_train_00000001_seg.png",
        [[0, 401, 401, 401, 0, 2855], [0, 401, 401, 401, 0, 2855], [0, 401, 401, 401, 0, 0], [0] * 6],
        [[0, 128, 128, 128, 0, 255], [0, 128, 128, 128, 0, 255], [0, 128, 128, 128, 0, 0], [0] * 6],
    )
    coded(
        folder / "ADE_train_00000001_parts_1.png",
        [[0] * 6, [0, 0, 2978, 2978, 0, 0], [0, 0, 2978, 2978, 0, 0], [0] * 6],
        [[0] * 6, [0, 0, 255, 255, 0, 0], [0, 0, 255, 255, 0, 0], [0] * 6],
    )
    coded(
        folder / "ADE_train_00000001_parts_2.png",
        [[0] * 6, [0] * 6, [0, 0, 0, 2115, 0, 0], [0] * 6],
        [[0] * 6, [0] * 6, [0, 0, 0, 255, 0, 0], [0] * 6],
    )
    (folder / "ADE_train_00000001_atr.txt").write_text(
        '001 # 0 # 0 # car, auto, automobile # car # "parked, red"\n'
        '002 # 0 # 1 # tree # tree # ""\n'
        '001 # 1 # 0 # wheel # front_wheel # ""\n'
        '001 # 2 # 0 # rim # rim # ""\n'
    )
    picture(folder / "ADE_train_00000002.jpg", 6, 4)
    coded(folder / "ADE_train_00000002_seg.png", [[5] * 6] * 4, [[255] * 6] * 4)
    (folder / "ADE_train_00000002_atr.txt").write_text('001 # 0 # 0 # lamp # lamp # ""\n')
    return tmp_path
