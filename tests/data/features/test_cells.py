import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from visreason.clevr.folder import ClevrFolder
from visreason.data.features.cells import CellView
from visreason.data.inputs import ImageView, Subjects
from visreason.errors import DataError
from visreason.nn.convolution import PixelCnn

IMAGES = ("CLEVR_val_000000.png", "CLEVR_val_000002.png")
SUBJECTS = Subjects(IMAGES, np.array([0, 1, 1]), np.array([0, 2, 2]), "question {}".format)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VISREASON_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def clevr(_world: Path, tmp_path: Path) -> ClevrFolder:
    """A data folder of 6 scenes and 24 questions that the test may spoil."""
    return ClevrFolder(shutil.copytree(_world, tmp_path / "world"))


def network(seed: int = 0) -> PixelCnn:
    torch.manual_seed(seed)
    return PixelCnn((4, 6)).eval()


def ready(clevr: ClevrFolder, eyes: PixelCnn) -> CellView:
    view = CellView(eyes, (32, 48), "cpu")
    view.check(clevr, "val", SUBJECTS)
    return view


def test_cells_are_what_the_network_sees_in_the_image(clevr: ClevrFolder) -> None:
    eyes, images = network(), ImageView((32, 48))
    view = ready(clevr, eyes)
    images.check(clevr, "val", SUBJECTS)
    pixels = images.see(1, IMAGES[1], None).image
    assert pixels is not None
    with torch.no_grad():
        expected = eyes(torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 255)[0]
    seen = view.see(1, IMAGES[1], (0, 1))
    assert seen.image is None
    assert seen.features is not None
    np.testing.assert_allclose(seen.features, expected.numpy(), atol=2e-3)


def test_they_are_computed_once_for_a_network_and_its_images(clevr: ClevrFolder, cache: Path) -> None:
    ready(clevr, network())
    (place,) = (cache / "cells").iterdir()
    written = {file.name: file.stat().st_mtime_ns for file in place.iterdir()}
    ready(clevr, network())
    assert {file.name: file.stat().st_mtime_ns for file in place.iterdir()} == written
    ready(clevr, network(seed=1))
    assert len(list((cache / "cells").iterdir())) == 2
    image = clevr.image_path("val", IMAGES[0])
    os.utime(image, ns=(1, 1))
    ready(clevr, network())
    assert len(list((cache / "cells").iterdir())) == 3


def test_a_missing_image_is_named(clevr: ClevrFolder) -> None:
    lost = Subjects(("lost.png",), np.array([0]), np.array([0]), "question {}".format)
    with pytest.raises(DataError, match=r"lost\.png of question 0"):
        CellView(network(), (32, 48), "cpu").check(clevr, "val", lost)
