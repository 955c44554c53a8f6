"""Where the objects of a folder's scenes are seen, and what they are: what a detector is taught.

Shape suffixes: S scenes, N objects (padded), D numbers an object.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.camera import place_in_image
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scene import SceneObject
from visreason.clevr.scenes_file import read_scenes
from visreason.data.dataset import ClevrSamples, check_limit
from visreason.data.encodings import PUBLISHED_VALUES
from visreason.data.inputs import Subjects, View
from visreason.data.object_moves import Displacement
from visreason.data.samples import Sample
from visreason.data.vocabulary import PADDING
from visreason.errors import DataError

DETECTED: dict[str, tuple[str, ...]] = {
    name: PUBLISHED_VALUES[name] for name in ("material", "color", "shape", "size")
}
"""The attributes that are told of every object, and their values, in the order of their numbers."""

MOVES = 1
"""Of the seeds of displacements: they are drawn apart from light and colour."""


@dataclass(frozen=True, slots=True)
class ObjectTargets:
    """The objects of each scene of a split.

    Attributes:
        images: the file name of each scene's image.
        image_index: its number.
        objects_SND: x and y of the centre as fractions of the image, depth, and the number of each attribute's value.
        mask_SN: true where there is an object.
    """

    images: tuple[str, ...]
    image_index: NDArray[np.int64]
    objects_SND: NDArray[np.float32]
    mask_SN: NDArray[np.bool_]


def read_object_targets(folder: ClevrFolder, split: str) -> ObjectTargets:
    """The objects of the scenes of a split.

    Raises:
        DataError: the scenes are missing or broken, or there are none.
    """
    path = folder.scenes_file(split)
    scenes = read_scenes(path)
    if not scenes:
        raise DataError(f"{path} holds no scenes.")
    most = max(1, *(len(scene.objects) for scene in scenes))
    objects_SND = np.zeros((len(scenes), most, 3 + len(DETECTED)), np.float32)
    mask_SN = np.zeros((len(scenes), most), np.bool_)
    for row, scene in enumerate(scenes):
        mask_SN[row, : len(scene.objects)] = True
        for place, thing in enumerate(scene.objects):
            objects_SND[row, place] = _numbers(thing)
    return ObjectTargets(
        tuple(scene.image_filename for scene in scenes),
        np.array([scene.image_index for scene in scenes], np.int64),
        objects_SND,
        mask_SN,
    )


def _numbers(thing: SceneObject) -> tuple[float, ...]:
    """An object's row.

    >>> _numbers(SceneObject("red", "large", "cube", "metal", (0, 0, 0.7), 0.0, (120.0, 80.0, 9.5)))
    (0.25, 0.25, 9.5, 1, 4, 1, 0)
    """
    values = (PUBLISHED_VALUES[name].index(getattr(thing, name)) for name in DETECTED)
    return *place_in_image(thing), thing.pixel[2], *values


class ClevrObjects(ClevrSamples):
    """Scenes with where each of their objects is seen and what it is, the data of a detector.

    Args:
        folder: in CLEVR v1.0 layout.
        split: such as `"train"`.
        view: what the model sees.
        limit: only so many scenes.
        seed: of the augmentation.
        moves: mirrors and shifts the images of training and their objects, or None.

    Raises:
        DataError: a file is missing or broken, an image is not there; names the scene.
        UsageError: the limit is below 1.
    """

    def __init__(
        self,
        folder: ClevrFolder,
        split: str,
        view: View,
        *,
        limit: int | None = None,
        seed: int = 0,
        moves: Displacement | None = None,
    ) -> None:
        super().__init__(view, seed)
        self.moves = moves
        check_limit(limit)
        self.targets = read_object_targets(folder, split)
        self.images, self.image_index = self.targets.images[:limit], self.targets.image_index[:limit]
        view.check(folder, split, Subjects(self.images, self.image_numbers, self.image_index, self.name))

    def __len__(self) -> int:
        """The number of scenes."""
        return len(self.images)

    def name(self, row: int) -> str:
        """The scene by its image's index."""
        return f"scene {self.image_index[row]}"

    @property
    def image_numbers(self) -> NDArray[np.int64]:
        """Each scene has an image of its own."""
        return np.arange(len(self))

    def sample(self, row: int) -> Sample:
        """The scene of one row."""
        objects_ND, mask_N = self.targets.objects_SND[row], self.targets.mask_SN[row]
        seen = replace(self.see(row, self.images[row], row), objects=objects_ND, object_mask=mask_N)
        if self.moves is not None and self.epoch is not None:
            seen = self.moves(seen, np.random.default_rng((self.seed, self.epoch, row, MOVES)))
        return Sample(
            words=np.full(1, PADDING, np.uint16),
            seen=seen,
            answer=-1,
            row=row,
            image_index=int(self.image_index[row]),
            subject=row,
        )
