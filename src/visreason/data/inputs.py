"""What a model sees of a scene: its image, its state description, the scene itself, or nothing.

Each is one small class that finds the input of a data set's samples, and says before training begins what is
missing, and for which of them.

Shape suffixes: R samples of a data set, N objects (padded), D numbers an object.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.packed import PackedScene, draw_jitter, pack_scene
from visreason.clevr.scenes_file import iter_scenes
from visreason.data.encodings import Encoding
from visreason.data.images import Alteration, Pixels, load_image, resize_image
from visreason.data.state_table import StateTable, open_state_table
from visreason.errors import DataError

_Jitter = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Subjects:
    """What the samples of a data set are about.

    Attributes:
        images: image files, each once.
        image_R: which of them each sample is about.
        image_index_R: the index of each sample's image.
        name: what to call the sample of a row in an error, such as `"question 17"`.
    """

    images: tuple[str, ...]
    image_R: NDArray[np.int64]
    image_index_R: NDArray[np.int64]
    name: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Seen:
    """What one sample shows of its scene; unused parts are None.

    Attributes:
        image: 8-bit RGB, [H, W, 3].
        objects: state description, [N, D].
        object_mask: which rows of `objects` are objects, [N].
        scene: the scene in numbers, to be rendered when the batch is made.
        features: a backbone's features of the image, [C, h, w].
    """

    image: Pixels | None = None
    objects: NDArray[np.float32] | None = None
    object_mask: NDArray[np.bool_] | None = None
    scene: PackedScene | None = None
    features: NDArray[np.float32] | None = None


class View(Protocol):
    """Shows what a model may see of an image or scene."""

    def check(self, folder: ClevrFolder, split: str, subjects: Subjects) -> None:
        """Find everything that the samples need, or raise a `DataError` that names what is missing."""

    def see(self, row: int, image: str, seed: tuple[int, ...] | None) -> Seen:
        """The input of the sample in `row`, which is about `image`; `seed` asks for augmentation."""


@dataclass(slots=True)
class ImageView:
    """Image files, resized to `size` = (H, W) and, in training, augmented.

    Attributes:
        size: height and width that the model reads.
        augmentation: what training does to images, or None.
        bicubic: resize as for the backbones' features.
    """

    size: tuple[int, int]
    augmentation: Alteration | None = None
    bicubic: bool = False
    _folder: ClevrFolder = field(init=False)
    _split: str = field(init=False)

    def check(self, folder: ClevrFolder, split: str, subjects: Subjects) -> None:
        """Look for every image's file, in one reading of the folder."""
        self._folder, self._split = folder, split
        directory = folder.images_dir(split)
        try:
            there = {entry.name for entry in os.scandir(directory)}
        except OSError as error:
            raise DataError(
                f"{directory} cannot be read: {error.strerror or error}. A model that sees pixels needs the "
                "images; `visreason generate` makes a world with images."
            ) from error
        missing = [place for place, name in enumerate(subjects.images) if name not in there]
        if missing:
            first = int(np.flatnonzero(subjects.image_R == missing[0])[0])
            raise DataError(
                f"{directory} lacks {len(missing)} of the {len(subjects.images)} images that are needed, the "
                f"first being {subjects.images[missing[0]]} of {subjects.name(first)}."
            )

    def see(self, row: int, image: str, seed: tuple[int, ...] | None) -> Seen:
        """Load, resize and, with a seed, augment."""
        pixels = load_image(self._folder.image_path(self._split, image))
        pixels = resize_image(pixels, self.size, bicubic=self.bicubic)
        if self.augmentation is not None and seed is not None:
            pixels = self.augmentation(pixels, np.random.default_rng(seed))
        return Seen(image=pixels)


