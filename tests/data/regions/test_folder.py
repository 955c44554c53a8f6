import shutil
from pathlib import Path

import pytest

from visreason.data.regions.folder import read_regions
from visreason.errors import DataError

from .conftest import picture, write_json


def test_coco_in_its_layouts(coco: Path) -> None:
    assert read_regions(coco, "train").report.regions == 3
    instances = coco / "annotations" / "instances_train.json"
    assert read_regions(instances).report.regions == 3
    with pytest.raises(DataError, match=r"instances_val\.json does not exist. The splits of .*: train"):
        read_regions(coco, "val")
    shutil.move(coco / "images" / "train", coco / "train")
    assert read_regions(coco, "train").report.regions == 3
    shutil.rmtree(coco / "images")
    shutil.move(coco / "train", coco / "images")
    assert read_regions(coco, "train").report.regions == read_regions(instances).report.regions == 3
    shutil.move(instances, coco / "instances.json")
    instances.parent.rmdir()
    assert read_regions(coco).report.regions == read_regions(coco / "instances.json").report.regions == 3


def test_ade_of_2016_with_its_list_of_classes(ade2016: Path) -> None:
    assert read_regions(ade2016).report.classes == 5
    (ade2016 / "objectnames.txt").write_text("-\ncar\nlamp\n")
    (ade2016 / "objectcounts.txt").write_text("9\n9\n4\n")
    assert read_regions(ade2016).classes[1:] == ("car",)


def test_ade_of_2021(shared: Path) -> None:
    folder = shared / "data" / "ade20k" / "full2021"
    regions = read_regions(folder, minimum=10)
    assert regions.report.count("unknown class") > 0
    assert min(regions.counts()[1:]) >= 10


def test_a_list_of_images_none_of_which_is_there(tmp_path: Path) -> None:
    picture(tmp_path / "training" / "a.jpg")
    (tmp_path / "ade_split").mkdir()
    (tmp_path / "ade_split" / "mval.txt").write_text("images/b.jpg\nimages/c.jpg\n")
    with pytest.raises(
        DataError, match=r"none of the 2 images of the split 'mval' is in .*, such as b\.jpg\. Get"
    ):
        read_regions(tmp_path, "mval")


def test_visual_genome(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "1.jpg")
    write_json(tmp_path / "image_data.json", [{"image_id": 1, "width": 20, "height": 10}])
    thing = {"object_id": 5, "x": 1, "y": 2, "w": 5, "h": 4, "synsets": ["cup.n.01"]}
    write_json(tmp_path / "val.json", [{"image_id": 1, "objects": [thing]}])
    assert read_regions(tmp_path, "val").report.regions == 1


def test_what_is_none_of_them(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"in no layout that is known: .*Taken for ADE20K: .* has no split 'train'"
    ):
        read_regions(tmp_path)
    picture(tmp_path / "training" / "a.jpg")
    with pytest.raises(DataError, match="but no annotations that are known"):
        read_regions(tmp_path)
    with pytest.raises(DataError, match="is no folder"):
        read_regions(tmp_path / "none")
