"""Features in the forms that peers read."""

import h5py
import numpy as np
import pytest

from visreason.data.features.export import to_hdf5, to_npy
from visreason.data.features.extract import extract
from visreason.data.features.store import NpyStore, ShardStore
from visreason.errors import DataError, UsageError


@pytest.fixture
def store(source, backbone, tmp_path):
    """Features of seven images in our own form."""
    extract(source, backbone, tmp_path / "shards", dtype="float32")
    return ShardStore(tmp_path / "shards")


def test_row_i_of_hdf5_is_image_i(store, source, tmp_path):
    file, order = tmp_path / "out/features.h5", [3, 0, 1, 2, 6, 5, 4]
    to_hdf5(store, file, order)
    with h5py.File(file) as opened:
        rows = opened["features"]
        assert (rows.shape, rows.dtype) == ((7, *store.shape), np.float32)
        for name, index in zip(source.images, order, strict=True):
            assert np.array_equal(rows[index], store.read(name, index))
    assert [one.name for one in file.parent.iterdir()] == ["features.h5"]


@pytest.mark.parametrize("indices", [[0, 1, 2, 3, 4, 5, 7], [0, 0, 1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6, 7]])
def test_rows_that_would_not_be_images_are_refused(store, tmp_path, indices):
    with pytest.raises(UsageError, match=r"row i is image i, .* --format shards"):
        to_hdf5(store, tmp_path / "features.h5", indices)
    assert not (tmp_path / "features.h5").exists()


def test_a_file_that_cannot_be_written_leaves_nothing_behind(store, tmp_path):
    (tmp_path / "out/features.h5").mkdir(parents=True)
    with pytest.raises(DataError, match=r"cannot write .*features\.h5"):
        to_hdf5(store, tmp_path / "out/features.h5", range(7))
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["features.h5"]


def test_one_file_an_image_has_cells_first_and_channels_last(store, source, tmp_path):
    to_npy(store, tmp_path / "cells")
    assert len(list((tmp_path / "cells").iterdir())) == 7
    again = NpyStore(tmp_path / "cells")
    for name in source.images:
        cells = np.load(tmp_path / "cells" / name.replace(".png", ".npy"))
        assert cells.shape == (1, *store.shape[1:], store.shape[0])
        assert cells.dtype == np.float32
        assert np.array_equal(again.read(name, 0), store.read(name, 0))
