"""Editing a scene: exactly one object moved, given another attribute, removed or added.

An edited scene is as valid as a sampled one: the object keeps gap and margins to all others
(`visreason.clevr.sampling`), every object stays visible, relations are those of the new places. Camera, lamps
and the records of all other objects stay as they are, so two pictures differ by the object, its shadow and
its reflections alone.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.attributes import ATTRIBUTES, RADIUS
from visreason.clevr.camera import project, scene_camera
from visreason.clevr.relations import relationships
from visreason.clevr.sampling import EXTENT, MIN_VISIBLE, free_places
from visreason.clevr.scene import Scene, SceneObject, Vector
from visreason.clevr.visibility import visible_pixels

EDITS: tuple[str, ...] = ("move", *ATTRIBUTES, "remove", "add")
"""The kinds of edit: `"move"`, the attribute that changes (`"color"` recolours), `"remove"` and `"add"`."""

MIN_MOVE = 1.0
"""The least distance of a move, in world units, so that it is plain to see."""

_TRIES = 256
"""Random places that are tried for one object; in a full scene one in a few hundred is free."""

_PLACES = 10
"""Free places that are proposed of those."""

_NEWCOMERS = 16
"""Objects that are proposed as an addition."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one object.

    Attributes:
        kind: one of `EDITS`.
        place: the object's index in the scene that has it; an added object comes last.
        before: the object as it was, or None where it is added.
        after: the object as it becomes, or None where it is removed.
    """

    kind: str
    place: int
    before: SceneObject | None
    after: SceneObject | None


def apply_edit(scene: Scene, edit: Edit) -> Scene:
    """The edited scene, with the camera stored that the original was photographed with.

    Further keys of the scene's record are left out, as they may tell of the unedited picture.

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
        >>> len(scene) - len(apply_edit(scene, Edit("remove", 0, scene.objects[0], None)))
        1
    """
    after = () if edit.after is None else (edit.after,)
    objects = (*scene.objects[: edit.place], *after, *scene.objects[edit.place + 1 :])
    stands = scene.relationships
    if edit.kind in ("move", "remove", "add"):
        stands = relationships([thing.position for thing in objects], scene.directions)
    return replace(scene, objects=objects, relationships=stands, camera=scene_camera(scene), extra={})


def shows_all(scene: Scene, edit: Edit) -> bool:
    """Whether every object of an edited scene shows as many pixels as in CLEVR; recolouring hides nothing."""
    return edit.kind in ("color", "material", "remove") or bool(visible_pixels(scene).min() >= MIN_VISIBLE)


def propose_edits(
    kind: str,
    scene: Scene,
    rng: np.random.Generator,
    min_objects: int = 3,
    max_objects: int = 10,
) -> Iterator[Edit]:
    """Edits of one kind that keep gap and margins, in random order; visibility is for the caller to check.

    New attribute values and removals are proposed exhaustively, each once; moves and additions as samples.

    Args:
        kind: one of `EDITS`.
        scene: a valid scene.
        rng: where the randomness comes from.
        min_objects, max_objects: how few and how many objects an edited scene may have.

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
        >>> edit = next(propose_edits("color", scene, np.random.default_rng(0)))
        >>> edit.before.color != edit.after.color, edit.before.position == edit.after.position
        (True, True)
    """
    count = len(scene.objects)
    if kind == "add":
        if count < max_objects:
            yield from _additions(scene, rng)
    elif kind == "remove":
        if count > min_objects:
            for place in rng.permutation(count).tolist():
                yield Edit(kind, place, scene.objects[place], None)
    elif kind == "move":
        for place in rng.permutation(count).tolist():
            yield from _moves(scene, place, rng)
    else:
        words = ATTRIBUTES[kind]
        for number in rng.permutation(count * len(words)).tolist():
            place, word = divmod(number, len(words))
            yield from _changes(scene, kind, place, words[word])


def _changes(scene: Scene, kind: str, place: int, word: str) -> Iterator[Edit]:
    """An attribute's change, if it is one and the object, if it grows, has room."""
    before = scene.objects[place]
    if getattr(before, kind) == word:
        return
    changed: dict[str, Any] = {kind: word, "extra": {}}
    after = replace(before, **changed)
    if kind == "size":
        x, y, _ = before.position
        if not _free(scene, np.array([[x, y]]), word, without=place):
            return
        after = _stand(after, x, y, scene)
    yield Edit(kind, place, before, after)


def _moves(scene: Scene, place: int, rng: np.random.Generator) -> Iterator[Edit]:
    """A few moves of one object to free places, at least `MIN_MOVE` from where it stands."""
    before = scene.objects[place]
    for x, y in _free(scene, _places(rng), before.size, without=place):
        if math.dist((x, y), before.position[:2]) >= MIN_MOVE:
            yield Edit("move", place, before, _stand(replace(before, extra={}), x, y, scene))


def _additions(scene: Scene, rng: np.random.Generator) -> Iterator[Edit]:
    """A few new objects at free places."""
    for _ in range(_NEWCOMERS):
        words: dict[str, Any] = {
            name: values[int(rng.integers(len(values)))] for name, values in ATTRIBUTES.items()
        }
        rotation = float(rng.uniform(0, 360))
        for x, y in _free(scene, _places(rng), words["size"])[:1]:
            new = SceneObject(**words, position=(x, y, 0.0), rotation=rotation, pixel=(0, 0, 0))
            yield Edit("add", len(scene.objects), None, _stand(new, x, y, scene))


def _places(rng: np.random.Generator) -> NDArray[np.float64]:
    """Random places on the floor, [T, 2]."""
    return rng.uniform(-EXTENT, EXTENT, (_TRIES, 2))


def _free(
    scene: Scene, places_T2: NDArray[np.float64], size: str, without: int | None = None
) -> list[tuple[float, float]]:
    """The first few of the places where an object of a size may stand beside all others but `without`."""
    others = [thing for i, thing in enumerate(scene.objects) if i != without]
    points_N2 = np.array([thing.position[:2] for thing in others]).reshape(-1, 2)
    radii_N = np.array([RADIUS[thing.size] for thing in others])
    free_T = free_places(places_T2, RADIUS[size], points_N2, radii_N)
    return [(x, y) for x, y in places_T2[free_T][:_PLACES].tolist()]


def _stand(thing: SceneObject, x: float, y: float, scene: Scene) -> SceneObject:
    """An object on the floor at a place, and where the scene's camera sees it."""
    position: Vector = (x, y, RADIUS[thing.size])
    px, py, depth = project([position], scene_camera(scene))[0].tolist()
    return replace(thing, position=position, pixel=(round(px), round(py), depth))
