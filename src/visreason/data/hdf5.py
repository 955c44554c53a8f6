"""Opening HDF5 files with errors for people; h5py is imported only here, and only when a file is opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from visreason.errors import DataError, UsageError

if TYPE_CHECKING:
    import h5py

HDF5_SUFFIXES = (".h5", ".hdf5")
"""By which a file is taken for HDF5."""

SUMMED = "v110"
"""What is written: the form of HDF5 1.10 (2016), whose structure has checksums, so that a damaged file is an error and
cannot crash the library."""


def import_h5py(path: Path) -> Any:
    """The module h5py.

    Args:
        path: the file that needs it, for the error.

    Raises:
        UsageError: it is not installed.
    """
    try:
        import h5py
    except ImportError as error:
        raise UsageError(
            f"{path} is an HDF5 file, which needs h5py: pip install 'visreason[backbones]'."
        ) from error
    return h5py


@contextmanager
def open_hdf5(path: Path) -> Iterator["h5py.File"]:
    """Open an HDF5 file for reading.

    A process must open its own: a file that was open when a process split off gives wrong numbers in both.

    Raises:
        DataError: it is missing or no HDF5 file, or breaks off while it is read.
        UsageError: h5py is not installed.
    """
    h5py = import_h5py(path)
    if not path.is_file():
        raise DataError(f"{path} does not exist. Check the folder and the split.")
    try:
        with h5py.File(path, "r") as file:
            yield file
    except OSError as error:
        raise DataError(
            f"{path} cannot be read as HDF5: {error}. It may be truncated: copy or download it again."
        ) from error


def dataset(file: "h5py.File", name: str, dimensions: int, rows: int | None = None) -> "h5py.Dataset":
    """A dataset of an open file, after checking its shape.

    Args:
        file: from `open_hdf5`.
        name: of the dataset.
        dimensions: how many it must have.
        rows: how long the first must be; None takes any.

    Raises:
        DataError: there is no such dataset, or it has another shape; names the file and what it holds.
    """
    import h5py

    try:
        found, names = file.get(name), ", ".join(file)
    except (OSError, RuntimeError, KeyError, ValueError) as error:  # what h5py raises of damaged links
        raise DataError(f"{file.filename} is damaged: {error}. Copy or download it again.") from error
    if not isinstance(found, h5py.Dataset):
        raise DataError(f"{file.filename} has no dataset {name!r}; it holds {names or 'nothing'}.")
    if found.ndim != dimensions or (rows is not None and found.shape[0] != rows):
        expected = f"{dimensions} dimension{'s' if dimensions > 1 else ''}" + (
            f" and {rows} rows" if rows is not None else ""
        )
        raise DataError(f"{file.filename}: {name!r} should have {expected}; its shape is {found.shape}.")
    return found


def integers(file: "h5py.File", name: str, dimensions: int, rows: int | None = None) -> "h5py.Dataset":
    """As `dataset`, of whole numbers.

    Raises:
        DataError: as `dataset`, or it holds other than whole numbers.
    """
    found = dataset(file, name, dimensions, rows)
    if not np.issubdtype(found.dtype, np.integer):
        raise DataError(f"{file.filename}: {name!r} should hold whole numbers, not {found.dtype}.")
    return found
