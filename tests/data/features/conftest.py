"""A small data folder with images, and a backbone that is quick and easy to foresee."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torch import nn

from visreason.data.features.extract import Source
from visreason.nn.backbone import Backbone, BackboneChoice

CHOICE = BackboneChoice(name="mean", normalisation="none", size=(32, 48))


@pytest.fixture
def source(tmp_path) -> Source:
    """Seven images of random pixels."""
    folder = tmp_path / "world/images/val"
    folder.mkdir(parents=True)
    numbers = np.random.default_rng(0)
    names = tuple(f"CLEVR_val_{index:06d}.png" for index in range(7))
    for name in names:
        Image.fromarray(numbers.integers(0, 256, (20, 30, 3), np.uint8)).save(folder / name)
    return Source(names, folder, CHOICE)


@pytest.fixture
def backbone() -> Backbone:
    """The mean of every 16x16 pixels: `[I, 3, 2, 3]` for 32x48 pixels."""
    return Backbone(nn.AvgPool2d(16), "none")


@pytest.fixture
def world(source) -> Path:
    """The data folder."""
    return source.directory.parents[1]
