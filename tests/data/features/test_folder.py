"""Which images a split has, by what its folder holds."""

import json

import pytest

from visreason.clevr.folder import ClevrFolder
from visreason.data.features.folder import features_place, split_images
from visreason.errors import DataError
from visreason.nn.backbone import BackboneChoice


def test_features_lie_beside_the_data_by_backbone_and_layer(tmp_path):
    choice = BackboneChoice(name="some/where/resnet50", layer="c3")
    assert features_place(ClevrFolder(tmp_path), "val", choice) == tmp_path / "features/resnet50-c3/val"


def test_scenes_tell_which_images_there_are(tiny_data):
    images = split_images(ClevrFolder(tiny_data), "val")
    assert images == {f"CLEVR_val_{index:06d}.png": index for index in range(6)}


def test_without_scenes_questions_tell_and_without_these_the_files(tmp_path, world):
    folder = ClevrFolder(tmp_path)
    records = [
        {"question": "Red?", "image_filename": f"{index}.png", "image_index": index, "split": "val"}
        for index in (4, 2, 4)
    ]
    folder.questions_file("val").parent.mkdir()
    folder.questions_file("val").write_text(json.dumps({"info": {}, "questions": records}))
    assert list(split_images(folder, "val").items()) == [("2.png", 2), ("4.png", 4)]
    assert list(split_images(ClevrFolder(world), "val").values()) == list(range(7))


def test_a_split_without_images_or_numbers_is_an_error(world):
    with pytest.raises(DataError, match="no images of a split 'train'"):
        split_images(ClevrFolder(world), "train")
    (world / "images/val/photo.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"photo\.png does not end in a number"):
        split_images(ClevrFolder(world), "val")
