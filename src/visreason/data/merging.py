"""Several data folders in CLEVR's layout put together: one split of each, one behind the other, as one folder.

Images are linked where the file system lets them share their bytes (`link(2)`), and copied elsewhere. Every record
stays as it is but for `image_index`, `image_filename`, `split` and `question_index`, which are numbered anew.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from visreason.clevr.counterfactual_files import counterfactual_split
from visreason.clevr.folder import ClevrFolder, image_filename
from visreason.clevr.records import iter_records, read_info, write_records
from visreason.clevr.referring_file import read_image_size
from visreason.data.folder_lock import folder_lock
from visreason.data.world_files import MANIFEST
from visreason.errors import DataError, UsageError

_LISTS = {"scenes": "scenes", "questions": "questions", "referring": "questions", "captions": "captions"}
"""The kinds of text, and the key of the list in each one's file."""

_PICTURES = ("images", "masks")


@dataclass(slots=True)
class Merged:
    """What a merged split holds.

    Attributes:
        counts: kind (scenes, questions, referring, captions, images, masks) to how many there are.
        left_out: kinds that some of the folders lack, so that they were left out.
        repeated: scenes that came before, as when two worlds are of one seed.
    """

    counts: dict[str, int] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    repeated: int = 0


def merge_folders(parts: Sequence[Path], out: Path, split: str, *, overwrite: bool = False) -> Merged:
    """Put one split of several data folders together, in the order given.

    Args:
        parts: two or more data folders, generated or real; none is changed.
        out: the folder to make, or one that other splits were merged into.
        split: its name, the same in all folders.
        overwrite: replace the split where it is there.

    Raises:
        UsageError: fewer than two folders, one of them twice, `out` among them or a generated world, or the split there
            already; or it is one of counterfactuals, whose pairs point at questions by number.
        DataError: a folder or the split is missing, a file is broken, an image that is named is not there, or boxes
            lie on images of several sizes.

    Example:
        >>> import tempfile
        >>> from visreason.clevr.questions_file import write_questions
        >>> root = Path(tempfile.mkdtemp())
        >>> for name in ("one", "two"):
        ...     _ = write_questions(ClevrFolder(root / name).questions_file("val"), [], "val")
        >>> merge_folders([root / "one", root / "two"], root / "both", "val").counts
        {'questions': 0}
    """
    _check(parts, out, split)
    folders = [ClevrFolder(part) for part in parts]
    merged = Merged()
    texts = _shared(list(_LISTS), folders, split, merged)
    if not {"scenes", "questions", "referring"}.intersection(texts):
        raise DataError(f"{', '.join(map(str, parts))}: there is no split {split!r} that all of them have.")
    pictures = _shared(_PICTURES, folders, split, merged)
    out.mkdir(parents=True, exist_ok=True)
    with folder_lock(out, wait=False):
        _check_free(ClevrFolder(out), split, overwrite=overwrite)
        staging = out / f".merge_{split}.part"
        shutil.rmtree(staging, ignore_errors=True)  # of a killed process
        try:
            _fill(ClevrFolder(staging), folders, split, texts, pictures, merged)
            _move(staging, out, split)
        except OSError as error:
            raise DataError(f"cannot write {out}: {error.strerror or error}.") from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return merged


def _check(parts: Sequence[Path], out: Path, split: str) -> None:
    """Reject what cannot be merged before anything is read."""
    if len(parts) < 2:
        raise UsageError(f"give two folders or more to put together; got {len(parts)}.")
    places = [part.resolve() for part in parts]
    for part, place in zip(parts, places, strict=True):
        if places.count(place) > 1:
            raise UsageError(f"{part} is given more than once. Name every folder once.")
    if out.resolve() in places:
        raise UsageError(f"{out} is one of the folders that are put together. Give another folder to make.")
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file. Give a folder.")
    if (out / MANIFEST).exists():
        raise UsageError(f"{out} is a generated world, which {MANIFEST} describes. Give a folder of its own.")
    if split.startswith(counterfactual_split("")):
        raise UsageError(
            f"{split} holds minimal pairs, which point at other questions by number; it cannot be merged."
        )


def _shared(kinds: Sequence[str], folders: Sequence[ClevrFolder], split: str, merged: Merged) -> list[str]:
    """The kinds that all folders have; those that only some have are noted."""
    shared = []
    for kind in kinds:
        there = [_place(folder, kind, split).exists() for folder in folders]
        if all(there):
            shared.append(kind)
        elif any(there):
            merged.left_out.append(kind)
    return shared


def _place(folder: ClevrFolder, kind: str, split: str) -> Path:
    """Where a kind of text or picture of a split lies."""
    if kind == "images":
        return folder.images_dir(split)
    if kind == "masks":
        return folder.root / "masks" / split
    place: Path = getattr(folder, f"{kind}_file")(split)
    return place


