import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scenes_file import read_scenes
from visreason.data.encodings import encode_scene
from visreason.data.state_table import open_state_table
from visreason.errors import DataError
from visreason.files import write_json

List = Callable[[], list[Path]]


@pytest.mark.parametrize("encoding", ["ordinal", "onehot"])
def test_the_table_holds_the_encoded_scenes(world: ClevrFolder, cached: List, encoding: str) -> None:
    path = world.scenes_file("val")
    table = open_state_table(path, encoding, 12)  # type: ignore[arg-type]
    for scene in read_scenes(path):
        objects_ND, mask_N = encode_scene(scene, encoding, 12)  # type: ignore[arg-type]
        row = table.row[scene.image_index]
        np.testing.assert_array_equal(table.objects_SND[row], objects_ND)
        np.testing.assert_array_equal(table.mask_SN[row], mask_N)


def test_it_travels_to_other_processes_as_a_place(world: ClevrFolder, cached: List) -> None:
    table = open_state_table(world.scenes_file("val"), "onehot", 10)
    luggage = pickle.dumps(table)
    assert len(luggage) < 1000
    there = pickle.loads(luggage)
    np.testing.assert_array_equal(there.objects_SND, table.objects_SND)
    assert there.row == table.row


def test_too_many_objects(world: ClevrFolder, cached: List) -> None:
    with pytest.raises(DataError, match="room for 2"):
        open_state_table(world.scenes_file("val"), "onehot", 2)


def test_no_scenes(world: ClevrFolder, cached: List) -> None:
    write_json(world.scenes_file("val"), {"info": {}, "scenes": []})
    with pytest.raises(DataError, match="holds no scenes"):
        open_state_table(world.scenes_file("val"), "onehot", 10)
