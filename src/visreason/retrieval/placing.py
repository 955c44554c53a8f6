"""From a description to a scene: things placed on the floor so that they stand as they were said to.

Every left, right, behind and front is an order along one of two directions of the floor. Whatever was not said, the
attributes of a thing, the places, the rotations, is drawn by a seed, as in CLEVR's scenes: places keep CLEVR's gap and
margins, and every object can be seen (`visreason.clevr.sampling`). Camera and lamps stand where CLEVR's stand before
jitter.

Shape suffixes: N things, T places that are tried, A = 2 directions (right, behind).
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.attributes import ATTRIBUTES, RADIUS
from visreason.clevr.camera import BASE_CAMERA
from visreason.clevr.folder import image_filename
from visreason.clevr.lamps import AREA_LAMPS
from visreason.clevr.relations import DIRECTIONS, relationships
from visreason.clevr.sampling import (
    EXTENT,
    FLOOR_AXES,
    MIN_MARGIN,
    MIN_VISIBLE,
    Attributes,
    Placed,
    free_places,
    placed_objects,
    scene_rng,
)
from visreason.clevr.scene import Scene
from visreason.clevr.visibility import visible_pixels
from visreason.errors import UsageError
from visreason.retrieval.description import Description, Said, Stand

SPLIT = "query"
"""The split that a described scene says it is of."""

_ORDERS = {"right": (0, 1), "left": (0, -1), "behind": (1, 1), "front": (1, -1)}
"""Relation to the direction along which it orders things, and the sign of the first one's lead."""

_TRIES = 1000
_MAX_LAYOUTS = 2000


def place_scene(description: Description, seed: int = 0, index: int = 0) -> Scene:
    """A scene that is as described.

    Args:
        description: what was said.
        seed: decides all that was not said; the same seed gives the same scene.
        index: the scene's image index; another one gives another scene of the same seed.

    Raises:
        UsageError: what was said contradicts itself, or there is no room for so much.

    Example:
        >>> stands = (Stand(0, "left", 1, "red cube left of thing"),)
        >>> scene = place_scene(Description(({"color": "red", "shape": "cube"}, {}), stands))
        >>> scene.objects[0].color, scene.relationships["left"][1]
        ('red', (0,))
    """
    rng = scene_rng(seed, SPLIT, index)
    steps_ANN = _least_steps(description)
    hidden = 0
    for _ in range(_MAX_LAYOUTS):
        layout = _try_layout(rng, description, steps_ANN)
        if layout is None:
            continue
        objects = placed_objects(layout, BASE_CAMERA)
        stands = relationships([thing.position for thing in objects])
        lamps = {lamp.name: lamp.location for lamp in AREA_LAMPS}
        name = image_filename(SPLIT, index)
        scene = Scene(objects, stands, DIRECTIONS, index, name, SPLIT, BASE_CAMERA, lamps)
        if visible_pixels(scene).min() >= MIN_VISIBLE:
            return scene
        hidden += 1
    raise UsageError(
        f"found no scene of these {len(description.things)} things in {_MAX_LAYOUTS:,} layouts ({hidden:,} hid one "
        "behind another). Ask for fewer or smaller things, or say less of how they stand."
    )


def _try_layout(
    rng: np.random.Generator, description: Description, steps_ANN: NDArray[np.int64]
) -> list[Placed] | None:
    """Place the things one after the other, in random order; None when one finds no place."""
    count = len(description.things)
    points_N2, radii_N = np.zeros((count, 2)), np.zeros(count)
    kinds = [_complete(rng, said) for said in description.things]
    stood_N = np.zeros(count, np.bool_)
    for thing in rng.permutation(count).tolist():
        radius = RADIUS[kinds[thing].size]
        tries_T2 = rng.uniform(-EXTENT, EXTENT, (_TRIES, 2))
        fits_T = free_places(tries_T2, radius, points_N2[stood_N], radii_N[stood_N])
        fits_T &= _in_order(tries_T2, thing, points_N2, stood_N, steps_ANN)
        first = int(fits_T.argmax())
        if not fits_T[first]:
            return None
        points_N2[thing], radii_N[thing], stood_N[thing] = tries_T2[first], radius, True
    turns_N = rng.uniform(0, 360, count).tolist()
    return [(kind, x, y, turn) for kind, (x, y), turn in zip(kinds, points_N2.tolist(), turns_N, strict=True)]


def _complete(rng: np.random.Generator, said: Said) -> Attributes:
    """A thing with all its attributes: what was not said is drawn, each value as likely as the next."""
    drawn = {name: words[int(rng.integers(len(words)))] for name, words in ATTRIBUTES.items()}
    return Attributes(**(drawn | dict(said)))


def _in_order(
    tries_T2: NDArray[np.float64],
    thing: int,
    points_N2: NDArray[np.float64],
    stood_N: NDArray[np.bool_],
    steps_ANN: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Which places leave a thing in order with those that stand, and room for those that come between, [T]."""
    fits_T = np.ones(len(tries_T2), np.bool_)
    for axis_2, steps_NN in zip(FLOOR_AXES, steps_ANN, strict=True):
        reach = EXTENT * float(np.abs(axis_2).sum())
        along_N, along_T = points_N2 @ axis_2, tries_T2 @ axis_2
        before_N, after_N = MIN_MARGIN * steps_NN[:, thing], MIN_MARGIN * steps_NN[thing]
        least_N = (along_N + before_N)[stood_N & (before_N > 0)]
        most_N = (along_N - after_N)[stood_N & (after_N > 0)]
        fits_T &= along_T >= least_N.max(initial=before_N.max() - reach)
        fits_T &= along_T <= most_N.min(initial=reach - after_N.max())
    return fits_T


def _least_steps(description: Description) -> NDArray[np.int64]:
    """How many steps thing j must at least come after thing i along each direction, [A, N, N]; 0: in any order.

    Raises:
        UsageError: some things would have to come after themselves.
    """
    count = len(description.things)
    steps_ANN = np.zeros((2, count, count), np.int64)
    for stand in description.stands:
        axis, first, second = _order(stand)
        steps_ANN[axis, first, second] = 1
    for axis, steps_NN in enumerate(steps_ANN):
        for middle in range(count):
            to_N1, from_1N = steps_NN[:, middle, None], steps_NN[None, middle]
            via_NN = np.where((to_N1 > 0) & (from_1N > 0), to_N1 + from_1N, 0)
            np.maximum(steps_NN, via_NN, out=steps_NN)
        if steps_NN.diagonal().any():
            raise UsageError(f"this cannot be: {_circle(description, axis)}.")
    return steps_ANN


def _order(stand: Stand) -> tuple[int, int, int]:
    """The direction that a relation is about, and what comes first and second along it."""
    axis, sign = _ORDERS[stand.relation]
    return (axis, stand.second, stand.first) if sign > 0 else (axis, stand.first, stand.second)


def _circle(description: Description, axis: int) -> str:
    """The fewest statements that lead back to where they began, in the user's words and order."""
    ways = [(*_order(stand)[1:], stand.said) for stand in description.stands if _order(stand)[0] == axis]
    rounds: list[list[str]] = []
    for start, after, said in ways:
        waiting, seen = deque([(after, [said])]), {after}
        while waiting:
            thing, told = waiting.popleft()
            if thing == start:
                rounds.append(told)
                break
            for first, second, words in ways:
                if first == thing and second not in seen:
                    seen.add(second)
                    waiting.append((second, [*told, words]))
    shortest = min(rounds, key=len)
    in_order = dict.fromkeys(stand.said for stand in description.stands if stand.said in shortest)
    return " and ".join(map(repr, in_order))
