"""Reading and writing `scenes/CLEVR_SPLIT_scenes.json`."""

import os
from collections.abc import Iterable, Iterator
from typing import Any

from visreason.clevr.records import iter_records, write_records
from visreason.clevr.scene import Scene, scene_from_json, scene_to_json

GENERATOR = "visreason"
"""The `generator` of our own files' `info`."""


def release_info(split: str) -> dict[str, Any]:
    """The `info` block of a file in CLEVR v1.0's format.

    Version and date are those of the format, so that the same seed gives the same bytes on any day.
    """
    return {
        "split": split,
        "version": "1.0",
        "date": "2/14/2017",
        "license": "CC0 1.0",
        "generator": GENERATOR,
    }


def iter_scenes(path: str | os.PathLike[str]) -> Iterator[Scene]:
    """The scenes of a file, one by one, in bounded memory.

    Raises:
        DataError: the file is missing or truncated, or a scene lacks a key; names file, scene and key.
    """
    for i, record in enumerate(iter_records(path, "scenes")):
        yield scene_from_json(record, f"{path}: scene {i}")


def read_scenes(path: str | os.PathLike[str]) -> list[Scene]:
    """All scenes of a file.

    Raises:
        DataError: as `iter_scenes`.
    """
    return list(iter_scenes(path))


def write_scenes(path: str | os.PathLike[str], scenes: Iterable[Scene], split: str) -> int:
    """Write a scenes file as CLEVR v1.0 has it, atomically; return the number of scenes.

    Raises:
        DataError: the file cannot be written.
    """
    return write_records(path, "scenes", map(scene_to_json, scenes), release_info(split))
