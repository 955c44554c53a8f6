import shutil
from pathlib import Path

import pytest

from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import read_scenes
from visreason.errors import DataError, UsageError
from visreason.retrieval.gallery import open_gallery


def test_a_folder_of_images_with_its_subfolders(images: Path) -> None:
    gallery = open_gallery(images)
    assert gallery.names == ("a.JPG", "b.png", "c.png", "e.png", "more/d.png")
    assert (gallery.images, gallery.scenes) == (images.resolve(), None)


@pytest.mark.parametrize("size", [1, 2, 5, 9])
@pytest.mark.parametrize("done", [0, 3, 5])
def test_batches_hold_everything_once_and_in_order(images: Path, size: int, done: int) -> None:
    gallery = open_gallery(images)
    batches = list(gallery.batches("images", size, done))
    assert [name for batch in batches for name, _ in batch] == list(gallery.names[done:])
    assert all(0 < len(batch) <= size for batch in batches)
    assert all(shown.shape == (20, 30, 3) for batch in batches for _, shown in batch)


def test_what_cannot_be_read_comes_with_the_reason(images: Path) -> None:
    (images / "b.png").write_text("no image")
    (batch,) = open_gallery(images).batches("images", 10)
    shown = dict(batch)
    assert isinstance(shown["b.png"], DataError)
    assert "b.png is not an image" in str(shown["b.png"])
    assert sum(isinstance(one, DataError) for one in shown.values()) == 1


def test_a_split_has_images_and_scenes(tiny_data: Path) -> None:
    gallery = open_gallery(tiny_data, "val")
    scenes = read_scenes(tiny_data / "scenes/CLEVR_val_scenes.json")
    assert gallery.images == (tiny_data / "images/val").resolve()
    assert list(gallery.names) == list(gallery.names_of("scenes")) == [one.image_filename for one in scenes]
    batches = list(gallery.batches("scenes", 4, done=1))
    assert [shown for batch in batches for _, shown in batch] == scenes[1:]
    assert all(isinstance(shown, Scene) for _, shown in batches[0])


def test_a_data_folder_of_several_splits_asks_which(tiny_data: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"name one of its splits with --split \(train, val\)"):
        open_gallery(tiny_data)
    shutil.copytree(tiny_data / "images/val", tmp_path / "images/val")
    shutil.copytree(tiny_data / "scenes", tmp_path / "scenes")
    (tmp_path / "scenes/CLEVR_train_scenes.json").unlink()
    assert len(open_gallery(tmp_path).names) == 6


def test_nothing_to_index(tmp_path: Path, images: Path) -> None:
    with pytest.raises(DataError, match="is no folder"):
        open_gallery(tmp_path / "nowhere")
    for file in images.rglob("*.*"):
        file.unlink()
    with pytest.raises(DataError, match=r"holds no images \(bmp, gif, "):
        open_gallery(images)
