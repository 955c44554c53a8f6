from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from visreason.data.images import load_image
from visreason.retrieval.building import write_index
from visreason.retrieval.index_folder import IndexSettings, RetrievalIndex
from visreason.retrieval.results import Result, pictures, ranking

HOW = IndexSettings(model="rn", fingerprint="f", layer="g2", aggregation="mean", normalise="both", size=1)


@pytest.fixture
def index(tmp_path: Path, tiny_data: Path) -> RetrievalIndex:
    names = [f"CLEVR_val_{number:06d}.png" for number in range(3)]
    settings = replace(
        HOW, images=str(tiny_data / "images/val"), scenes=str(tiny_data / "scenes/CLEVR_val_scenes.json")
    )
    return write_index(tmp_path / "index", np.zeros((3, 1), np.float32), names, settings)


def test_a_ranking_names_what_was_found(index: RetrievalIndex) -> None:
    found = ranking(index, np.array([2, 0, -1]), np.array([0.5, 1.5, np.inf], np.float32))
    assert found == [Result(2, "CLEVR_val_000002.png", 0.5), Result(0, "CLEVR_val_000000.png", 1.5)]


def test_pictures_are_the_images_files(index: RetrievalIndex, tiny_data: Path) -> None:
    found = pictures(index, [1, 0, 1])
    assert list(found) == [1, 0]
    np.testing.assert_array_equal(found[0], load_image(tiny_data / "images/val/CLEVR_val_000000.png"))


def test_without_images_pictures_are_drawn_from_the_scenes(index: RetrievalIndex) -> None:
    found = pictures(replace(index, settings=replace(index.settings, images=None)), [2])
    assert found[2].shape == (320, 480, 3)
    neither = replace(index.settings, images=None, scenes=None)
    assert pictures(replace(index, settings=neither), [2]) == {}
