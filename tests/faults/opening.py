"""Does every file that a killed command left open? Each is read as its kind is read by the tool itself."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import orjson
import yaml

from visreason.data.images import load_image
from visreason.data.world_contents import read_checksums
from visreason.errors import VisreasonError
from visreason.files import read_json
from visreason.models import load_model
from visreason.tasks.checkpoint import read_checkpoint

Digest = Callable[[Path], object]


def _json(path: Path) -> object:
    return read_json(path)


def _lines(path: Path) -> object:
    """The lines, without the clock; every one must be whole."""
    text = path.read_bytes()
    assert not text or text.endswith(b"\n"), "the last line is cut short"
    lines = [orjson.loads(line) for line in text.splitlines()]
    return [{name: value for name, value in line.items() if name != "seconds"} for line in lines]


def _array(path: Path) -> object:
    array = np.load(path, allow_pickle=False)
    return array.dtype.str, array.shape, array.tobytes()


def _checkpoint(path: Path) -> object:
    """Every tensor and number of a checkpoint, as bytes that can be compared."""
    return _plain(read_checkpoint(path))


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if hasattr(value, "numpy"):
        return value.numpy().tobytes()
    return value


def _model(path: Path) -> object:
    load_model(path)
    return path.read_bytes()


READERS: dict[str, Digest] = {
    ".json": _json,
    ".jsonl": _lines,
    ".npy": _array,
    ".ckpt": _checkpoint,
    ".safetensors": _model,
    ".yaml": lambda path: yaml.safe_load(path.read_text("utf-8")),
    ".png": lambda path: load_image(path).tobytes(),
    ".sha256": read_checksums,
    ".csv": lambda path: path.read_text("utf-8"),
    ".bin": lambda path: None,  # rows that progress.json has not noted yet are cut off
}

CLOCKS = ("history.json",)
"""Files that tell when they were made."""


def left(folder: Path) -> Iterator[Path]:
    """The files in a folder, but for those that were being written, which no reader looks at."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not (path.name.startswith(".") and path.name.endswith(".part")):
            yield path


def unreadable(folder: Path) -> list[str]:
    """The files that do not open, with the reason."""
    faults = []
    for path in left(folder):
        try:
            READERS[path.suffix](path)
        except (VisreasonError, ValueError, AssertionError, OSError) as error:
            faults.append(f"{path.relative_to(folder)}: {error}")
    return faults


def contents(folder: Path) -> dict[str, object]:
    """What every file says, by its name; hidden leftovers are there too, so that they are missed by none."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in CLOCKS)
    return {
        str(path.relative_to(folder)): READERS[path.suffix](path) if path.suffix in READERS else None
        for path in files
    }
