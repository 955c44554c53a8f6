"""A CLEVR scene as plain data: objects, their relations, and the camera and lamps it was photographed with.

Also its JSON record, as in `scenes/CLEVR_SPLIT_scenes.json` of CLEVR v1.0. We add the keys `camera` and
`lamps`, so that an image can be made again from its scene; every other unknown key is kept and written back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from visreason.clevr.attributes import ATTRIBUTES, RELATIONS
from visreason.errors import DataError

Vector = tuple[float, float, float]
"""A point or direction in world space (x, y, z), z up; or (px, py, depth) on the image."""


@dataclass(frozen=True, slots=True)
class SceneObject:
    """One object of a scene.

    Attributes:
        color, size, shape, material: its attributes, words of `visreason.clevr.attributes`.
        position: its centre in world units (x, y, z); z is the half extent, as it stands on the floor.
        rotation: the number CLEVR stores, in 0..360. The released pictures turn the object about z by this
            many *radians*, so the renderer does too.
        pixel: where the centre is seen at 480x320: (px, py) in pixels from the top left, and its depth along
            the viewing axis in world units.
        extra: keys of the JSON record that CLEVR v1.0 does not have, kept for writing.
    """

    color: str
    size: str
    shape: str
    material: str
    position: Vector
    rotation: float
    pixel: Vector
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene: what `scenes/CLEVR_SPLIT_scenes.json` holds for an image.

    Attributes:
        objects: the objects, in the order that indices refer to.
        relationships: relation to, for every object, the sorted indices of the objects that stand in it:
            `relationships["left"][i]` are the objects left of object i.
        directions: name to unit vector in world space (left, right, behind, front, above, below).
        image_index, image_filename, split: which image of the data set this is.
        camera: where the camera stood (it looks at the origin); None when the file does not say, as in CLEVR
            v1.0: `visreason.clevr.camera.scene_camera` recovers it.
        lamps: name ("key", "fill", "back") to location; None when unknown.
        extra: further keys of the JSON record, kept for writing.
    """

    objects: tuple[SceneObject, ...]
    relationships: Mapping[str, tuple[tuple[int, ...], ...]]
    directions: Mapping[str, Vector]
    image_index: int
    image_filename: str
    split: str
    camera: Vector | None = None
    lamps: Mapping[str, Vector] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.objects)


_OBJECT_KEYS = frozenset(("color", "size", "shape", "material", "3d_coords", "rotation", "pixel_coords"))
_SCENE_KEYS = frozenset(
    ("objects", "relationships", "directions", "image_index", "image_filename", "split", "camera", "lamps")
)


def scene_from_json(record: Any, where: str = "scene") -> Scene:
    """Make a scene from its JSON record.

    Args:
        record: the decoded record.
        where: what to call the record in an error, such as `"scenes.json: scene 12"`.

    Raises:
        DataError: a key is missing or holds something else than CLEVR v1.0 says; the message names it.
    """
    items = _get(record, "objects", where)
    if not isinstance(items, list):
        raise DataError(f"{where}: 'objects' should be a list, not {_short(items)}.")
    objects = tuple(_object_from_json(item, f"{where}, object {i}") for i, item in enumerate(items))
    directions = _get(record, "directions", where)
    lamps = record.get("lamps")
    camera = record.get("camera")
    return Scene(
        objects=objects,
        relationships=_relationships_from_json(_get(record, "relationships", where), len(objects), where),
        directions=_vectors(directions, f"{where}, 'directions'"),
        image_index=_typed(record, "image_index", int, where),
        image_filename=_typed(record, "image_filename", str, where),
        split=_typed(record, "split", str, where),
        camera=None if camera is None else _vector(camera, f"{where}, 'camera'"),
        lamps=None if lamps is None else _vectors(lamps, f"{where}, 'lamps'"),
        extra={key: value for key, value in record.items() if key not in _SCENE_KEYS},
    )


