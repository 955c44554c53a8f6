"""What a finished split of a generated world contains: counts, sizes and SHA-256 checksums of its files.

The checksums of all files lie in `checksums/CLEVR_SPLIT.sha256`, in the form of `sha256sum`, so that
`cd OUT && sha256sum -c checksums/CLEVR_SPLIT.sha256` verifies them anywhere. `world.json` holds the
checksum of that list, and so of everything:

    "contents": {
      "questions": 9998, "images": 1000, ...
      "files": {"scenes/CLEVR_val_scenes.json": {"bytes": 2211969, "sha256": "5d2f..."}, ...},
      "image_bytes": 180123456,
      "checksums": "a40c..."
    }
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from visreason.data.world_files import WorldFiles
from visreason.data.world_manifest import note_contents, read_manifest
from visreason.errors import DataError
from visreason.files import write_atomically

_BLOCK = 1 << 20


def seal_split(files: WorldFiles, counts: Mapping[str, Any], *, anew: bool = False) -> None:
    """Note what a finished split contains, unless that was noted when it was finished before.

    Args:
        files: the split.
        counts: kind to how many it has, such as `{"questions": 9998}`, and whatever else is to be noted.
        anew: files have changed since.

    Raises:
        DataError: a file cannot be read or written.
    """
    entry = read_manifest(files.root)["splits"][files.split]
    if "contents" in entry and files.checksums_file.exists() and not anew:
        return
    texts = {name: (path.stat().st_size, sha256(path)) for name, path in _named(files, files.texts())}
    pictures = {name: (path.stat().st_size, sha256(path)) for name, path in _named(files, files.pictures())}
    with write_atomically(files.checksums_file, "w") as file:
        file.writelines(f"{digest}  {name}\n" for name, (_, digest) in (texts | pictures).items())
    contents = {
        **counts,
        "files": {name: {"bytes": size, "sha256": digest} for name, (size, digest) in texts.items()},
        "image_bytes": sum(size for size, _ in pictures.values()),
        "checksums": sha256(files.checksums_file),
    }
    note_contents(files.root, files.split, contents)


def read_checksums(path: Path) -> dict[str, str]:
    """File name to checksum, from a list in the form of `sha256sum`.

    Raises:
        DataError: the file is missing or of another form.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}.") from error
    parts = [line.partition("  ") for line in lines]
    if not all(len(digest) == 64 and name for digest, _, name in parts):
        raise DataError(f"{path} is no list of SHA-256 checksums as `sha256sum` writes it.")
    return {name: digest for digest, _, name in parts}


def sha256(path: Path) -> str:
    """The SHA-256 checksum of a file, in hexadecimal.

    Raises:
        DataError: the file cannot be read.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "empty"
        >>> path.touch()
        >>> sha256(path)[:16]
        'e3b0c44298fc1c14'
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    return digest.hexdigest()


def _named(files: WorldFiles, paths: Iterator[Path]) -> Iterator[tuple[str, Path]]:
    """Files by their place in the world's folder."""
    return ((path.relative_to(files.root).as_posix(), path) for path in paths)


def contents_of(entry: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a manifest's entry says that its split contains; None where it was not finished."""
    contents = entry.get("contents")
    return contents if isinstance(contents, dict) and isinstance(contents.get("files"), dict) else None
