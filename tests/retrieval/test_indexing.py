from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from visreason.data.images import load_image
from visreason.errors import UsageError
from visreason.retrieval.extractor import open_extractor
from visreason.retrieval.gallery import open_gallery
from visreason.retrieval.indexing import make_index


def test_every_image_has_its_feature(pixel_model: Path, images: Path, tmp_path: Path) -> None:
    extract = open_extractor(str(pixel_model), device="cpu")
    told = []
    made = make_index(
        extract,
        open_gallery(images),
        tmp_path / "index",
        batch=2,
        progress=lambda done, total: told.append((done, total)),
    )
    expected = extract([load_image(images / name) for name in made.index.ids]).numpy()
    np.testing.assert_allclose(made.index.features, expected, atol=1e-6)
    assert told == [(0, 5), (2, 5), (4, 5), (5, 5)]
    assert made.unreadable == {}
    assert made.index.image_file(4) == images / "more/d.png"
    assert made.index.settings == extract.settings(images=str(images.resolve()))


def test_unreadable_images_are_named_and_left_out(pixel_model: Path, images: Path, tmp_path: Path) -> None:
    for name in ("a.JPG", "b.png", "e.png"):
        (images / name).write_text("no image")
    made = make_index(open_extractor(str(pixel_model)), open_gallery(images), tmp_path / "index", batch=2)
    assert made.index.ids == ("c.png", "more/d.png")
    assert list(made.unreadable) == ["a.JPG", "b.png", "e.png"]


def test_an_interrupted_command_goes_on(pixel_model: Path, images: Path, tmp_path: Path) -> None:
    extract = open_extractor(str(pixel_model), device="cpu")

    def stop(done: int, total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    whole = make_index(extract, open_gallery(images), tmp_path / "whole", batch=2)
    with pytest.raises(KeyboardInterrupt):
        make_index(extract, open_gallery(images), tmp_path / "index", batch=2, progress=stop)
    looked_at = []
    original = type(extract).__call__
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            type(extract), "__call__", lambda self, seen: looked_at.append(len(seen)) or original(self, seen)
        )
        made = make_index(extract, open_gallery(images), tmp_path / "index", batch=2)
    assert looked_at == [1]
    np.testing.assert_array_equal(made.index.features, whole.index.features)
    assert made.index.ids == whole.index.ids


def test_scenes_are_indexed_by_their_images_names(state_model: Path, tiny_data: Path, tmp_path: Path) -> None:
    made = make_index(open_extractor(str(state_model)), open_gallery(tiny_data, "val"), tmp_path / "index")
    assert made.index.ids[0] == "CLEVR_val_000000.png"
    assert made.index.image_file(0) == (tiny_data / "images/val/CLEVR_val_000000.png").resolve()


def test_a_model_that_reads_scenes_needs_them(state_model: Path, images: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="give it a data folder that has scenes"):
        make_index(open_extractor(str(state_model)), open_gallery(images), tmp_path / "index")
    assert not list(tmp_path.glob(".*"))


def test_a_data_folder_without_images(pixel_model: Path, tiny_data: Path, tmp_path: Path) -> None:
    gallery = replace(open_gallery(tiny_data, "val"), images=None)
    with pytest.raises(UsageError, match="looks at images, and the data folder has none"):
        make_index(open_extractor(str(pixel_model)), gallery, tmp_path / "index")
