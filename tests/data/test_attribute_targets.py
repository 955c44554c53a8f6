"""What occurs in a scene, of either world."""

from pathlib import Path

import numpy as np
import pytest

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scenes_file import read_scenes
from visreason.data.attribute_targets import CLEVR_VALUES, FLAT_KINDS, read_attribute_targets
from visreason.data.sort_of_clevr import SortOfClevrSplit, generate_sort_of_clevr
from visreason.data.world import generate_world
from visreason.data.world_split import WorldSplit
from visreason.errors import DataError
from visreason.sort_of_clevr.folder import flat_scenes_file, iter_flat_scenes


def test_values_of_solid_scenes(tmp_path: Path) -> None:
    folder = generate_world(tmp_path, WorldSplit("val", 5, images=False), jobs=1).folder
    found = read_attribute_targets(folder, "val")
    assert found.names == CLEVR_VALUES
    assert found.present.shape == (5, 15)
    for scene, image, row in zip(
        read_scenes(folder.scenes_file("val")), found.images, found.present, strict=True
    ):
        held = {
            value
            for thing in scene.objects
            for value in (thing.color, thing.shape, thing.size, thing.material)
        }
        assert {name for name, one in zip(found.names, row, strict=True) if one} == held
        assert image == scene.image_filename


def test_kinds_of_flat_scenes(tmp_path: Path) -> None:
    generate_sort_of_clevr(tmp_path, SortOfClevrSplit("val", 4))
    found = read_attribute_targets(ClevrFolder(tmp_path), "val")
    assert found.names == FLAT_KINDS
    assert np.array_equal(found.present.sum(axis=1), [6] * 4)  # one thing of every colour
    for scene, row in zip(iter_flat_scenes(flat_scenes_file(tmp_path, "val")), found.present, strict=True):
        held = {f"{thing.color} {thing.shape}" for thing in scene.things}
        assert {name for name, one in zip(found.names, row, strict=True) if one} == held
    assert list(found.image_index) == [0, 1, 2, 3]


def test_no_scenes_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"CLEVR_val_scenes.json"):
        read_attribute_targets(ClevrFolder(tmp_path), "val")
