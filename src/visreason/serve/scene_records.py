"""Scenes as they travel, and scenes as they are: what follows from the objects is worked out, whatever was sent."""

import math
from itertools import combinations
from typing import Any

import numpy as np

from visreason.clevr.attributes import RADIUS
from visreason.clevr.boxes import mask_boxes
from visreason.clevr.camera import BASE_CAMERA, project, recover_camera
from visreason.clevr.relations import DIRECTIONS, relationships
from visreason.clevr.sampling import EXTENT, MIN_GAP, MIN_MARGIN, MIN_VISIBLE
from visreason.clevr.scene import Scene, SceneObject, Vector, scene_to_json
from visreason.clevr.visibility import instance_mask
from visreason.errors import DataError
from visreason.serve.schemas.scenes import Pair, SceneCheck, SceneRecord

_CAMERA_REACH = 2.0
"""How far from CLEVR's own place a camera may stand on each axis; CLEVR's moves by 0.5."""


def scene_of(record: SceneRecord) -> Scene:
    """The scene that a record describes: heights, relations, camera and pixels follow from the objects' places.

    Raises:
        DataError: the camera stands elsewhere than CLEVR's, or cannot be recovered from the given depths.
    """
    camera = _camera(record)
    places = [(thing.position[0], thing.position[1], RADIUS[thing.size]) for thing in record.objects]
    pixels = project(places, camera).tolist() if places else []
    objects = tuple(
        SceneObject(
            thing.color, thing.size, thing.shape, thing.material, place, thing.rotation, _pixel(*pixel)
        )
        for thing, place, pixel in zip(record.objects, places, pixels, strict=True)
    )
    lamps = {str(name): _vector(lamp) for name, lamp in (record.lamps or {}).items()}
    return Scene(
        objects=objects,
        relationships=relationships(places),
        directions=DIRECTIONS,
        image_index=record.image_index,
        image_filename=record.image_filename,
        split=record.split,
        camera=camera,
        lamps=lamps or None,
    )


def record_of(scene: Scene) -> SceneRecord:
    """The record of a scene."""
    return SceneRecord.model_validate(scene_to_json(scene))


def check_scene(scene: Scene) -> SceneCheck:
    """Where a scene is not as CLEVR's are."""
    near = list(_pairs(scene))
    seen_HW = instance_mask(scene)
    visible = np.bincount(seen_HW.ravel() + 1, minlength=len(scene) + 1)[1:].tolist()
    overlaps = [pair for pair, margin in near if pair.distance < 0]
    close = [pair for pair, margin in near if 0 <= pair.distance < MIN_GAP]
    unclear = [pair.model_copy(update={"distance": margin}) for pair, margin in near if margin < MIN_MARGIN]
    outside = [i for i, thing in enumerate(scene.objects) if max(map(abs, thing.position[:2])) > EXTENT]
    occluded = [i for i, pixels in enumerate(visible) if pixels < MIN_VISIBLE]
    boxes: list[Any] = mask_boxes(seen_HW, len(scene))
    return SceneCheck(
        scene=record_of(scene),
        valid=not (overlaps or close or unclear or outside or occluded),
        overlaps=overlaps,
        close=close,
        unclear=unclear,
        outside=outside,
        occluded=occluded,
        visible=visible,
        boxes=[None if box is None else list(box) for box in boxes],
    )


def _pairs(scene: Scene) -> "list[tuple[Pair, float]]":
    """Every two objects with the gap between their rims, and their margin along the clearest-cut direction."""
    found = []
    for (i, one), (j, other) in combinations(enumerate(scene.objects), 2):
        offset = [a - b for a, b in zip(one.position, other.position, strict=True)]
        gap = math.hypot(offset[0], offset[1]) - RADIUS[one.size] - RADIUS[other.size]
        margin = min(
            abs(sum(a * b for a, b in zip(offset, DIRECTIONS[name], strict=True)))
            for name in ("right", "behind")
        )
        found.append((Pair(first=i, second=j, distance=round(gap, 4)), round(margin, 4)))
    return found


def _camera(record: SceneRecord) -> Vector:
    """Where the camera stands: as given, else recovered from the depths, else CLEVR's."""
    if record.camera is None:
        seen = [thing for thing in record.objects if thing.pixel is not None]
        if len(seen) < max(3, len(record.objects)):
            return BASE_CAMERA
        return recover_camera(_as_given(record))
    camera = _vector(record.camera)
    if any(abs(a - b) > _CAMERA_REACH for a, b in zip(camera, BASE_CAMERA, strict=True)):
        raise DataError(
            f"the scene's camera stands at {camera}; it may be at most {_CAMERA_REACH:g} from CLEVR's "
            f"{BASE_CAMERA} on each axis."
        )
    return camera


def _as_given(record: SceneRecord) -> Scene:
    """What the camera is recovered from: places and depths as they were sent."""
    objects = tuple(
        SceneObject(
            thing.color,
            thing.size,
            thing.shape,
            thing.material,
            (thing.position[0], thing.position[1], RADIUS[thing.size]),
            thing.rotation,
            _vector(thing.pixel or []),
        )
        for thing in record.objects
    )
    return Scene(objects, {}, DIRECTIONS, record.image_index, record.image_filename, record.split)


def _pixel(px: float, py: float, depth: float) -> Vector:
    return (round(px), round(py), depth)


def _vector(numbers: list[float]) -> Vector:
    x, y, z = numbers
    return (x, y, z)
