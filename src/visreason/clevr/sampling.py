"""Making scenes as CLEVR v1.0 made them: the same counts, sizes, distances, margins, jitter and visibility.

A scene has 3 to 10 objects at x, y in -3..3, each at least 0.25 away from the next and at least 0.4 aside of
it along both floor directions, so that every relation is clear; every object shows at least 200 pixels at
480x320. An object that finds no place in 50 tries makes the whole layout start again, as does one that is
hidden.
"""

import zlib
from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.attributes import ATTRIBUTES, COGENT_COLORS, RADIUS, SHAPES
from visreason.clevr.camera import BASE_CAMERA, CAMERA_JITTER, project
from visreason.clevr.folder import image_filename
from visreason.clevr.lamps import AREA_LAMPS, LAMP_JITTER
from visreason.clevr.relations import DIRECTIONS, relationships
from visreason.clevr.scene import Scene, SceneObject, Vector
from visreason.clevr.visibility import visible_pixels
from visreason.errors import UsageError

EXTENT = 3.0
"""Objects stand at x and y in -3..3."""

MIN_GAP = 0.25
"""The least distance between two objects, from rim to rim (centre distance less both radii)."""

MIN_MARGIN = 0.4
"""The least distance of two centres along each of the directions right and behind."""

FLOOR_AXES = np.array((DIRECTIONS["right"][:2], DIRECTIONS["behind"][:2]))
"""The directions right and behind on the floor, one a row."""

MIN_VISIBLE = 200
"""The fewest pixels any object shows at 480x320."""

MAX_TRIES = 50
"""Tries to place one object before the whole layout starts again."""

_MAX_LAYOUTS = 20_000


class Attributes(NamedTuple):
    """What an object is, in the order of `visreason.clevr.attributes.ATTRIBUTES`."""

    size: str
    color: str
    material: str
    shape: str


AttributeRule = Callable[[Attributes], bool]
"""Says which objects a world may contain."""

SceneRule = Callable[[Sequence[Attributes]], bool]
"""Says which objects may make a scene together."""


def cogent(condition: str) -> AttributeRule:
    """The rule of CLEVR-CoGenT's condition "A" or "B": which colours cubes and cylinders may have.

    Raises:
        UsageError: another condition.

    Example:
        >>> cogent("A")(Attributes("large", "red", "metal", "cube"))
        False
    """
    if condition not in COGENT_COLORS:
        raise UsageError(f"CoGenT has the conditions {' and '.join(COGENT_COLORS)}, not {condition!r}.")
    colors = COGENT_COLORS[condition]
    return lambda thing: thing.color in colors[thing.shape]


def scene_rng(seed: int, split: str, index: int) -> np.random.Generator:
    """The random numbers of one scene; they depend on nothing else, so scenes may be made in any order.

    Example:
        >>> int(scene_rng(0, "val", 7).integers(100)) == int(scene_rng(0, "val", 7).integers(100))
        True
    """
    return np.random.default_rng(np.random.SeedSequence((seed, zlib.crc32(split.encode()), index)))


def sample_scene(
    rng: np.random.Generator,
    index: int,
    split: str,
    min_objects: int = 3,
    max_objects: int = 10,
    *,
    camera_jitter: float = CAMERA_JITTER,
    lamp_jitter: float = LAMP_JITTER,
    rule: AttributeRule | None = None,
    scene_rule: SceneRule | None = None,
    min_visible: int = MIN_VISIBLE,
) -> Scene:
    """Make one random scene.

    Args:
        rng: where the randomness comes from; see `scene_rng`.
        index: the scene's image index.
        split: the split's name, part of the image's file name.
        min_objects, max_objects: the number of objects is uniform between these, both included.
        camera_jitter: how far the camera moves at most on each axis, in world units.
        lamp_jitter: how far each area lamp moves at most on each axis.
        rule: which objects may occur, such as `cogent("A")`; the shape is drawn first, evenly among the
            shapes the rule leaves, then the rest evenly among what it leaves of that shape.
        scene_rule: which objects may be together; a layout it refuses is drawn again.
        min_visible: the fewest pixels every object has to show at 480x320.

    Returns:
        The scene, with its camera and lamps.

    Raises:
        UsageError: the counts contradict each other, the rules leave nothing, or so many objects do not fit.

    Example:
        >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
        >>> scene.image_filename, 3 <= len(scene) <= 10
        ('CLEVR_val_000000.png', True)
    """
    if not 1 <= min_objects <= max_objects:
        raise UsageError(f"cannot make scenes of {min_objects} to {max_objects} objects; try 3 to 10.")
    choices = _choices(rule)
    count = int(rng.integers(min_objects, max_objects + 1))
    camera = _jitter(rng, BASE_CAMERA, camera_jitter)
    lamps = {lamp.name: _jitter(rng, lamp.location, lamp_jitter) for lamp in AREA_LAMPS}
    full = refused = 0
    for _ in range(_MAX_LAYOUTS):
        layout = _try_layout(rng, count, choices)
        if layout is None:
            full += 1
            continue
        if scene_rule is not None and not scene_rule([thing for thing, *_ in layout]):
            refused += 1
            continue
        objects = placed_objects(layout, camera)
        stands = relationships([thing.position for thing in objects])
        name = image_filename(split, index)
        scene = Scene(objects, stands, DIRECTIONS, index, name, split, camera, lamps)
        if visible_pixels(scene).min() >= min_visible:
            return scene
    raise UsageError(
        f"found no scene of {count} objects in {_MAX_LAYOUTS:,} layouts: in {full:,} an object found no place, "
        f"{refused:,} had other objects than the rules ask for, "
        f"{_MAX_LAYOUTS - full - refused:,} hid an object. Ask for another number of objects (CLEVR has 3 to "
        "10) or loosen the rules."
    )


