from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from visreason.errors import DataError, UsageError
from visreason.files import read_json, write_json
from visreason.retrieval.building import write_index
from visreason.retrieval.index_check import check_index
from visreason.retrieval.index_folder import IndexSettings, RetrievalIndex

SETTINGS = IndexSettings(
    model="rn", fingerprint="f", layer="g2", aggregation="mean", normalise="both", size=3, input_size=(32, 48)
)


@pytest.fixture
def index(tmp_path: Path) -> RetrievalIndex:
    features = np.array([[0, 0, 1], [0, 3, 0], [2, 0, 0]], np.float32)
    return write_index(tmp_path / "index", features, ["a.png", "b.png", "c.png"], SETTINGS)


def test_an_index_says_what_it_was_told(index: RetrievalIndex) -> None:
    opened = RetrievalIndex.open(index.folder)
    assert opened.settings == SETTINGS
    assert opened.ids == ("a.png", "b.png", "c.png")
    assert len(opened) == 3
    assert isinstance(opened.features, np.memmap)


def test_searching_and_all_distances_agree(index: RetrievalIndex) -> None:
    numbers, distances = index.search(np.zeros((1, 3)), k=5)
    assert numbers.tolist() == [[0, 2, 1]]
    assert distances.tolist() == [[1.0, 2.0, 3.0]]
    assert index.distances(np.zeros((1, 3))).tolist() == [[1.0, 3.0, 2.0]]


def test_queries_of_another_size_are_refused(index: RetrievalIndex) -> None:
    for search in (index.search, index.distances):
        with pytest.raises(UsageError, match=r"features of 3 numbers; the query has the shape \[1, 4\]"):
            search(np.zeros((1, 4)))
    with pytest.raises(UsageError, match="at least 1 result; got 0"):
        index.search(np.zeros((1, 3)), 0)


def test_images_are_found_where_they_were(index: RetrievalIndex, tmp_path: Path) -> None:
    assert index.image_file(0) is None
    moved = replace(index, settings=replace(SETTINGS, images=str(tmp_path)))
    (tmp_path / "b.png").touch()
    assert moved.image_file(1) == tmp_path / "b.png"
    assert moved.image_file(0) is None


def test_what_is_no_index_is_refused(index: RetrievalIndex, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is no index"):
        RetrievalIndex.open(tmp_path)
    told = read_json(index.folder / "index.json")
    write_json(index.folder / "index.json", told | {"format": 99})
    with pytest.raises(DataError, match="no index of this version"):
        RetrievalIndex.open(index.folder)
    write_json(index.folder / "index.json", {key: told[key] for key in told if key != "layer"})
    with pytest.raises(DataError, match="is incomplete"):
        RetrievalIndex.open(index.folder)


def test_files_that_do_not_belong_together_are_refused(index: RetrievalIndex) -> None:
    told = read_json(index.folder / "index.json")
    write_json(
        index.folder / "index.json", {key: told[key] for key in told if key != "sha256"}
    )  # as an older one
    write_json(index.folder / "ids.json", ["a.png"])
    with pytest.raises(DataError, match=r"float32 \[3, 3\], but 1 images of 3 numbers"):
        RetrievalIndex.open(index.folder)
    (index.folder / "features.npy").write_bytes(b"nothing")
    with pytest.raises(DataError, match="cannot be read"):
        RetrievalIndex.open(index.folder)


def test_vectors_that_changed_are_told_of(index: RetrievalIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bit of one number: on opening a small index, and by the doctor in any."""
    vectors = index.folder / "features.npy"
    data = bytearray(vectors.read_bytes())
    data[-3] ^= 1
    vectors.write_bytes(data)
    with pytest.raises(DataError, match=r"features\.npy is not as it was written"):
        RetrievalIndex.open(index.folder)
    monkeypatch.setattr("visreason.retrieval.index_folder.VERIFIED", 100)
    assert len(RetrievalIndex.open(index.folder)) == 3
    (found,) = check_index(index.folder)
    assert (found.status, "not as it was written" in found.found) == ("broken", True)
