import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visreason.cli.main import main

BOXES = [[4, 4, 60, 50], [40, 30, 50, 40], [90, 10, 60, 80]]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "kitchen.png"
    noise = np.random.default_rng(0).integers(0, 255, (100, 160, 3), np.uint8)
    Image.fromarray(noise).save(path)
    return path


@pytest.fixture
def boxes(tmp_path: Path) -> Path:
    path = tmp_path / "boxes.json"
    path.write_text(json.dumps(BOXES))
    return path


@pytest.mark.parametrize("family", ["baseline", "local", "global", "full"])
def test_every_box_gets_a_row_and_the_picture_is_drawn(
    family: str,
    region_models: dict[str, str],
    image: Path,
    boxes: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "why.png"
    assert (
        main(["regions", region_models[family], str(image), "--boxes", str(boxes), "--explain", str(out)])
        == 0
    )
    told = capsys.readouterr().out
    assert "90 10 60 80" in told
    assert ("local 2" in told) == (family in ("local", "full"))
    assert ("moved most by" in told) == (family != "baseline")
    assert str(out) in told
    assert Image.open(out).size[0] == 1740


def test_the_three_forms_of_boxes_give_the_same_names(
    region_models: dict[str, str],
    image: Path,
    boxes: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    table, coco = tmp_path / "boxes.csv", tmp_path / "coco.json"
    table.write_text("x,y,w,h\n" + "\n".join(",".join(map(str, box)) for box in BOXES))
    record = {"id": 1, "file_name": "kitchen.png", "width": 160, "height": 100}
    notes = [{"image_id": 1, "category_id": 5, "bbox": box} for box in BOXES]
    coco.write_text(
        json.dumps({"images": [record], "annotations": notes, "categories": [{"id": 5, "name": "a cup"}]})
    )
    told = []
    for path in (boxes, table, coco):
        arguments = [
            "regions",
            region_models["full"],
            str(image),
            "--boxes",
            str(path),
            "--json",
            "--top",
            "2",
        ]
        assert main(arguments) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert list(told[0]) == ["family", "regions", "memory", "cell"]
    assert told[0] == told[1]
    assert [one.pop("given") for one in told[2]["regions"]] == ["a cup"] * 3
    assert told[2] == told[0]
    assert [one["box"] for one in told[0]["regions"]] == BOXES
    assert all(len(one["top"]) == 2 for one in told[0]["regions"])


def test_a_box_over_the_edge_is_cut_and_told(
    region_models: dict[str, str], image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "boxes.csv"
    path.write_text("-10,20,30,40\n5,5,20,20\n")
    assert main(["regions", region_models["local"], str(image), "--boxes", str(path), "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["regions"][0]["box"] == [0, 20, 20, 40]
    assert "line 1: the box reaches over the image's edge" in told.err
    assert "line 2" not in told.err


def test_a_turned_photo_is_seen_as_its_annotations_were_made(
    region_models: dict[str, str], image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = Image.open(image)
    marks = photo.getexif()
    marks[0x0112] = 6  # a camera held upright
    turned = tmp_path / "turned.png"
    photo.save(turned, exif=marks)
    coco = tmp_path / "coco.json"
    for width, height, status in ((160, 100, 0), (100, 160, 0), (200, 100, 1)):
        record = {"id": 1, "file_name": "turned.png", "width": width, "height": height}
        note = {"image_id": 1, "bbox": [0, 0, width, height]}
        coco.write_text(json.dumps({"images": [record], "annotations": [note]}))
        asked = ["regions", region_models["local"], str(turned), "--boxes", str(coco), "--json"]
        assert main(asked) == status
        told = capsys.readouterr()
        if status == 0:
            assert json.loads(told.out)["regions"][0]["box"] == [0, 0, width, height]
        else:
            assert "its annotations say 200 × 100" in told.err


def test_a_users_error_is_one_message_and_status_1(
    region_models: dict[str, str],
    trained: Path,
    image: Path,
    boxes: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, text in (("none.csv", ""), ("flat.csv", "1,1,0,5"), ("out.csv", "500,1,5,5")):
        (tmp_path / name).write_text(text)
    model, why = region_models["full"], tmp_path / "why.html"
    for arguments, message in [
        (["nowhere", str(image), "--boxes", str(boxes)], "there is no model"),
        ([str(trained), str(image), "--boxes", str(boxes)], "names no regions"),
        ([model, str(tmp_path / "photo.png"), "--boxes", str(boxes)], "photo.png"),
        ([model, str(image)], "required: boxes"),
        ([model, str(image), "--boxes", str(tmp_path / "none.csv")], "holds no box"),
        ([model, str(image), "--boxes", str(tmp_path / "flat.csv")], "holds nothing"),
        ([model, str(image), "--boxes", str(tmp_path / "out.csv")], "lies outside the image"),
        ([model, str(image), "--boxes", str(tmp_path / "no.csv")], "there is no file of boxes"),
        ([model, str(image), "--boxes", str(boxes), "--top", "0"], "--top must be at least 1"),
        ([model, str(image), "--boxes", str(boxes), "--explain", str(why)], "drawn as .png"),
    ]:
        assert main(["regions", *arguments]) == 1, arguments
        told = capsys.readouterr().err
        assert message in told
        assert "Traceback" not in told
    assert not why.exists()


def test_a_real_photo_with_its_annotations(
    region_models: dict[str, str], shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = shared / "data/coco_sample/images/000000000009.jpg"
    notes = shared / "data/coco_sample/instances.json"
    out = tmp_path / "lunch.png"
    asked = [
        "regions",
        region_models["full"],
        str(photo),
        "--boxes",
        str(notes),
        "--explain",
        str(out),
        "--json",
    ]
    assert main(asked) == 0
    told = json.loads(capsys.readouterr().out)["regions"]
    assert [one["given"] for one in told] == ["bowl"] * 2 + ["broccoli", "bowl"] + ["orange"] * 4
    assert Image.open(out).size[0] == 1740