def _choices(rule: AttributeRule | None) -> list[list[Attributes]]:
    """For each shape that may occur, the attribute combinations that may."""
    every = [Attributes(*words) for words in product(*ATTRIBUTES.values())]
    allowed = [thing for thing in every if rule is None or rule(thing)]
    if not allowed:
        raise UsageError("the attribute rule allows no object at all; loosen it.")
    by_shape = ([thing for thing in allowed if thing.shape == shape] for shape in SHAPES)
    return [things for things in by_shape if things]


def _jitter(rng: np.random.Generator, point: Vector, reach: float) -> Vector:
    x, y, z = (np.asarray(point) + rng.uniform(-reach, reach, 3)).tolist()
    return (x, y, z)


Placed = tuple[Attributes, float, float, float]
"""What an object is, its x and y, and its rotation."""


def _try_layout(rng: np.random.Generator, count: int, choices: list[list[Attributes]]) -> list[Placed] | None:
    """Place objects one after the other; None when one finds no place in `MAX_TRIES` tries."""
    points_N2 = np.empty((count, 2))
    radii_N = np.empty(count)
    layout: list[Placed] = []
    for i in range(count):
        kind = choices[int(rng.integers(len(choices)))]
        thing = kind[int(rng.integers(len(kind)))]
        tries_T2 = rng.uniform(-EXTENT, EXTENT, (MAX_TRIES, 2))
        fits_T = free_places(tries_T2, RADIUS[thing.size], points_N2[:i], radii_N[:i])
        first = int(fits_T.argmax())
        if not fits_T[first]:
            return None
        points_N2[i], radii_N[i] = tries_T2[first], RADIUS[thing.size]
        layout.append((thing, *tries_T2[first].tolist(), float(rng.uniform(0, 360))))
    return layout


def free_places(
    tries_T2: NDArray[np.float64], radius: float, points_N2: NDArray[np.float64], radii_N: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Which of the tried places keep `MIN_GAP` and `MIN_MARGIN` to the objects that stand already.

    Args:
        tries_T2: places on the floor, [T, 2].
        radius: of the object to be placed.
        points_N2, radii_N: where the others stand, [N, 2], and their radii, [N].

    Returns:
        Truth values, [T].

    Example:
        >>> tries = np.array([(0.5, 0.0), (2.5, 0.5)])
        >>> free_places(tries, 0.35, np.zeros((1, 2)), np.array([0.7])).tolist()
        [False, True]
    """
    offset_TN2 = tries_T2[:, None] - points_N2
    aside_TN2 = np.abs(offset_TN2 @ FLOOR_AXES.T)
    apart_TN = np.hypot(offset_TN2[..., 0], offset_TN2[..., 1]) - radius - radii_N >= MIN_GAP
    fits: NDArray[np.bool_] = (apart_TN & (aside_TN2 >= MIN_MARGIN).all(axis=2)).all(axis=1)
    return fits


def placed_objects(layout: Sequence[Placed], camera: Vector) -> tuple[SceneObject, ...]:
    """The placed objects as the camera sees them."""
    positions = [(x, y, RADIUS[thing.size]) for thing, x, y, _ in layout]
    pixels = project(positions, camera).tolist()
    return tuple(
        SceneObject(
            **thing._asdict(), position=position, rotation=rotation, pixel=(round(px), round(py), depth)
        )
        for (thing, _, _, rotation), position, (px, py, depth) in zip(layout, positions, pixels, strict=True)
    )
