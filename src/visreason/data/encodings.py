"""Scenes as arrays of numbers: what a model reads in place of an image.

Shape suffixes: N objects (padded), D numbers an object.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.scene import Scene, SceneObject
from visreason.errors import DataError, UsageError

Encoding = Literal["ordinal", "onehot"]

PUBLISHED_VALUES: dict[str, tuple[str, ...]] = {
    "color": ("cyan", "blue", "yellow", "purple", "red", "green", "gray", "brown"),
    "material": ("rubber", "metal"),
    "shape": ("sphere", "cube", "cylinder"),
    "size": ("large", "small"),
}
"""Attributes and their values in the order of the Relation Networks reference, which numbers them from 1."""

ATTRIBUTE_TARGETS: tuple[tuple[str, str], ...] = tuple(
    (name, value) for name in ("material", "color", "shape", "size") for value in PUBLISHED_VALUES[name]
)
"""The 15 (attribute, value) targets of the multi-label attribute network, in the reference's order."""

_SIZES: dict[str, int] = {"ordinal": 3 + 4, "onehot": 3 + sum(map(len, PUBLISHED_VALUES.values()))}


def object_size(encoding: Encoding) -> int:
    """Numbers an object: 7 for `"ordinal"`, 18 for `"onehot"`.

    Raises:
        UsageError: there is no such encoding.

    Example:
        >>> object_size("ordinal"), object_size("onehot")
        (7, 18)
    """
    if encoding not in _SIZES:
        raise UsageError(f"no state encoding is called {encoding!r}; choose one of {', '.join(_SIZES)}.")
    return _SIZES[encoding]


def encode_scene(
    scene: Scene, encoding: Encoding, max_objects: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Encode a scene as one row of numbers an object, in the scene's order, zero rows after the last.

    `"ordinal"` is the published state description (Santoro et al. 2017, as the Relation Networks reference
    built it): x, y, z, then color, material, shape and size as positions from 1 in `PUBLISHED_VALUES`; it
    pads to 12 rows. `"onehot"` is x, y, z, then the same attributes one-hot (8 + 2 + 3 + 2), which claims
    no order among colours.

    Args:
        scene: with 3-D positions in the units of the CLEVR world (x and y in -3 .. 3).
        encoding: `"ordinal"` (D = 7) or `"onehot"` (D = 18).
        max_objects: rows N of the result.

    Returns:
        objects [N, D] and mask [N], true where a row is an object.

    Raises:
        DataError: the scene holds more than `max_objects` objects.
        UsageError: there is no such encoding.

    Example:
        >>> ball = SceneObject("red", "large", "sphere", "metal", (1.0, 2.0, 0.7), 0.0, (0.0, 0.0, 9.0))
        >>> scene = Scene((ball,), {}, {}, 0, "CLEVR_val_000000.png", "val")
        >>> objects, mask = encode_scene(scene, "ordinal", max_objects=2)
        >>> objects.tolist()[0]
        [1.0, 2.0, 0.699999988079071, 5.0, 2.0, 1.0, 1.0]
        >>> mask.tolist()
        [True, False]
    """
    width = object_size(encoding)
    count = len(scene.objects)
    if count > max_objects:
        raise DataError(
            f"scene {scene.image_index} ({scene.image_filename}) has {count} objects; this encoding has "
            f"room for {max_objects}. Raise max_objects, or leave out such scenes."
        )
    objects_ND = np.zeros((max_objects, width), np.float32)
    for row, thing in zip(objects_ND, scene.objects, strict=False):
        row[:3] = thing.position
        row[3:] = _ordinal(thing) if encoding == "ordinal" else _onehot(thing)
    return objects_ND, np.arange(max_objects) < count


def _ordinal(thing: SceneObject) -> list[int]:
    """Positions from 1 of the object's color, material, shape and size."""
    return [values.index(getattr(thing, name)) + 1 for name, values in PUBLISHED_VALUES.items()]


def _onehot(thing: SceneObject) -> list[bool]:
    """One number for each value of color, material, shape and size."""
    return [getattr(thing, name) == value for name, values in PUBLISHED_VALUES.items() for value in values]


def attribute_targets(scene: Scene) -> NDArray[np.float32]:
    """Return which of the 15 `ATTRIBUTE_TARGETS` occur in a scene, as 0 or 1.

    The targets of the multi-label attribute network, a baseline of relation-aware retrieval (Messina et al.
    2018, https://doi.org/10.1007/978-3-030-11018-5_40).

    Example:
        >>> ball = SceneObject("red", "large", "sphere", "metal", (1.0, 2.0, 0.7), 0.0, (0.0, 0.0, 9.0))
        >>> present = attribute_targets(Scene((ball,), {}, {}, 0, "CLEVR_val_000000.png", "val"))
        >>> [value for (_, value), one in zip(ATTRIBUTE_TARGETS, present) if one]
        ['metal', 'red', 'sphere', 'large']
    """
    found = {(name, getattr(thing, name)) for thing in scene.objects for name in PUBLISHED_VALUES}
    return np.array([target in found for target in ATTRIBUTE_TARGETS], np.float32)
