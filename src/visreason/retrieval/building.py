"""Writing an index bit by bit, so that an interrupted one is gone on with and a reader never sees half of one.

Beside the index `OUT` lies `.OUT.part` while it is made:

```
vectors.bin      the features so far, row after row
progress.json    the settings, how many of the images are done, and which of them could not be read
```

After the last image the files of `visreason.retrieval.index_folder` are written there, and the folder is renamed.

Shape suffixes: N images, R images of a block, D numbers a feature.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import header_data_from_array_1_0, write_array_header_1_0
from numpy.typing import NDArray

from visreason.data.folder_lock import folder_lock
from visreason.errors import DataError, UsageError
from visreason.files import read_json, remove_leftovers, write_json
from visreason.retrieval.exact import Vectors
from visreason.retrieval.faiss_search import FaissSearch, import_faiss
from visreason.retrieval.index_folder import (
    CHECKSUMS,
    FAISS,
    FEATURES,
    IDS,
    SETTINGS,
    IndexSettings,
    RetrievalIndex,
    seal,
)

_VECTORS, _PROGRESS = "vectors.bin", "progress.json"


@dataclass(slots=True)
class IndexBuilder:
    """An index in the making.

    Attributes:
        folder: where it will lie.
        names: the images' file names, in order.
        settings: how its features are made.
        done: how many of the names are done.
        unreadable: those that could not be read, with the reason; they get no row.
    """

    folder: Path
    names: Sequence[str]
    settings: IndexSettings
    done: int = 0
    unreadable: dict[str, str] = field(default_factory=dict)

    @property
    def part(self) -> Path:
        """Where it lies until it is finished."""
        return self.folder.with_name(f".{self.folder.name}.part")

    @contextmanager
    def at_work(self, *, overwrite: bool = False) -> Iterator[None]:
        """Start, or go on where an interrupted command with the same images and settings was.

        Args:
            overwrite: begin anew, and replace what lies at `folder` when finished, be it an index or not.

        Raises:
            UsageError: the folder holds something, an unfinished index is of other images or settings, or another
                process is at work on it.
            DataError: the unfinished index is damaged.
        """
        if self.settings.backend == "faiss":
            import_faiss()
        if (
            self.folder.exists()
            and not overwrite
            and (not self.folder.is_dir() or any(self.folder.iterdir()))
        ):
            kind = "an index already" if (self.folder / SETTINGS).is_file() else "something else"
            raise UsageError(
                f"{self.folder} holds {kind}. Choose another folder, or replace it with --overwrite."
            )
        self.part.mkdir(parents=True, exist_ok=True)
        with folder_lock(self.part, wait=False):
            remove_leftovers(self.part)
            if (self.part / _PROGRESS).is_file() and not overwrite:
                self._go_on(read_json(self.part / _PROGRESS))
            else:
                self._note()
            with (self.part / _VECTORS).open("ab") as file:
                file.truncate(self._bytes())
            yield

    def append(self, features_RD: NDArray[np.float32], unreadable: Mapping[str, str]) -> None:
        """Add the next images.

        Args:
            features_RD: of those that could be read.
            unreadable: the others, with the reason.
        """
        with (self.part / _VECTORS).open("ab") as file:
            file.write(np.ascontiguousarray(features_RD, self.settings.dtype).tobytes())
            file.flush()
            os.fsync(file.fileno())
        self.done += len(features_RD) + len(unreadable)
        self.unreadable |= unreadable
        self._note()

    def finish(self) -> RetrievalIndex:
        """Write the index and give it its name.

        Raises:
            UsageError: no image could be read.
        """
        ids = [name for name in self.names if name not in self.unreadable]
        if not ids:
            first = next(iter(self.unreadable.items()), None)
            told = f" {first[0]}: {first[1]}" if first else ""
            raise UsageError(f"none of the {len(self.names)} images can be read.{told}")
        shape = (len(ids), self.settings.size)
        features_ND = np.memmap(self.part / _VECTORS, self.settings.dtype, "r+", shape=shape)
        self._write_features(features_ND)
        if self.settings.backend == "faiss":
            FaissSearch.build(features_ND).write(self.part / FAISS)
        write_json(self.part / IDS, ids)
        sealed = self.settings.to_dict() | {CHECKSUMS: seal(self.part, self.settings)}
        write_json(self.part / SETTINGS, sealed, indent=True)
        del features_ND
        for name in (_VECTORS, _PROGRESS):
            (self.part / name).unlink()
        self._take_the_place()
        return RetrievalIndex.open(self.folder)

    def _bytes(self) -> int:
        """The size of the features that are done."""
        rows = self.done - len(self.unreadable)
        return rows * self.settings.size * np.dtype(self.settings.dtype).itemsize

    def _go_on(self, notes: Any) -> None:
        """Take over what an interrupted command left."""
        rows = self.part / _VECTORS
        whole = isinstance(notes, dict) and notes.keys() == {"settings", "images", "done", "unreadable"}
        if not whole or type(notes["done"]) is not int or not isinstance(notes["unreadable"], dict):
            raise DataError(f"{self.part / _PROGRESS} is damaged. Begin anew with --overwrite.")
        if notes["settings"] != self.settings.to_dict() or notes["images"] != _digest(self.names):
            raise UsageError(
                f"{self.part} holds an unfinished index of other images or other settings. Give the same arguments to "
                "go on with it, another folder, or --overwrite."
            )
        self.done, self.unreadable = notes["done"], notes["unreadable"]
        if not 0 <= self.done <= len(self.names) or not rows.is_file() or rows.stat().st_size < self._bytes():
            raise DataError(f"{rows} and {_PROGRESS} do not belong together. Begin anew with --overwrite.")

    def _note(self) -> None:
        """Keep how far it is."""
        notes = {
            "settings": self.settings.to_dict(),
            "images": _digest(self.names),
            "done": self.done,
            "unreadable": self.unreadable,
        }
        write_json(self.part / _PROGRESS, notes)

    def _write_features(self, features_ND: Vectors) -> None:
        """The rows as a `.npy` file, without ever holding them all."""
        with (self.part / FEATURES).open("wb") as file:
            write_array_header_1_0(file, header_data_from_array_1_0(features_ND))
            with (self.part / _VECTORS).open("rb") as rows:
                shutil.copyfileobj(rows, file, 1 << 24)

    def _take_the_place(self) -> None:
        """Rename the finished folder, the old one (only after --overwrite) out of the way first."""
        old = self.folder.with_name(f".{self.folder.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        if self.folder.exists():
            self.folder.replace(old)
        self.part.replace(self.folder)
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)


def write_index(
    folder: Path,
    features_ND: Vectors,
    ids: Sequence[str],
    settings: IndexSettings,
    *,
    overwrite: bool = False,
) -> RetrievalIndex:
    """Write an index of features that are at hand; example at `RetrievalIndex`.

    Raises:
        UsageError: the folder holds something and `overwrite` is not given, or there is not one feature of
            `settings.size` numbers for each of the ids.
    """
    if features_ND.shape != (len(ids), settings.size):
        raise UsageError(
            f"{len(ids)} images need features of [{len(ids)}, {settings.size}]; got {list(features_ND.shape)}."
        )
    builder = IndexBuilder(folder, ids, settings)
    with builder.at_work(overwrite=overwrite):
        builder.append(np.asarray(features_ND[builder.done :]), {})
        return builder.finish()


def _digest(names: Sequence[str]) -> str:
    """A checksum of the names."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()
