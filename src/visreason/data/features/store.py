"""A split's features, whichever way they are stored: rows of numbers, one an image.

Three forms are read as they are:

* our shards: a folder with `features.json` and `00000.npy`, `00001.npy` ..., memory-mapped, 16-bit unless asked for
  more;
* `.h5` of clevr-iep: the data set `features`, `[N, C, H, W]`, row = image index;
* a folder of `.npy` files, one an image, `[H, W, C]` or `[1, H, W, C]`, as snmn and snmn-pytorch have it.

Shape suffixes: N images, C channels, H x W cells.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from visreason.arrays import map_array
from visreason.data.hdf5 import dataset, import_h5py
from visreason.data.world_contents import sha256
from visreason.errors import DataError
from visreason.files import read_json

INDEX = "features.json"
FORMAT = 1
VERIFIED = 1 << 28
"""Bytes of features at most whose checksums are compared before they are used: a fifth of a second's work."""

Array = NDArray[np.floating[Any]]


class FeatureStore(ABC):
    """The features of a split's images.

    Attributes:
        path: where they lie.
        shape: (C, H, W).
    """

    path: Path
    shape: tuple[int, int, int]

    @abstractmethod
    def check(self, images: Sequence[str], indices: Sequence[int]) -> None:
        """Make sure that every image has its features.

        Args:
            images: file names.
            indices: their image indices.

        Raises:
            DataError: some are missing; names the first and says how many.
        """

    @abstractmethod
    def read(self, image: str, index: int) -> Array:
        """The features of one image, `[C, H, W]`."""


class ShardStore(FeatureStore):
    """Our own form.

    Args:
        path: the folder.

    Raises:
        DataError: it is incomplete or broken.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes = read_notes(path)
        if not self.notes["complete"]:
            raise DataError(
                f"{path} is not finished: {len(self.notes['sha256'])} of {shard_count(self.notes)} parts are there. "
                "The same `visreason features` command goes on with it."
            )
        channels, height, width = self.notes["shape"]
        self.shape = (channels, height, width)
        self._row = {name: row for row, name in enumerate(self.notes["images"])}
        self._open: dict[int, Array] = {}

    def check(self, images: Sequence[str], indices: Sequence[int]) -> None:
        """Look every name up, and compare the checksums of a small store; `visreason doctor` those of any."""
        _complain(self.path, [name for name in images if name not in self._row], len(images))
        files = [shard_file(self.path, number) for number in range(shard_count(self.notes))]
        for number in range(len(files)):
            self._shard(number)
        if sum(file.stat().st_size for file in files) <= VERIFIED:
            verify(self.path, self.notes)

    def read(self, image: str, index: int) -> Array:
        """One row of a shard."""
        shard, row = divmod(self._row[image], self.notes["rows"])
        cells_CHW: Array = self._shard(shard)[row]
        return cells_CHW

    def _shard(self, number: int) -> Array:
        if number not in self._open:
            file = shard_file(self.path, number)
            rows = min(self.notes["rows"], len(self.notes["images"]) - number * self.notes["rows"])
            self._open[number] = _map_array(file, (rows, *self.shape))
        return self._open[number]

    def __getstate__(self) -> dict[str, Any]:
        """Travel to another process without the open files."""
        return {**self.__dict__, "_open": {}}


class HdfStore(FeatureStore):
    """clevr-iep's form: row i of the data set `features` is image i.

    The file is opened anew in every process, because HDF5 files must not be shared between processes.

    Args:
        path: the file.

    Raises:
        DataError: it cannot be read, or has no such data set.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: Any = None
        rows = self._rows()
        channels, height, width = rows.shape[1:]
        self.shape, self._count = (channels, height, width), len(rows)

    def check(self, images: Sequence[str], indices: Sequence[int]) -> None:
        """Compare the image indices with the number of rows."""
        beyond = [name for name, index in zip(images, indices, strict=True) if not 0 <= index < self._count]
        if beyond:
            raise DataError(
                f"{self.path} has {self._count} rows, too few for {len(beyond)} of the {len(images)} images, the "
                f"first being {beyond[0]}: row i must be image i. Extract the features of the whole split."
            )

    def read(self, image: str, index: int) -> Array:
        """One row."""
        try:
            row: Array = self._rows()[index]
        except (OSError, RuntimeError) as error:
            raise DataError(f"{self.path} is damaged at row {index}: {error}. Extract it again.") from error
        return row

    def _rows(self) -> Any:
        if self._file is None:
            h5py = import_h5py(self.path)
            try:
                self._file = h5py.File(self.path, "r")
            except OSError as error:
                raise DataError(
                    f"{self.path} cannot be read as HDF5: {error}. Copy or extract it again."
                ) from error
        return dataset(self._file, "features", 4)

    def __getstate__(self) -> dict[str, Any]:
        """Travel to another process without the open file."""
        return {**self.__dict__, "_file": None}


