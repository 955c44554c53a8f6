"""Reading NumPy's files: numbers only, no more than the file has, or an error that names it.

Nothing is ever unpickled: a `.npy` or `.npz` of objects is refused.
"""

import os
import tokenize
import zipfile
import zlib
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from visreason.errors import DataError

_BROKEN = (
    OSError,
    ValueError,
    EOFError,
    KeyError,
    TypeError,
    AttributeError,
    SyntaxError,
    MemoryError,
    OverflowError,
    RuntimeError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What NumPy raises of damaged headers (it reads them as Python's literals) and archives."""

_MOST_BYTES, _MOST_RATIO = 1 << 30, 300
"""An archive that unpacks to more than this, and to so many times its size, was made to fill the memory."""


def map_array(path: str | os.PathLike[str], mode: Literal["r", "c"] = "r") -> NDArray[Any]:
    """Map a `.npy` file into memory; no number is read yet.

    Args:
        path: the file.
        mode: `"r"` read-only, `"c"` changes stay in memory.

    Raises:
        DataError: it is missing, broken, of objects, or claims more numbers than it has.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "three.npy"
        >>> np.save(path, np.arange(3))
        >>> map_array(path).tolist()
        [0, 1, 2]
    """
    try:
        return np.lib.format.open_memmap(path, mode)
    except _BROKEN as error:
        raise DataError(f"{path} cannot be read as numbers: {_reason(error)}.") from error


def read_npz(path: str | os.PathLike[str], names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """Read some arrays of a `.npz` file, whose checksums are verified.

    Args:
        path: the file.
        names: of the arrays.

    Raises:
        DataError: it is missing, broken, of objects, lacks an array, or unpacks to far more than it should.

    Example:
        >>> import tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "both.npz"
        >>> np.savez(path, a=np.arange(3), b=np.ones(2))
        >>> read_npz(path, ["b"])["b"].tolist()
        [1.0, 1.0]
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            if lacking := [name for name in names if f"{name}.npy" not in entries]:
                raise DataError(f"{path} lacks {lacking[0]}. The arrays are {', '.join(names)}.")
            size = sum(entry.file_size for entry in entries.values())
            if size > _MOST_BYTES and size > _MOST_RATIO * sum(one.compress_size for one in entries.values()):
                raise DataError(
                    f"{path} unpacks to {size:,} bytes, hundreds of times its size; it was not read."
                )
            found = {}
            for name in names:
                with archive.open(f"{name}.npy") as file:
                    found[name] = np.lib.format.read_array(file, allow_pickle=False)
                    file.read()  # to the end, where the checksum is compared
            return found
    except OSError as error:
        raise DataError(f"{path} cannot be read: {_reason(error)}.") from error
    except _BROKEN as error:
        raise DataError(f"{path} is no .npz of plain arrays: {_reason(error)}.") from error


def _reason(error: BaseException) -> str:
    """What went wrong, in few words."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (said or type(error).__name__).splitlines()[0].rstrip(".")
