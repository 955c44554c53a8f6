from pathlib import Path

import numpy as np
import pytest

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scenes_file import read_scenes
from visreason.data.inputs import BlindView, ImageView
from visreason.data.object_targets import DETECTED, ClevrObjects, read_object_targets
from visreason.data.samples import collate
from visreason.errors import DataError, UsageError


def test_every_object_is_told_by_its_place_and_its_values(world: ClevrFolder) -> None:
    targets = read_object_targets(world, "val")
    for row, scene in enumerate(read_scenes(world.scenes_file("val"))):
        objects = targets.objects_SND[row, targets.mask_SN[row]]
        assert len(objects) == len(scene.objects)
        for numbers, thing in zip(objects, scene.objects, strict=True):
            assert tuple(numbers[:3]) == pytest.approx(
                (thing.pixel[0] / 480, thing.pixel[1] / 320, thing.pixel[2]), rel=1e-5
            )
            words = [DETECTED[name][int(value)] for name, value in zip(DETECTED, numbers[3:], strict=True)]
            assert words == [getattr(thing, name) for name in DETECTED]
        assert not targets.objects_SND[row, ~targets.mask_SN[row]].any()


def test_samples_show_the_image_and_teach_its_objects(world: ClevrFolder) -> None:
    data = ClevrObjects(world, "val", ImageView((16, 24)), limit=2)
    batch = collate([data[0], data[1]])
    assert len(data) == 2
    assert batch.images is not None
    assert batch.images.shape == (2, 3, 16, 24)
    assert batch.objects is not None
    np.testing.assert_array_equal(batch.objects.numpy(), data.targets.objects_SND[:2])
    assert batch.image_index is not None
    assert batch.image_index.tolist() == data.image_index.tolist()
    assert batch.answers is None


def test_bad_input(world: ClevrFolder, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        ClevrObjects(world, "val", BlindView(), limit=0)
    with pytest.raises(DataError, match="does not exist"):
        ClevrObjects(ClevrFolder(tmp_path), "val", BlindView())