class NpyStore(FeatureStore):
    """A folder of one `.npy` file an image, `[H, W, C]` or `[1, H, W, C]`.

    Args:
        path: the folder.

    Raises:
        DataError: it holds no such file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._names = {file.stem for file in path.glob("*.npy")}
        if not self._names:
            raise DataError(f"{path} holds neither {INDEX} nor .npy files. Give a folder of features.")
        first = self._load(min(self._names), None)
        channels, height, width = first.shape
        self.shape = (channels, height, width)

    def check(self, images: Sequence[str], indices: Sequence[int]) -> None:
        """Look for every image's file."""
        _complain(self.path, [name for name in images if Path(name).stem not in self._names], len(images))

    def read(self, image: str, index: int) -> Array:
        """One file."""
        return self._load(Path(image).stem, self.shape)

    def _load(self, stem: str, shape: tuple[int, int, int] | None) -> Array:
        wanted = None if shape is None else (*shape[1:], shape[0])
        cells_HWC = _map_array(self.path / f"{stem}.npy", wanted, squeeze=True)
        return cells_HWC.transpose(2, 0, 1)


def widened(features: Array) -> NDArray[np.float32]:
    """Features in 32 bits; those of 16 are widened by PyTorch, which takes many at a time where NumPy takes each.

    Example:
        >>> widened(np.ones((2, 1, 1), np.float16)).dtype
        dtype('float32')
    """
    if features.dtype != np.float16:
        return np.asarray(features, np.float32)
    wide: NDArray[np.float32] = torch.from_numpy(np.array(features)).float().numpy()
    return wide


def open_features(path: Path) -> FeatureStore:
    """The features at a place, in whichever form they are.

    Args:
        path: a folder, or an HDF5 file.

    Raises:
        DataError: there is nothing, or nothing of features.
    """
    if path.is_file():
        return HdfStore(path)
    if not path.is_dir():
        raise DataError(f"{path} does not exist. `visreason features` extracts features.")
    return ShardStore(path) if (path / INDEX).exists() else NpyStore(path)


def read_notes(path: Path) -> Mapping[str, Any]:
    """What `features.json` says.

    Raises:
        DataError: it is broken, or of another format.
    """
    notes: Any = read_json(path / INDEX)
    needed = {"format", "complete", "shape", "rows", "images", "sha256", "dtype", "source"}
    known = isinstance(notes, dict) and needed <= notes.keys() and notes["format"] == FORMAT
    if not known or not _are_whole(notes):
        raise DataError(
            f"{path / INDEX} was not written by `visreason features`, or has changed. Extract the features again."
        )
    return dict(notes)


def _are_whole(notes: Mapping[str, Any]) -> bool:
    """Whether the notes have what the others are found by, in their types."""
    shape, rows, names = notes["shape"], notes["rows"], [notes["images"], notes["sha256"]]
    return (
        all(isinstance(one, list) and all(isinstance(name, str) for name in one) for one in names)
        and isinstance(shape, list)
        and [type(side) for side in (*shape, rows)] == [int] * 4
        and min(*shape, rows) > 0
        and isinstance(notes["complete"], bool)
    )


def verify(path: Path, notes: Mapping[str, Any]) -> None:
    """Compare every finished shard with its checksum.

    Raises:
        DataError: one is missing or was changed.
    """
    for number, digest in enumerate(notes["sha256"]):
        file = shard_file(path, number)
        if not file.exists() or sha256(file) != digest:
            raise DataError(f"{file} is missing or not as it was written. Extract again with --overwrite.")


def shard_count(notes: Mapping[str, Any]) -> int:
    """How many shards a store has when it is complete."""
    return -(-len(notes["images"]) // int(notes["rows"]))


def shard_file(path: Path, number: int) -> Path:
    """The file of one shard."""
    return path / f"{number:05d}.npy"


def _map_array(file: Path, shape: tuple[int, ...] | None, *, squeeze: bool = False) -> Array:
    """A memory-mapped array, or a `DataError` that names the file and what is wrong."""
    array: Array = map_array(file)
    if squeeze and array.ndim == 4 and len(array) == 1:
        array = array[0]
    if array.ndim != (4 if not squeeze else 3) or (shape is not None and array.shape != shape):
        wanted = f"the shape {shape}" if shape else "[H, W, C]"
        raise DataError(f"{file} has the shape {array.shape}, not {wanted}. Extract it again.")
    if not np.issubdtype(array.dtype, np.floating):
        raise DataError(f"{file} holds {array.dtype}, not fractions. Extract it again.")
    return array


def _complain(path: Path, missing: Sequence[str], total: int) -> None:
    if missing:
        raise DataError(
            f"{path} lacks the features of {len(missing)} of {total} images, the first being {missing[0]}. "
            "Extract the features of this split."
        )
