"""A Sort-of-CLEVR scene: six shapes in the plane, each of another colour, none touching another.

Shape suffixes: H = W = 75 pixels, C = 3 colour channels.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.folder import image_filename
from visreason.errors import DataError

COLORS: dict[str, tuple[int, int, int]] = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "orange": (255, 156, 0),
    "gray": (128, 128, 128),
    "yellow": (255, 255, 0),
}
"""The colours in the order in which the public form numbers them, as 8-bit RGB."""

SHAPES = ("square", "circle")

SIDE = 75
"""Height and width of an image, in pixels."""

REACH = 5
"""Half the extent of every shape: a square covers 11x11 pixels, a circle's radius is as long as its half side."""

MIN_DISTANCE = 15
"""The least distance between two centres, in pixels: more than two squares' half diagonals."""

_BACKGROUND = 255
_DISC = 30  # dx^2 + dy^2 of the outermost pixels of a circle: a round one of 11 pixels across


@dataclass(frozen=True, slots=True)
class Thing:
    """One shape.

    Attributes:
        color: of `COLORS`; no two things of a scene share one.
        shape: `"square"` or `"circle"`.
        x, y: the centre, in whole pixels from the upper left.
    """

    color: str
    shape: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class FlatScene:
    """One scene: a thing of every colour, in the order of `COLORS`.

    Attributes:
        things: the six.
        image_index, image_filename, split: which image of the data set this is.
    """

    things: tuple[Thing, ...]
    image_index: int
    image_filename: str
    split: str

    def of(self, color: str) -> Thing:
        """The thing of a colour."""
        return self.things[list(COLORS).index(color)]


def sample_flat_scene(rng: np.random.Generator, index: int, split: str) -> FlatScene:
    """Make one random scene: shapes by tossing a coin, places uniform among those that touch nothing.

    Args:
        rng: where the randomness comes from; see `visreason.clevr.sampling.scene_rng`.
        index: the scene's image index.
        split: the split's name, part of the image's file name.

    Example:
        >>> scene = sample_flat_scene(np.random.default_rng(0), 0, "val")
        >>> [thing.color for thing in scene.things]
        ['red', 'green', 'blue', 'orange', 'gray', 'yellow']
    """
    places: list[tuple[int, int]] = []
    while len(places) < len(COLORS):
        x, y = rng.integers(REACH, SIDE - REACH, 2).tolist()
        if all((x - a) ** 2 + (y - b) ** 2 >= MIN_DISTANCE**2 for a, b in places):
            places.append((x, y))
    kinds = rng.integers(0, len(SHAPES), len(COLORS)).tolist()
    things = (Thing(color, SHAPES[kind], *at) for color, kind, at in zip(COLORS, kinds, places, strict=True))
    return FlatScene(tuple(things), index, image_filename(split, index), split)


def draw_flat_scene(scene: FlatScene) -> NDArray[np.uint8]:
    """The image of a scene: plain shapes on white, not smoothed at their edges, [H, W, C].

    Example:
        >>> scene = sample_flat_scene(np.random.default_rng(0), 0, "val")
        >>> red = scene.of("red")
        >>> draw_flat_scene(scene)[red.y, red.x].tolist()
        [255, 0, 0]
    """
    image_HWC = np.full((SIDE, SIDE, 3), _BACKGROUND, np.uint8)
    for thing in scene.things:
        image_HWC[_covered(thing)] = COLORS[thing.color]
    return image_HWC


def _covered(thing: Thing) -> NDArray[np.bool_]:
    """Which pixels a thing covers, [H, W]."""
    y_H1, x_1W = np.ogrid[:SIDE, :SIDE]
    aside_1W, below_H1 = x_1W - thing.x, y_H1 - thing.y
    covered_HW: NDArray[np.bool_] = (abs(aside_1W) <= REACH) & (abs(below_H1) <= REACH)
    return covered_HW if thing.shape == "square" else aside_1W**2 + below_H1**2 <= _DISC


def flat_scene_to_json(scene: FlatScene) -> dict[str, Any]:
    """The record of a scene in `scenes/sort_of_clevr_SPLIT_scenes.json`."""
    record = asdict(scene)
    return {"objects": record.pop("things")} | record


def flat_scene_from_json(record: Any, where: str = "scene") -> FlatScene:
    """Make a scene from its record.

    Args:
        record: the decoded record.
        where: what to call it in an error, such as `"scenes.json: scene 12"`.

    Raises:
        DataError: a key is missing, or it is no scene of six shapes of six colours.

    Example:
        >>> scene = sample_flat_scene(np.random.default_rng(0), 0, "val")
        >>> flat_scene_from_json(flat_scene_to_json(scene)) == scene
        True
    """
    try:
        things = {one["color"]: Thing(**one) for one in record["objects"]}
        whole = {key: record[key] for key in ("image_index", "image_filename", "split")}
    except (KeyError, TypeError) as error:
        raise DataError(
            f"{where} is no scene of Sort-of-CLEVR, which has objects with color, shape, x and y, and image_index, "
            f"image_filename and split ({error})."
        ) from None
    if set(things) != set(COLORS) or any(thing.shape not in SHAPES for thing in things.values()):
        raise DataError(
            f"{where} should have one {' or '.join(SHAPES)} of each of the colours {', '.join(COLORS)}."
        )
    return FlatScene(tuple(things[color] for color in COLORS), **whole)
