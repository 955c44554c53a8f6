"""Scenes as the few numbers that a renderer needs, and cameras and lamps drawn anew for them.

A packed scene takes a twentieth of the memory of a `Scene`, and scenes are put into tensors by joining their
arrays. Shape suffixes: M objects, S scenes, L = 3 area lamps.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.attributes import PALETTE, RADIUS, SHAPES
from visreason.clevr.camera import BASE_CAMERA, CAMERA_JITTER, scene_camera
from visreason.clevr.lamps import AREA_LAMPS, LAMP_JITTER, scene_lamps
from visreason.clevr.scene import Scene, SceneObject


@dataclass(frozen=True, slots=True)
class PackedScene:
    """One scene in numbers.

    Attributes:
        objects_MK: of every object its centre (3), its radius, the angle in radians that it is turned by, its
            colour from 0 to 255 (3), its shape's place in `SHAPES`, and 1 for metal or 0 for rubber; [M, 10].
        camera_3: where the camera stands.
        lamps_L3: where the area lamps stand, in the order of `visreason.clevr.lamps.AREA_LAMPS`.
    """

    objects_MK: NDArray[np.float32]
    camera_3: NDArray[np.float32]
    lamps_L3: NDArray[np.float32]


Drawable = Scene | PackedScene
"""What a renderer draws."""

OBJECT_NUMBERS = 10
"""K, the numbers of an object."""


def pack_scene(scene: Scene) -> PackedScene:
    """A scene in numbers, with the camera and the lamps that it names, or those of CLEVR before jitter.

    Raises:
        DataError: the camera cannot be recovered from the scene's depths (`visreason.clevr.camera`).

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
        >>> pack_scene(scene).objects_MK.shape == (len(scene), 10)
        True
    """
    rows = [_numbers(thing) for thing in scene.objects]
    return PackedScene(
        np.array(rows, np.float32).reshape(-1, OBJECT_NUMBERS),
        np.array(scene_camera(scene), np.float32),
        np.array([lamp.location for lamp in scene_lamps(scene)], np.float32),
    )


def draw_jitter(seed: int, epoch: int, scenes: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Cameras [S, 3] and lamps [S, L, 3] of all scenes, moved as CLEVR moves them, for one epoch.

    ```
    camera = BASE_CAMERA + U(-0.5, 0.5)^3        lamp = its base + U(-1, 1)^3
    ```

    Relations are unaffected: CLEVR's directions are those of the camera before jitter. From every camera of this range
    the centres of all objects lie within the image; what stands in front of what may change.

    Args:
        seed: with the epoch, decides all numbers and nothing else does.
        epoch: from 0.
        scenes: S.

    Example:
        >>> cameras, lamps = draw_jitter(seed=0, epoch=3, scenes=5)
        >>> cameras.shape, lamps.shape, bool((draw_jitter(0, 3, 5)[0] == cameras).all())
        ((5, 3), (5, 3, 3), True)
    """
    rng = np.random.default_rng([seed, epoch])
    cameras_S3 = BASE_CAMERA + rng.uniform(-CAMERA_JITTER, CAMERA_JITTER, (scenes, 3))
    base_L3 = np.array([lamp.location for lamp in AREA_LAMPS])
    lamps_SL3 = base_L3 + rng.uniform(-LAMP_JITTER, LAMP_JITTER, (scenes, *base_L3.shape))
    return cameras_S3.astype(np.float32), lamps_SL3.astype(np.float32)


def _numbers(thing: SceneObject) -> tuple[float, ...]:
    """An object's K numbers."""
    turn = math.remainder(thing.rotation, 2 * math.pi)
    kind, metal = SHAPES.index(thing.shape), thing.material == "metal"
    return (*thing.position, RADIUS[thing.size], turn, *PALETTE[thing.color], kind, metal)
