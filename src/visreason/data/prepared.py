"""Arrays prepared once from a big file and memory-mapped ever after.

A copy that is stale or half-written is noticed and made again.
"""

import hashlib
import shutil
import tempfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from rich.console import Console

from visreason.arrays import map_array
from visreason.data.cache import cache_folder
from visreason.data.folder_lock import folder_lock
from visreason.errors import DataError, VisreasonError
from visreason.files import read_json, write_json

Arrays = Mapping[str, NDArray[Any]]

_MANIFEST = "manifest.json"
_ENDS = 1 << 16
_BIG = 50_000_000
"""Bytes of a file whose preparation takes long enough to be announced."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was prepared from a file; it travels to another process as the place where it lies.

    Attributes:
        arrays: by name, memory-mapped and read-only.
        notes: further facts, as JSON values.
        folder: where the copy lies.
        identity: what the copy was made from.
    """

    arrays: Arrays
    notes: Mapping[str, Any]
    folder: Path
    identity: Mapping[str, Any]

    def __reduce__(self) -> tuple[Any, ...]:
        """Map the same files again in the other process."""
        return _reopen, (self.folder, self.identity)


def prepared(
    source: Path, parameters: Mapping[str, Any], build: Callable[[], tuple[Arrays, Mapping[str, Any]]]
) -> Prepared:
    """Open what was prepared from `source`, preparing it first where that was not done or no longer holds.

    The copy lies in the cache folder under a name made of the file's path and the parameters. It counts as
    stale when the file's size, modification time, first or last 64 KiB have changed, and as broken when a checksum
    of an array or of the notes is not as it was written. One process prepares while others wait; the new copy is
    written beside the old and renamed into place, so that an interrupted one leaves nothing that is read.

    Args:
        source: the file that the arrays are made from.
        parameters: whatever else they depend on (a version, a vocabulary's checksum), as JSON values.
        build: makes arrays and notes.

    Raises:
        DataError: the file does not exist, or the cache cannot be written.
    """
    place = [str(source.resolve()), parameters]
    key = hashlib.sha256(orjson.dumps(place, option=orjson.OPT_SORT_KEYS)).hexdigest()[:24]
    folder = cache_folder() / "prepared" / key
    identity = {"source": fingerprint(source), "parameters": dict(parameters)}
    if (found := _open(folder, identity)) is not None:
        return found
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with folder_lock(folder.parent, wait=True):
            if (found := _open(folder, identity)) is None:  # else another process was faster
                with _announced(source, identity["source"]["size"]):
                    arrays, notes = build()
                _write(folder, identity, arrays, notes)
                found = _open(folder, identity)
    except OSError as error:
        raise DataError(
            f"cannot prepare data in {folder.parent}: {error.strerror or error}. "
            "Free some space, or set VISREASON_CACHE to a folder on another disk."
        ) from error
    if found is None or fingerprint(source) != identity["source"]:
        raise DataError(
            f"{source} changed while it was being prepared. Run the command again once it is complete."
        )
    return found


def fingerprint(source: Path) -> dict[str, Any]:
    """What tells one state of a file from another without reading all of it.

    Raises:
        DataError: the file does not exist or cannot be read.
    """
    try:
        facts = source.stat()
        with source.open("rb") as file:
            ends = file.read(_ENDS)
            file.seek(max(0, facts.st_size - _ENDS))
            ends += file.read(_ENDS)
    except FileNotFoundError as error:
        raise DataError(f"{source} does not exist. Check the folder and the split.") from error
    except OSError as error:
        raise DataError(f"{source} cannot be read: {error.strerror or error}.") from error
    return {"size": facts.st_size, "modified": facts.st_mtime_ns, "ends": hashlib.sha256(ends).hexdigest()}


def _open(folder: Path, identity: Mapping[str, Any], *, verify: bool = True) -> Prepared | None:
    """The copy in `folder`, or None where it is missing, of another file, or damaged.

    Checksums (CRC-32, a gigabyte a second) are compared unless `verify` is False.
    """
    try:
        manifest = read_json(folder / _MANIFEST)
        if manifest.pop("checksum") != _checksum(manifest):
            return None
        if {key: manifest[key] for key in identity} != identity:
            return None
        arrays = {}
        for name, checksum in manifest["files"].items():
            path = folder / f"{name}.npy"
            if verify and _crc(path) != checksum:
                return None
            arrays[name] = map_array(path)
        return Prepared(arrays, manifest["notes"], folder, identity)
    except (VisreasonError, OSError, KeyError, TypeError, AttributeError):
        return None


def _checksum(manifest: Mapping[str, Any]) -> int:
    """The CRC-32 of all that a manifest says."""
    return zlib.crc32(orjson.dumps(manifest, option=orjson.OPT_SORT_KEYS))


def _crc(path: Path) -> int:
    """The CRC-32 of a file."""
    value = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            value = zlib.crc32(block, value)
    return value


def _reopen(folder: Path, identity: Mapping[str, Any]) -> Prepared:
    """The copy in `folder`, in another process than the one that opened it first.

    Raises:
        DataError: it was replaced or deleted meanwhile.
    """
    found = _open(folder, identity, verify=False)
    if found is None:
        raise DataError(f"the prepared data in {folder} was deleted or replaced while it was in use.")
    return found


def _announced(source: Path, size: int) -> AbstractContextManager[object]:
    """Say on a terminal that a big file is being prepared."""
    if size < _BIG:
        return nullcontext()
    return Console(stderr=True).status(f"preparing {source.name} ({size / 1e6:,.0f} MB), once")


def _write(folder: Path, identity: Mapping[str, Any], arrays: Arrays, notes: Mapping[str, Any]) -> None:
    """Write a copy beside `folder` and rename it into place; whoever has the old one mapped keeps it."""
    for leftover in folder.parent.glob(f".{folder.name}.*"):
        shutil.rmtree(leftover, ignore_errors=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, array in arrays.items():
            np.save(temporary / f"{name}.npy", array, allow_pickle=False)
        files = {name: _crc(temporary / f"{name}.npy") for name in arrays}
        manifest = orjson.loads(orjson.dumps({**identity, "notes": notes, "files": files}))
        write_json(temporary / _MANIFEST, manifest | {"checksum": _checksum(manifest)})
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
