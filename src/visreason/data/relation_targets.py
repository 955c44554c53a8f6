"""How often two things stand to each other in the scenes of a folder: what the relation counter is taught.

The first 15 numbers of a scene count its things of each attribute value; the other 2 x 15 x 15 count, for `right` and
for `front` and every two values a and b, the ordered pairs in which a thing of value a stands so to one of value b.
Of CLEVR's four relations these two say all: `left` and `behind` are the same pairs read the other way round.
"""

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import read_scenes
from visreason.data.attribute_targets import AttributeTargets
from visreason.data.encodings import ATTRIBUTE_TARGETS
from visreason.errors import DataError

COUNTED_RELATIONS = ("right", "front")
"""The relations that are counted."""

_VALUES = tuple(value for _, value in ATTRIBUTE_TARGETS)

RELATION_TARGETS: tuple[str, ...] = (
    *_VALUES,
    *(f"{a} {relation} {b}" for relation in COUNTED_RELATIONS for a in _VALUES for b in _VALUES),
)
"""The names of the 465 counts, such as "metal", and "metal right cube": metal things right of cubes."""


def relation_counts(scene: Scene) -> NDArray[np.float32]:
    """The 465 counts of a scene, in the order of `RELATION_TARGETS`.

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
        >>> counts = dict(zip(RELATION_TARGETS, relation_counts(scene)))
        >>> bool(counts["large"] + counts["small"] == len(scene.objects))
        True
        >>> standing = sum(len(right) for right in scene.relationships["right"])
        >>> bool(sum(counts[f"{a} right {b}"] for a in ("large", "small") for b in ("large", "small")) == standing)
        True
    """
    held_NV = np.array(
        [[getattr(thing, name) == value for name, value in ATTRIBUTE_TARGETS] for thing in scene.objects],
        np.float32,
    ).reshape(len(scene), len(ATTRIBUTE_TARGETS))
    counts = [held_NV.sum(axis=0)]
    for relation in COUNTED_RELATIONS:
        stands_NN = np.zeros((len(scene), len(scene)), np.float32)
        for j, others in enumerate(scene.relationships[relation]):
            stands_NN[list(others), j] = 1
        counts.append((held_NV.T @ stands_NN @ held_NV).ravel())
    return np.concatenate(counts)


def read_relation_targets(folder: ClevrFolder, split: str) -> AttributeTargets:
    """The counts of the scenes of a split.

    Raises:
        DataError: the scenes are missing or broken, or there are none.
    """
    scenes = read_scenes(folder.scenes_file(split))
    if not scenes:
        raise DataError(f"{folder.scenes_file(split)} holds no scenes.")
    return AttributeTargets(
        RELATION_TARGETS,
        tuple(scene.image_filename for scene in scenes),
        np.array([scene.image_index for scene in scenes], np.int64),
        np.array([relation_counts(scene) for scene in scenes], np.float32),
    )
