"""What a model sees of a scene: its image, its state description, the scene itself to be rendered, or nothing.

Each is one small class that finds the input of a data set's rows and knows what is missing before training begins.
"""

import os
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import iter_scenes
from visreason.data.encodings import Encoding
from visreason.data.images import Augmentation, Pixels, load_image, resize_image
from visreason.data.state_table import open_state_table
from visreason.errors import DataError


@dataclass(frozen=True, slots=True)
class Seen:
    """What one sample shows of its scene; unused parts are None.

    Attributes:
        image: 8-bit RGB, [H, W, 3].
        objects: state description, [N, D].
        object_mask: which rows of `objects` are objects, [N].
        scene: the scene, to be rendered when the batch is made.
    """

    image: Pixels | None = None
    objects: NDArray[np.float32] | None = None
    object_mask: NDArray[np.bool_] | None = None
    scene: Scene | None = None


class View(Protocol):
    """Shows what a model may see of an image or scene."""

    def check(
        self, folder: ClevrFolder, split: str, images: tuple[str, ...], image_index: NDArray[np.int64]
    ) -> None:
        """Find everything that the samples need, or raise a `DataError` that names what is missing."""

    def see(self, row: int, image: str, seed: tuple[int, ...] | None) -> Seen:
        """The input of the sample in `row`, which is about `image`; `seed` asks for augmentation."""


@dataclass(slots=True)
class ImageView:
    """Image files, resized to `size` = (H, W) and, in training, augmented.

    Attributes:
        size: height and width that the model reads.
        augmentation: what training does to images, or None.
    """

    size: tuple[int, int]
    augmentation: Augmentation | None = None
    _folder: ClevrFolder = field(init=False)
    _split: str = field(init=False)

    def check(
        self, folder: ClevrFolder, split: str, images: tuple[str, ...], image_index: NDArray[np.int64]
    ) -> None:
        """Look for every image's file, in one reading of the folder."""
        self._folder, self._split = folder, split
        directory = folder.images_dir(split)
        try:
            there = {entry.name for entry in os.scandir(directory)}
        except OSError as error:
            raise DataError(
                f"{directory} cannot be read: {error.strerror or error}. A model that sees pixels needs the images; "
                "`visreason generate` makes a world with images."
            ) from error
        missing = [name for name in images if name not in there]
        if missing:
            raise DataError(
                f"{directory} lacks {len(missing)} of the {len(images)} images that its questions are about, "
                f"the first being {missing[0]}."
            )

    def see(self, row: int, image: str, seed: tuple[int, ...] | None) -> Seen:
        """Load, resize and, with a seed, augment."""
        pixels = load_image(self._folder.image_path(self._split, image), f"sample {row}")
        pixels = resize_image(pixels, self.size)
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
    _objects: NDArray[np.float32] = field(init=False)
    _mask: NDArray[np.bool_] = field(init=False)
    _row: NDArray[np.int64] = field(init=False)

    def check(
        self, folder: ClevrFolder, split: str, images: tuple[str, ...], image_index: NDArray[np.int64]
    ) -> None:
        """Open the state table and find every sample's scene in it."""
        source = folder.scenes_file(split)
        table = open_state_table(source, self.encoding, self.max_objects)
        self._objects, self._mask = table.objects_SND, table.mask_SN
        self._row = table.rows(image_index, source)

    def see(self, row: int, image: str, seed: tuple[int, ...] | None) -> Seen:
        """Look the scene's rows up."""
        place = self._row[row]
        return Seen(objects=self._objects[place], object_mask=self._mask[place])


@dataclass(slots=True)
class SceneView:
    """Scenes as they are, for images that are rendered when the batch is made (`visreason.data.on_the_fly`)."""

    _scenes: dict[int, Scene] = field(init=False)
    _index: NDArray[np.int64] = field(init=False)

    def check(
        self, folder: ClevrFolder, split: str, images: tuple[str, ...], image_index: NDArray[np.int64]
    ) -> None:
        """Read the scenes."""
        source = folder.scenes_file(split)
        self._scenes = {scene.image_index: scene for scene in iter_scenes(source)}
        self._index = image_index
        for index in np.unique(image_index).tolist():
            if index not in self._scenes:
                raise DataError(f"questions are about image {index}, but {source} has no such scene.")

    def see(self, row: int, image: str, seed: tuple[int, ...] | None) -> Seen:
        """Hand the scene on."""
        return Seen(scene=self._scenes[int(self._index[row])])


@dataclass(slots=True)
class BlindView:
    """Nothing: what a baseline that reads only the question sees."""

    def check(
        self, folder: ClevrFolder, split: str, images: tuple[str, ...], image_index: NDArray[np.int64]
    ) -> None:
        """Nothing is needed."""

    def see(self, row: int, image: str, seed: tuple[int, ...] | None) -> Seen:
        """Nothing is seen."""
        return Seen()
