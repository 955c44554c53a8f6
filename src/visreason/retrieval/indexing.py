"""Making an index: every image of a gallery through an extractor, batch by batch."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visreason.errors import DataError, UsageError
from visreason.retrieval.building import IndexBuilder
from visreason.retrieval.extractor import Extractor, Subject
from visreason.retrieval.gallery import Gallery, Seen
from visreason.retrieval.index_folder import Backend, Precision, RetrievalIndex


@dataclass(frozen=True, slots=True)
class Made:
    """A new index.

    Attributes:
        index: the index.
        unreadable: images that could not be read, and so are not in it, with the reason.
    """

    index: RetrievalIndex
    unreadable: dict[str, str]


def make_index(
    extract: Extractor,
    gallery: Gallery,
    folder: Path,
    *,
    dtype: Precision = "float32",
    backend: Backend = "exact",
    batch: int = 32,
    overwrite: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Made:
    """Write an index, or complete an interrupted one.

    Images that cannot be read are left out, and named.

    Args:
        extract: makes the features.
        gallery: the images, or scenes.
        folder: where the index will lie.
        dtype: of the numbers on disk; 16 bits halve them, and cost about a thousandth of a distance.
        backend: how it will be searched.
        batch: images at a time.
        overwrite: begin anew, and replace what is there.
        progress: called with how many images are done and how many there are.

    Raises:
        UsageError: the folder holds something, an unfinished index there is of other images or settings, no image can
            be read, or the gallery has not what the model looks at.
    """
    if extract.looks_at == "scenes" and gallery.scenes is None:
        raise UsageError(
            "this model reads scene descriptions, not pixels: give it a data folder that has scenes."
        )
    if extract.looks_at == "images" and gallery.images is None:
        raise UsageError(
            "this model looks at images, and the data folder has none: `visreason generate` draws them."
        )
    settings = extract.settings(
        dtype=dtype,
        backend=backend,
        images=None if gallery.images is None else str(gallery.images),
        scenes=None if gallery.scenes is None else str(gallery.scenes),
    )
    builder = IndexBuilder(folder, gallery.names_of(extract.looks_at), settings)
    with builder.at_work(overwrite=overwrite):
        progress(builder.done, len(builder.names))
        for seen in gallery.batches(extract.looks_at, batch, builder.done):
            builder.append(*_features(extract, seen))
            progress(builder.done, len(builder.names))
        return Made(builder.finish(), builder.unreadable)


def _features(extract: Extractor, seen: Seen) -> tuple[NDArray[np.float32], dict[str, str]]:
    """The features of what could be read of a batch, and what could not."""
    subjects: list[Subject] = []
    unreadable: dict[str, str] = {}
    for name, what in seen:
        if isinstance(what, DataError):
            unreadable[name] = str(what)
        else:
            subjects.append(what)
    rows = extract(subjects).numpy() if subjects else np.zeros((0, extract.size), np.float32)
    return rows, unreadable
