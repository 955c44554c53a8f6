import copy
import re
from collections.abc import Callable
from typing import Any

import pytest

from visreason.clevr.relations import DIRECTIONS
from visreason.clevr.scene import Scene, scene_from_json, scene_to_json
from visreason.errors import DataError
from visreason.files import read_json


def record() -> dict[str, Any]:
    """A small scene in the released form."""
    thing = {"color": "red", "size": "large", "shape": "cube", "material": "metal", "rotation": 12.5}
    return {
        "image_index": 3,
        "image_filename": "CLEVR_val_000003.png",
        "split": "val",
        "objects": [
            thing | {"3d_coords": [0.0, 0.0, 0.7], "pixel_coords": [240, 150, 10.8]},
            thing | {"3d_coords": [2.0, 0.0, 0.7], "pixel_coords": [290, 190, 9.4]},
        ],
        "relationships": {"right": [[1], []], "left": [[], [0]], "front": [[1], []], "behind": [[], [0]]},
        "directions": {name: list(vector) for name, vector in DIRECTIONS.items()},
    }


def test_real_scenes_are_written_back_as_they_were(real_files: Any) -> None:
    for file in real_files.scenes:
        for original in read_json(file)["scenes"]:
            assert scene_to_json(scene_from_json(original)) == original


def test_made_scenes_come_back_with_camera_and_lamps(made_scenes: list[Scene]) -> None:
    for scene in made_scenes:
        again = scene_from_json(scene_to_json(scene))
        assert again == scene
        assert again.camera is not None
        assert set(again.lamps or {}) == {"key", "fill", "back"}


def test_unknown_keys_are_kept() -> None:
    original = record() | {"weather": "dry"}
    original["objects"][0]["bbox"] = [1, 2, 3, 4]
    scene = scene_from_json(original)
    assert scene.extra == {"weather": "dry"}
    assert scene.objects[0].extra == {"bbox": [1, 2, 3, 4]}
    assert scene_to_json(scene) == original


@pytest.mark.parametrize("key", list(record()))
def test_a_missing_key_is_named(key: str) -> None:
    broken = record()
    del broken[key]
    with pytest.raises(DataError, match=f"^scenes.json: scene 3 has no key '{key}'"):
        scene_from_json(broken, "scenes.json: scene 3")


@pytest.mark.parametrize("key", list(record()["objects"][0]))
def test_a_missing_key_of_an_object_is_named(key: str) -> None:
    broken = record()
    del broken["objects"][1][key]
    with pytest.raises(DataError, match=f"object 1 has no key '{key}'"):
        scene_from_json(broken)


def _set(*path: Any) -> Callable[[dict[str, Any]], None]:
    """A change to a record: the last of `path` put at the place that the others lead to."""

    def change(target: Any) -> None:
        for key in path[:-2]:
            target = target[key]
        target[path[-2]] = path[-1]

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_set("objects", {}), "'objects' should be a list"),
        (_set("objects", 0, "cube"), "object 0 should be a JSON object, not 'cube'"),
        (_set("objects", 0, "color", "orange"), "object 0: color is 'orange', expected one of gray, red"),
        (_set("objects", 0, "size", ["large"]), "object 0: size is ['large']"),
        (_set("objects", 0, "rotation", "12"), "object 0: 'rotation' should be a number"),
        (_set("objects", 0, "3d_coords", [1, 2]), "object 0, '3d_coords' should be three numbers"),
        (
            _set("objects", 0, "pixel_coords", [1, 2, None]),
            "object 0, 'pixel_coords' should be three numbers",
        ),
        (_set("objects", 0, "pixel_coords", "123"), "'pixel_coords' should be three numbers"),
        (_set("image_index", "3"), "'image_index' should be of type int"),
        (_set("image_index", True), "'image_index' should be of type int"),
        (_set("image_filename", 3), "'image_filename' should be of type str"),
        (_set("relationships", []), "'relationships' should be a JSON object"),
        (_set("relationships", {"left": [[], []]}), "'relationships' has no key 'right'"),
        (
            _set("relationships", "left", [[]]),
            "'left' has 1 rows, expected one row for each of the 2 objects",
        ),
        (_set("relationships", "left", None), "'left' has None"),
        (_set("relationships", "left", 1, [2]), "row 1 of 'left' is [2], expected indices of other objects"),
        (_set("relationships", "left", 1, [1]), "row 1 of 'left' is [1]"),
        (_set("relationships", "left", 1, [-1]), "row 1 of 'left' is [-1]"),
        (_set("directions", [1, 2]), "'directions' should be a JSON object"),
        (_set("directions", "left", [1]), "'directions', 'left' should be three numbers"),
        (_set("camera", [1.0]), "'camera' should be three numbers"),
        (_set("lamps", {"key": 1}), "'lamps', 'key' should be three numbers"),
    ],
)
def test_a_wrong_value_is_named(change: Callable[[dict[str, Any]], None], message: str) -> None:
    broken = copy.deepcopy(record())
    change(broken)
    with pytest.raises(DataError, match=re.escape(message)):
        scene_from_json(broken)


@pytest.mark.parametrize("value", [None, [], "scene", 3])
def test_what_is_no_object_is_refused(value: Any) -> None:
    with pytest.raises(DataError, match="should be a JSON object"):
        scene_from_json(value)


def test_long_values_are_cut_in_messages() -> None:
    broken = record() | {"objects": "x" * 10_000}
    with pytest.raises(DataError) as caught:
        scene_from_json(broken)
    assert len(str(caught.value)) < 200