def scene_to_json(scene: Scene) -> dict[str, Any]:
    """The JSON record of a scene: the keys of CLEVR v1.0, `camera` and `lamps` where known, and `extra`."""
    record: dict[str, Any] = {
        "split": scene.split,
        "image_index": scene.image_index,
        "image_filename": scene.image_filename,
        "objects": [object_to_json(thing) for thing in scene.objects],
        "relationships": {name: [list(row) for row in rows] for name, rows in scene.relationships.items()},
        "directions": {name: list(vector) for name, vector in scene.directions.items()},
    }
    if scene.camera is not None:
        record["camera"] = list(scene.camera)
    if scene.lamps is not None:
        record["lamps"] = {name: list(vector) for name, vector in scene.lamps.items()}
    return record | dict(scene.extra)


def _object_from_json(record: Any, where: str) -> SceneObject:
    words = {}
    for name, allowed in ATTRIBUTES.items():
        words[name] = _get(record, name, where)
        if words[name] not in allowed:
            raise DataError(
                f"{where}: {name} is {_short(words[name])}, expected one of {', '.join(allowed)}."
            )
    rotation = _get(record, "rotation", where)
    if not _is_number(rotation):
        raise DataError(f"{where}: 'rotation' should be a number, not {_short(rotation)}.")
    return SceneObject(
        **words,
        position=_vector(_get(record, "3d_coords", where), f"{where}, '3d_coords'"),
        rotation=rotation,
        pixel=_vector(_get(record, "pixel_coords", where), f"{where}, 'pixel_coords'"),
        extra={key: value for key, value in record.items() if key not in _OBJECT_KEYS},
    )


def object_to_json(thing: SceneObject) -> dict[str, Any]:
    """The JSON record of an object: the keys of CLEVR v1.0, and `extra`."""
    return {
        "color": thing.color,
        "size": thing.size,
        "shape": thing.shape,
        "material": thing.material,
        "3d_coords": list(thing.position),
        "rotation": thing.rotation,
        "pixel_coords": list(thing.pixel),
        **thing.extra,
    }


def _relationships_from_json(record: Any, count: int, where: str) -> dict[str, tuple[tuple[int, ...], ...]]:
    """Check that every relation has one row of valid indices for each object."""
    here = f"{where}, 'relationships'"
    for name in RELATIONS:
        rows = _get(record, name, here)
        if not isinstance(rows, list) or len(rows) != count:
            given = f"{len(rows)} rows" if isinstance(rows, list) else _short(rows)
            raise DataError(
                f"{here}: {name!r} has {given}, expected one row for each of the {count} objects."
            )
        for i, row in enumerate(rows):
            if not isinstance(row, list) or any(
                type(j) is not int or not 0 <= j < count or j == i for j in row
            ):
                raise DataError(
                    f"{here}: row {i} of {name!r} is {_short(row)}, expected indices of other objects "
                    f"(0 to {count - 1}, not {i})."
                )
    return {name: tuple(tuple(row) for row in rows) for name, rows in record.items()}


def _get(record: Any, key: str, where: str) -> Any:
    if not isinstance(record, dict):
        raise DataError(f"{where} should be a JSON object, not {_short(record)}.")
    if key not in record:
        raise DataError(f"{where} has no key {key!r}; it has {', '.join(map(repr, record)) or 'none'}.")
    return record[key]


def _typed(record: Any, key: str, kind: type, where: str) -> Any:
    value = _get(record, key, where)
    if type(value) is not kind:
        raise DataError(f"{where}: {key!r} should be of type {kind.__name__}, not {_short(value)}.")
    return value


def _is_number(value: Any) -> bool:
    return type(value) is float or type(value) is int


def _vector(value: Any, where: str) -> Vector:
    if not isinstance(value, Sequence) or len(value) != 3 or not all(map(_is_number, value)):
        raise DataError(f"{where} should be three numbers, not {_short(value)}.")
    return (value[0], value[1], value[2])


def _vectors(value: Any, where: str) -> dict[str, Vector]:
    if not isinstance(value, dict):
        raise DataError(f"{where} should be a JSON object of vectors, not {_short(value)}.")
    return {name: _vector(vector, f"{where}, {name!r}") for name, vector in value.items()}


def _short(value: Any) -> str:
    """A value for an error message, cut to a readable length."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
