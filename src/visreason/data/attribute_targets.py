"""Which attribute values occur in the scenes of a folder: what a multi-label attribute network is taught.

CLEVR's scenes have 15 values: two materials, eight colours, three shapes, two sizes. Sort-of-CLEVR's always hold all
six colours and nearly always both shapes, so there it is 12 kinds of things: "red square", "red circle" and so on.
"""

from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scenes_file import read_scenes
from visreason.data.encodings import ATTRIBUTE_TARGETS, attribute_targets
from visreason.errors import DataError
from visreason.sort_of_clevr.folder import flat_scenes_file, iter_flat_scenes
from visreason.sort_of_clevr.scene import COLORS, SHAPES, FlatScene

CLEVR_VALUES: tuple[str, ...] = tuple(value for _, value in ATTRIBUTE_TARGETS)
"""The 15 values of CLEVR, in the published order."""

FLAT_KINDS: tuple[str, ...] = tuple(f"{color} {shape}" for color, shape in product(COLORS, SHAPES))
"""The 12 kinds of things of Sort-of-CLEVR."""


@dataclass(frozen=True, slots=True)
class AttributeTargets:
    """What occurs in each scene of a split.

    Attributes:
        names: A, of what may occur.
        images: the file name of each scene's image.
        image_index: its number.
        present: `[S, A]`, 1 where a scene holds such a thing; of counts, how many.
    """

    names: tuple[str, ...]
    images: tuple[str, ...]
    image_index: NDArray[np.int64]
    present: NDArray[np.float32]


def read_attribute_targets(folder: ClevrFolder, split: str) -> AttributeTargets:
    """What occurs in the scenes of a split, of CLEVR or of Sort-of-CLEVR.

    Raises:
        DataError: the scenes are missing or broken, or there are none.
    """
    flat = flat_scenes_file(folder.root, split)
    path = flat if flat.exists() else folder.scenes_file(split)
    found = _flat(path) if path == flat else _solid(path)
    if not found.images:
        raise DataError(f"{path} holds no scenes.")
    return found


def _solid(path: Path) -> AttributeTargets:
    scenes = read_scenes(path)
    return AttributeTargets(
        CLEVR_VALUES,
        tuple(scene.image_filename for scene in scenes),
        np.array([scene.image_index for scene in scenes], np.int64),
        np.array([attribute_targets(scene) for scene in scenes], np.float32),
    )


def _flat(path: Path) -> AttributeTargets:
    scenes = list(iter_flat_scenes(path))
    return AttributeTargets(
        FLAT_KINDS,
        tuple(scene.image_filename for scene in scenes),
        np.array([scene.image_index for scene in scenes], np.int64),
        np.array([_kinds(scene) for scene in scenes], np.float32),
    )


def _kinds(scene: FlatScene) -> list[bool]:
    held = {f"{thing.color} {thing.shape}" for thing in scene.things}
    return [kind in held for kind in FLAT_KINDS]
