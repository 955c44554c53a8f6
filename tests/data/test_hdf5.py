import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from visreason.data.hdf5 import dataset, integers, open_hdf5
from visreason.errors import DataError, UsageError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with h5py.File(tmp_path / "numbers.h5", "w") as file:
        file["whole"] = np.zeros((3, 2), np.int32)
        file["real"] = np.zeros(3)
        file.create_group("group")
    return tmp_path / "numbers.h5"


def test_datasets_of_the_right_shape(path: Path) -> None:
    with open_hdf5(path) as file:
        assert integers(file, "whole", 2, rows=3).shape == (3, 2)
        assert dataset(file, "real", 1).dtype == float


@pytest.mark.parametrize(
    ("name", "dimensions", "rows", "message"),
    [
        ("words", 1, None, r"numbers\.h5 has no dataset 'words'; it holds group, real, whole\."),
        ("group", 1, None, r"no dataset 'group'"),
        ("whole", 1, None, r"'whole' should have 1 dimension; its shape is \(3, 2\)"),
        ("whole", 2, 4, r"'whole' should have 2 dimensions and 4 rows; its shape is \(3, 2\)"),
        ("real", 1, None, r"'real' should hold whole numbers, not float64"),
    ],
)
def test_another_shape_is_an_error(
    path: Path, name: str, dimensions: int, rows: int | None, message: str
) -> None:
    with open_hdf5(path) as file, pytest.raises(DataError, match=message):
        integers(file, name, dimensions, rows)


def test_a_missing_truncated_or_other_file(path: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.h5 does not exist"), open_hdf5(tmp_path / "none.h5"):
        pass
    whole = path.read_bytes()
    for content in (b"no HDF5 at all", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"numbers\.h5 cannot be read as HDF5"), open_hdf5(path):
            pass


def test_without_h5py_the_error_says_what_to_install(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with (
        pytest.raises(UsageError, match=r"needs h5py: pip install 'visreason\[backbones\]'"),
        open_hdf5(path),
    ):
        pass
