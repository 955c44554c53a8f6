from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scenes_file import write_scenes
from visreason.clevr.visibility import instance_mask
from visreason.data import world_images
from visreason.data.world_files import WorldFiles
from visreason.data.world_images import image_batches, image_tasks, one_thread, write_png
from visreason.data.world_split import WorldSplit
from visreason.errors import DataError


@pytest.fixture
def files(tmp_path: Path) -> WorldFiles:
    files = WorldFiles(tmp_path, "val", 5)
    write_scenes(files.scenes_file, [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(5)], "val")
    return files


@pytest.mark.parametrize(("size", "first"), [((480, 320), 2), ((4096, 4096), 1), ((8, 8), 64)])
def test_batches_cover_every_scene_once(size: tuple[int, int], first: int) -> None:
    batches = image_batches(WorldSplit("val", 131, image_size=size))
    assert [index for batch in batches for index in batch] == list(range(131))
    assert len(batches[0]) == first


def test_a_batch_takes_its_own_scenes(files: WorldFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world_images, "_BATCH_IMAGES", 2)
    wanted = WorldSplit("val", 5, image_size=(48, 32))
    batches = image_batches(wanted)
    tasks = list(image_tasks(wanted, files, [batches[0], batches[2]]))
    assert [[scene.image_index for scene in task.scenes] for task in tasks] == [[0, 1], [4]]


def test_images_and_masks_show_the_scene(files: WorldFiles) -> None:
    wanted = WorldSplit("val", 5, image_size=(120, 80), masks=True)
    (task,) = image_tasks(wanted, files, [range(1, 2)])
    assert task() == 1
    image, mask = Image.open(files.image(1)), Image.open(files.mask(1))
    assert (image.mode, image.size) == ("RGB", (120, 80))
    assert (mask.mode, mask.size) == ("L", (120, 80))
    expected = instance_mask(task.scenes[0], 120, 80) + 1
    assert (np.asarray(mask) == expected).mean() > 0.99
    assert not files.image(0).exists()


def test_threads_are_given_back() -> None:
    before = torch.get_num_threads()
    inside = []

    def work() -> None:
        with one_thread():
            inside.append(torch.get_num_threads())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert inside == [1]
    assert torch.get_num_threads() == before


def test_a_png_is_whole_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "images").write_text("a file where the folder should be")
    with pytest.raises(DataError, match="cannot write"):
        write_png(tmp_path / "images" / "a.png", np.zeros((4, 4, 3), np.uint8))
    assert [path.name for path in tmp_path.iterdir()] == ["images"]
