"""The three forms of stored features, and what is said of broken ones."""

import copy

import numpy as np
import pytest

from visreason.data.features.export import to_hdf5, to_npy
from visreason.data.features.extract import extract
from visreason.data.features.store import INDEX, HdfStore, NpyStore, open_features, shard_file
from visreason.errors import DataError, UsageError
from visreason.files import write_json


@pytest.fixture
def shards(source, backbone, tmp_path):
    extract(source, backbone, tmp_path / "shards", dtype="float32")
    return open_features(tmp_path / "shards")


@pytest.fixture(params=["shards", "hdf5", "npy"])
def store(request, shards, source, tmp_path):
    """The same features in every form."""
    if request.param == "hdf5":
        to_hdf5(shards, tmp_path / "val_features.h5", range(7))
        return open_features(tmp_path / "val_features.h5")
    if request.param == "npy":
        to_npy(shards, tmp_path / "npy")
        return open_features(tmp_path / "npy")
    return shards


def test_every_form_gives_the_same_numbers(store, shards, source):
    assert store.shape == (3, 2, 3)
    store.check(source.images, range(7))
    for index, name in enumerate(source.images):
        assert np.array_equal(store.read(name, index), shards.read(name, index))


def test_a_store_travels_to_another_process(store, source):
    store.read(source.images[2], 2)
    there = copy.copy(store)  # goes through what other processes get
    assert np.array_equal(there.read(source.images[2], 2), store.read(source.images[2], 2))


def test_missing_images_are_counted_and_named(store):
    names, indices = ["CLEVR_val_000001.png", "CLEVR_val_000090.png", "CLEVR_val_000091.png"], [1, 90, 91]
    with pytest.raises(DataError, match=r"2 of (the )?3 images, the first being CLEVR_val_000090\.png"):
        store.check(names, indices)


def test_the_forms_are_told_apart(shards, tmp_path):
    to_hdf5(shards, tmp_path / "a.h5", range(7))
    to_npy(shards, tmp_path / "npy")
    assert isinstance(open_features(tmp_path / "a.h5"), HdfStore)
    assert isinstance(open_features(tmp_path / "npy"), NpyStore)
    with pytest.raises(DataError, match="does not exist"):
        open_features(tmp_path / "nowhere")


def test_snmns_files_have_channels_last_and_a_leading_one(shards, source, tmp_path):
    to_npy(shards, tmp_path / "npy")
    saved = np.load(tmp_path / "npy/CLEVR_val_000003.npy")
    assert saved.shape == (1, 2, 3, 3)
    assert np.array_equal(saved[0].transpose(2, 0, 1), shards.read(source.images[3], 3))
    np.save(tmp_path / "npy/CLEVR_val_000003.npy", saved[0])  # as the port has it
    assert np.array_equal(
        open_features(tmp_path / "npy").read(source.images[3], 3), saved[0].transpose(2, 0, 1)
    )


def test_row_i_of_hdf5_is_image_i(shards, tmp_path):
    with pytest.raises(UsageError, match="7 images have indices from 1 to 7"):
        to_hdf5(shards, tmp_path / "a.h5", range(1, 8))
    assert not (tmp_path / "a.h5").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not HDF5", "cannot be read as HDF5"),
        ({"other": np.zeros((2, 3, 2, 2))}, "has no dataset 'features'; it holds other"),
        ({"features": np.zeros((2, 3))}, "'features' should have 4 dimensions"),
    ],
)
def test_an_hdf5_file_of_something_else_is_refused(tmp_path, content, said):
    h5py = pytest.importorskip("h5py")
    if isinstance(content, bytes):
        (tmp_path / "x.h5").write_bytes(content)
    else:
        with h5py.File(tmp_path / "x.h5", "w") as file:
            for name, values in content.items():
                file[name] = values
    with pytest.raises(DataError, match=said):
        open_features(tmp_path / "x.h5")


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros((7, 3, 2, 4), np.float32), r"has the shape \(7, 3, 2, 4\), not the shape \(7, 3, 2, 3\)"),
        (np.zeros((6, 3, 2, 3), np.float32), "not the shape"),
        (np.zeros((7, 3, 2, 3), np.int32), "holds int32, not fractions"),
    ],
)
def test_a_shard_of_something_else_is_refused(shards, source, array, said):
    np.save(shard_file(shards.path, 0), array)
    with pytest.raises(DataError, match=said):
        open_features(shards.path).check(source.images, range(7))


def test_notes_that_are_not_ours_are_refused(shards):
    write_json(shards.path / INDEX, {"format": 99})
    with pytest.raises(DataError, match="was not written by `visreason features`"):
        open_features(shards.path)


def test_an_empty_folder_holds_no_features(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"neither features\.json nor \.npy files"):
        open_features(tmp_path / "empty")