def _check_free(folder: ClevrFolder, split: str, *, overwrite: bool) -> None:
    """The split must not be there, or be given up."""
    there = [place for kind in (*_LISTS, *_PICTURES) if (place := _place(folder, kind, split)).exists()]
    if there and not overwrite:
        raise UsageError(f"{there[0]} exists. Give another folder, or --overwrite to replace the split.")


def _fill(
    made: ClevrFolder,
    folders: Sequence[ClevrFolder],
    split: str,
    texts: Sequence[str],
    pictures: Sequence[str],
    merged: Merged,
) -> None:
    """Write all files of the split into a folder."""
    numbers = _Numbers(split)
    for kind in texts:
        records = _renumbered(kind, folders, split, numbers)
        if kind == "scenes":
            records = _watched(records, merged)
        info = _info([_place(folder, kind, split) for folder in folders], kind, split)
        merged.counts[kind] = write_records(_place(made, kind, split), _LISTS[kind], records, info)
    for kind in pictures:
        target = _place(made, kind, split)
        target.mkdir(parents=True)
        for (part, name), number in numbers.given.items():
            path = (
                folders[part].image_path(split, name)
                if kind == "images"
                else _place(folders[part], kind, split) / name
            )
            _share(path, target / image_filename(split, number))
        merged.counts[kind] = len(numbers.given)


def _info(paths: Sequence[Path], kind: str, split: str) -> dict[str, Any]:
    """What all files say of themselves; boxes must lie on images of one size, and be drawn by one program."""
    if kind == "referring":
        drawn = [read_image_size(path) for path in paths]
        for path, one in zip(paths, drawn, strict=True):
            if one != drawn[0]:
                raise DataError(
                    f"the boxes of {paths[0]} and of {path} lie on images of other sizes, or of other generators. "
                    "Put together what is of one kind."
                )
    first, *others = map(read_info, paths)
    shared = {key: value for key, value in first.items() if all(other.get(key) == value for other in others)}
    return shared | {"split": split}


class _Numbers:
    """The new number of every image, given in the order in which the images are met."""

    def __init__(self, split: str) -> None:
        self.split = split
        self.given: dict[tuple[int, str], int] = {}

    def of(self, part: int, name: str) -> int:
        """The number of an image of a folder, by its old name."""
        return self.given.setdefault((part, name), len(self.given))


def _renumbered(
    kind: str, folders: Sequence[ClevrFolder], split: str, numbers: _Numbers
) -> Iterator[dict[str, Any]]:
    """The records of one kind of all folders, with new numbers."""
    count = 0
    for part, folder in enumerate(folders):
        path = _place(folder, kind, split)
        for position, record in enumerate(iter_records(path, _LISTS[kind])):
            image = numbers.of(part, _image_name(record, split, f"{path}: {kind} {position}"))
            new = {"split": split, "image_index": image, "image_filename": image_filename(split, image)}
            if "question_index" in record:
                new["question_index"] = count
            count += 1
            yield record | new


def _watched(scenes: Iterator[dict[str, Any]], merged: Merged) -> Iterator[dict[str, Any]]:
    """The scenes as they come; those whose very objects came before are counted."""
    met: set[bytes] = set()
    for scene in scenes:
        objects = blake2b(orjson.dumps(scene.get("objects")), digest_size=16).digest()
        merged.repeated += objects in met
        met.add(objects)
        yield scene


def _image_name(record: Any, split: str, where: str) -> str:
    """The name of the image that a record is about; human questions have its number alone."""
    if isinstance(record, dict):
        name, index = record.get("image_filename"), record.get("image_index")
        if isinstance(name, str) and name:
            return name
        if isinstance(index, int):
            return image_filename(split, index)
    raise DataError(f"{where} says neither image_filename nor image_index, so its image is not known.")


def _share(source: Path, target: Path) -> None:
    """Let a new name stand for a file's bytes, or copy them."""
    if not source.is_file():
        raise DataError(
            f"{source} does not exist, but a record names it. `visreason doctor` lists what is missing."
        )
    try:
        os.link(source.resolve(), target)
    except OSError:  # another disk, or one without links
        shutil.copyfile(source, target)


def _move(staging: Path, out: Path, split: str) -> None:
    """Put the finished files in the place of those that were there."""
    made, final = ClevrFolder(staging), ClevrFolder(out)
    for kind in (*_PICTURES, *_LISTS):
        source, target = _place(made, kind, split), _place(final, kind, split)
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)
        if source.exists():
            target = _place(final, kind, split)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(source, target)
        else:
            with suppress(OSError):  # others lie there, or it is not there
                target.parent.rmdir()