@dataclass(slots=True)
class StateView:
    """State descriptions, from the prepared table of the scenes file.

    Attributes:
        encoding: see `visreason.data.encodings.encode_scene`.
        max_objects: rows of a state description.
    """

    encoding: Encoding
    max_objects: int
    _table: StateTable = field(init=False, repr=False)
    _row_R: NDArray[np.int64] = field(init=False, repr=False)

    def check(self, folder: ClevrFolder, split: str, subjects: Subjects) -> None:
        """Open the state table and find every sample's scene in it."""
        source = folder.scenes_file(split)
        self._table = open_state_table(source, self.encoding, self.max_objects)
        self._row_R = find_rows(self._table.row, subjects, source)

    def see(self, row: int, image: str, seed: tuple[int, ...] | None) -> Seen:
        """Look the scene's rows up."""
        place = self._row_R[row]
        return Seen(objects=self._table.objects_SND[place], object_mask=self._table.mask_SN[place])


@dataclass(slots=True)
class SceneView:
    """Scenes in numbers, to be rendered when the batch is made (`visreason.data.on_the_fly`).

    Attributes:
        jitter: in training, see every scene from a new camera and under new lamps in every epoch. What an image is
            seen with depends on seed, epoch and the scene's place in its file alone.
    """

    jitter: bool = False
    _scenes: list[PackedScene] = field(init=False, repr=False)
    _row_R: NDArray[np.int64] = field(init=False, repr=False)
    _drawn: tuple[tuple[int, int], _Jitter] | None = field(init=False, repr=False, default=None)

    def check(self, folder: ClevrFolder, split: str, subjects: Subjects) -> None:
        """Read the scenes and find every sample's."""
        source, known = folder.scenes_file(split), {}
        self._scenes = []
        for scene in iter_scenes(source):
            known[scene.image_index] = len(self._scenes)
            self._scenes.append(pack_scene(scene))
        self._row_R = find_rows(known, subjects, source)

    def see(self, row: int, image: str, seed: tuple[int, ...] | None) -> Seen:
        """Hand the scene on, in training with this epoch's camera and lamps."""
        place = self._row_R[row]
        scene = self._scenes[place]
        if self.jitter and seed is not None:
            cameras_S3, lamps_SL3 = self._epoch_jitter(*seed[:2])
            scene = replace(scene, camera_3=cameras_S3[place], lamps_L3=lamps_SL3[place])
        return Seen(scene=scene)

    def _epoch_jitter(self, seed: int, epoch: int) -> _Jitter:
        """The cameras and lamps of one epoch, drawn when it begins."""
        if self._drawn is None or self._drawn[0] != (seed, epoch):
            self._drawn = (seed, epoch), draw_jitter(seed, epoch, len(self._scenes))
        return self._drawn[1]


@dataclass(slots=True)
class BlindView:
    """Nothing: what a baseline that reads only the question sees."""

    def check(self, folder: ClevrFolder, split: str, subjects: Subjects) -> None:
        """Nothing is needed."""

    def see(self, row: int, image: str, seed: tuple[int, ...] | None) -> Seen:
        """Nothing is seen."""
        return Seen()


def find_rows(known: Mapping[int, int], subjects: Subjects, source: Path) -> NDArray[np.int64]:
    """The row of each sample's scene.

    Args:
        known: image index to row, for every scene of `source`.
        subjects: what the samples are about.
        source: the scenes file, for the error.

    Raises:
        DataError: a sample is about an image that the file has no scene of; names both.

    Example:
        >>> subjects = Subjects(("a.png", "b.png"), np.array([1, 0]), np.array([9, 8]), "question {}".format)
        >>> find_rows({8: 0, 9: 1}, subjects, Path("scenes.json")).tolist()
        [1, 0]
    """
    wanted, place_R = np.unique(subjects.image_index_R, return_inverse=True)
    for index in wanted.tolist():
        if index not in known:
            first = int(np.flatnonzero(subjects.image_index_R == index)[0])
            raise DataError(
                f"{subjects.name(first)} is about image {index}, but {source} has no scene of it. "
                "Scenes and questions must be of the same split."
            )
    return np.array([known[index] for index in wanted.tolist()], np.int64)[place_R]
