"""Reading and writing files so that nothing is ever half-written and every failure says which file and why."""

import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import orjson

from visreason.errors import DataError, UsageError


@contextmanager
def write_atomically(path: str | os.PathLike[str], mode: str = "wb") -> Iterator[IO[Any]]:
    """Open a file for writing beside `path` and rename it into place when the block succeeds.

    A reader sees the old file or the whole new one, never a part; if the block raises, or the disk fills up, the
    old file stays and the temporary one is removed.

    Args:
        path: the file to (re)place; its folder is created.
        mode: `"wb"` or `"w"` (text is UTF-8).

    Raises:
        DataError: the file cannot be written (full disk, no permission).

    Example:
        >>> import tempfile, pathlib
        >>> target = pathlib.Path(tempfile.mkdtemp()) / "note.txt"
        >>> with write_atomically(target, "w") as file:
        ...     _ = file.write("whole or not at all")
        >>> target.read_text()
        'whole or not at all'
    """
    target = Path(path)
    temporary: str | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
        with os.fdopen(handle, mode, encoding=None if "b" in mode else "utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, target)
    except BaseException as error:
        if temporary is not None:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
        if isinstance(error, OSError):
            raise DataError(
                f"cannot write {target}: {error.strerror or error}. What was there before is untouched."
            ) from error
        raise


def _umask() -> int:
    """The process's file mode mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def remove_leftovers(folder: Path, name: str = "*") -> None:
    """Delete what killed processes left half-written in a folder that this process has for itself.

    Args:
        folder: it need not exist.
        name: of the files that were being written, with wildcards.

    Example:
        >>> import tempfile, pathlib
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> (folder / ".last.ckpt.x3k.part").touch()
        >>> remove_leftovers(folder)
        >>> list(folder.iterdir())
        []
    """
    for path in folder.glob(f".{name}.*.part"):
        if path.is_file():
            path.unlink(missing_ok=True)


def write_json(path: str | os.PathLike[str], value: Any, *, indent: bool = False) -> None:
    """Write `value` as JSON (NumPy scalars and arrays included), atomically.

    Example:
        >>> import tempfile, pathlib
        >>> target = pathlib.Path(tempfile.mkdtemp()) / "answer.json"
        >>> write_json(target, {"answer": "yes"})
        >>> read_json(target)
        {'answer': 'yes'}
    """
    options = orjson.OPT_SERIALIZE_NUMPY | (orjson.OPT_INDENT_2 if indent else 0)
    with write_atomically(path) as file:
        file.write(orjson.dumps(value, option=options))
        file.write(b"\n")


def read_json(path: str | os.PathLike[str]) -> Any:
    """Read a JSON file.

    Raises:
        DataError: the file is missing, unreadable, truncated or not JSON; the message names file and place.
    """
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist. Check the folder and the split.") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise DataError(
            f"{path} is not valid JSON: {error}. The file has {len(data)} bytes; it may be truncated: "
            "copy or download it again."
        ) from error


def claim_output(folder: Path, files: Collection[str], *, overwrite: bool = False) -> None:
    """Make sure that a command may write its results into the folder of `--output`, before the work begins.

    Args:
        folder: the folder, which need not exist.
        files: the names of what the command writes; those are replaced.
        overwrite: write into it whatever else it holds.

    Raises:
        UsageError: it is a file, or holds something else, and `overwrite` is not given.

    Example:
        >>> import tempfile, pathlib
        >>> claim_output(pathlib.Path(tempfile.mkdtemp()), ("metrics.json",))
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--output {folder} is a file. Give a folder.")
    there = {one.name for one in folder.iterdir()} if folder.is_dir() else set()
    there -= {one.name for name in files for one in folder.glob(f".{name}.*.part")}  # of a killed process
    strange = sorted(there.difference(files))
    if strange and not overwrite:
        raise UsageError(
            f"--output {folder} holds {strange[0]}, which is none of the results ({', '.join(files)}). "
            "Give another folder, or --overwrite."
        )
