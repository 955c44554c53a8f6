"""What an index is made of: a folder of images, or a split of a data folder, as images or as scenes."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scenes_file import iter_scenes
from visreason.data.features.folder import split_images
from visreason.data.images import load_image
from visreason.errors import DataError, UsageError
from visreason.retrieval.extractor import Subject

IMAGES = frozenset((".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"))
"""What the name of an image ends in."""

Seen = list[tuple[str, Subject | DataError]]
"""Names with what they show, or why they cannot be read."""


@dataclass(frozen=True, slots=True)
class Gallery:
    """Many images, or scenes, each with a name.

    Attributes:
        names: file names of images, within `images`.
        images: the folder, None if there is none.
        scenes: the scenes file, None if there is none.
    """

    names: tuple[str, ...]
    images: Path | None
    scenes: Path | None

    def batches(self, looks_at: str, size: int, done: int = 0) -> Iterator[Seen]:
        """Everything from number `done` on, `size` at a time; the next are read while these are worked on.

        Args:
            looks_at: `"images"` or `"scenes"`, which must be there.
            size: of a batch.
            done: how many to leave out.
        """
        if looks_at == "scenes":
            assert self.scenes is not None
            scenes = islice(iter_scenes(self.scenes), done, None)
            while batch := list(islice(scenes, size)):
                yield [(scene.image_filename, scene) for scene in batch]
            return
        with ThreadPoolExecutor() as pool:
            coming: list[Future[tuple[str, Subject | DataError]]] = []
            for start in range(done, len(self.names) + size, size):
                names = self.names[start : start + size]
                here, coming = coming, [pool.submit(self._look, name) for name in names]
                if here:
                    yield [future.result() for future in here]

    def names_of(self, looks_at: str) -> Sequence[str]:
        """The names in the order in which `batches` gives what they show."""
        if looks_at == "images":
            return self.names
        assert self.scenes is not None
        return [scene.image_filename for scene in iter_scenes(self.scenes)]

    def _look(self, name: str) -> tuple[str, Subject | DataError]:
        """An image, or why it cannot be read."""
        assert self.images is not None
        try:
            return name, load_image(self.images / name)
        except DataError as error:
            return name, error


def open_gallery(place: Path, split: str | None = None) -> Gallery:
    """A folder of images (with its subfolders), or one split of a data folder in CLEVR's layout.

    Args:
        place: the folder.
        split: which split of a data folder; None takes the only one. A plain folder has none.

    Raises:
        DataError: the folder does not exist, or has no image.
        UsageError: a data folder has several splits and none was named.
    """
    if not place.is_dir():
        raise DataError(f"{place} is no folder. Give a folder of images, or a data folder in CLEVR's layout.")
    if split is not None or any((place / name).is_dir() for name in ("scenes", "images", "questions")):
        return _split_gallery(ClevrFolder(place), split)
    names = sorted(file.relative_to(place).as_posix() for file in place.rglob("*") if _is_image(file, place))
    if not names:
        kinds = ", ".join(sorted(kind.removeprefix(".") for kind in IMAGES))
        raise DataError(f"{place} holds no images ({kinds}).")
    return Gallery(tuple(names), place.resolve(), None)


def _split_gallery(folder: ClevrFolder, split: str | None) -> Gallery:
    """One split of a data folder."""
    splits = folder.splits()
    if split is None:
        if len(splits) != 1:
            told = ", ".join(splits) or "none"
            raise UsageError(f"{folder.root} is a data folder; name one of its splits with --split ({told}).")
        split = splits[0]
    names = tuple(split_images(folder, split))
    images, scenes = folder.images_dir(split), folder.scenes_file(split)
    return Gallery(
        names, images.resolve() if images.is_dir() else None, scenes.resolve() if scenes.is_file() else None
    )


def _is_image(file: Path, root: Path) -> bool:
    """Whether a file is an image by its name; hidden ones and those in hidden folders are none."""
    hidden = any(part.startswith(".") for part in file.relative_to(root).parts)
    return file.suffix.lower() in IMAGES and not hidden and file.is_file()
