"""`world.json`: what made each split of a generated world, so that a folder is gone on with, never mixed up.

    {"generator": "visreason",
     "splits": {"val": {"version": "0.1.0", "arguments": {"seed": 0, "only": ["cogent=A"], ...},
                        "questions": 9998, "contents": {...}}}}

`questions` is null until the split's scenes and questions are whole, and always in a world of regions; `contents`
(counts, sizes, checksums: `visreason.data.world_contents`) is there once all of the split is.
"""

from pathlib import Path
from typing import Any

from visreason import __version__
from visreason.data.region_files import REGIONS, split_files
from visreason.data.split_order import SplitOrder
from visreason.data.world_change import change_of
from visreason.data.world_extension import prepare_extension
from visreason.data.world_files import MANIFEST
from visreason.data.world_split import WorldSplit
from visreason.errors import DataError, UsageError
from visreason.files import read_json, write_json

_GENERATOR = "visreason"


def claim_split(root: Path, wanted: SplitOrder, *, overwrite: bool = False) -> int | None:
    """Make sure that a folder may take a split, and note in its manifest what the split is made of.

    Args:
        root: the world's folder, which exists.
        wanted: the split.
        overwrite: begin the split anew: delete its files (only those) where there are any.

    Returns:
        The number of questions where scenes and questions are whole already, None where they are to be made.
        A split that `wanted` makes longer keeps its images, one that it makes richer all that it has.

    Raises:
        UsageError: the folder holds something else, or the split made of other arguments or by another
            version.
    """
    manifest = _read(root, overwrite=overwrite)
    splits: dict[str, Any] = manifest["splits"]
    arguments = wanted.arguments()
    known = splits.get(wanted.split)
    files = split_files(root, wanted.split, arguments)
    if known is not None and not overwrite and _made(root, wanted.split, known):
        change = change_of(root, wanted, known)
        if change == "longer":
            assert isinstance(wanted, WorldSplit)  # no other world grows
            prepare_extension(split_files(root, wanted.split, known["arguments"]), wanted)
        else:
            count: int | None = known["questions"]
            if change == "richer":
                splits[wanted.split] = {"version": __version__, "arguments": arguments, "questions": count}
                write_json(root / MANIFEST, manifest, indent=True)  # without contents: they are noted anew
            if count is None or all(path.exists() for path in wanted.texts(root)):
                return count
    elif not overwrite and (strange := next(files.present(), None)):
        raise UsageError(
            f"{strange} is there already and was not made by this command. Choose another folder or split, "
            "or give --overwrite to replace the split's files."
        )
    if overwrite:
        files.remove()
        if known is not None:
            split_files(root, wanted.split, known["arguments"]).remove()
    splits[wanted.split] = {"version": __version__, "arguments": arguments, "questions": None}
    write_json(root / MANIFEST, manifest, indent=True)
    return None


def note_questions(root: Path, split: str, count: int) -> None:
    """Note that a split's scenes and questions are whole, and how many questions there are."""
    manifest = _read(root)
    manifest["splits"][split]["questions"] = count
    write_json(root / MANIFEST, manifest, indent=True)


def note_contents(root: Path, split: str, contents: dict[str, Any]) -> None:
    """Note what a finished split contains."""
    manifest = _read(root)
    manifest["splits"][split]["contents"] = contents
    write_json(root / MANIFEST, manifest, indent=True)


def read_manifest(root: Path) -> dict[str, Any]:
    """The manifest of a generated world.

    Raises:
        DataError: it is missing or no JSON.
        UsageError: it was not written by visreason.
    """
    if not (root / MANIFEST).exists():
        raise DataError(f"{root} has no {MANIFEST}: `visreason generate` did not make it.")
    return _read(root)


def forget_split(root: Path, split: str) -> None:
    """Delete a split's files and its entry, if there is one."""
    manifest = _read(root, overwrite=True)
    if (known := manifest["splits"].pop(split, None)) is not None:
        split_files(root, split, known["arguments"]).remove()
        write_json(root / MANIFEST, manifest, indent=True)


def _read(root: Path, *, overwrite: bool = False) -> dict[str, Any]:
    """The manifest of a world, or an empty one for a folder that holds nothing (or is to be overwritten)."""
    path = root / MANIFEST
    empty = {"generator": _GENERATOR, "splits": {}}
    if not path.exists():
        if not overwrite and (strange := next(root.iterdir(), None)):
            raise UsageError(
                f"{root} holds something else ({strange.name}) and no {MANIFEST}, so it is no world that "
                "`visreason generate` made. Choose another folder, or give --overwrite to put a world into "
                "it; only the split's own files are replaced then."
            )
        return empty
    try:
        manifest = read_json(path)
    except DataError:
        if not overwrite:
            raise
        return empty
    if not _is_manifest(manifest):
        if not overwrite:
            raise UsageError(
                f"{path} was not written by `visreason generate`. Choose another folder, or give --overwrite."
            )
        return empty
    return dict(manifest)


def _is_manifest(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.get("generator") == _GENERATOR
        and isinstance(value.get("splits"), dict)
        and all(
            isinstance(entry, dict)
            and isinstance(entry.get("arguments"), dict)
            and isinstance(entry["arguments"].get(_counted(entry["arguments"])), int)
            and {"version", "questions"} <= entry.keys()
            for entry in value["splits"].values()
        )
    )


def _counted(arguments: dict[str, Any]) -> str:
    """The argument that says how large a split is."""
    return "images" if arguments.get("world") == REGIONS else "scenes"


def _made(root: Path, split: str, known: dict[str, Any]) -> bool:
    """Whether anything of a split was made, beyond its place in the manifest."""
    return next(split_files(root, split, known["arguments"]).present(), None) is not None
