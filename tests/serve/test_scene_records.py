from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.camera import BASE_CAMERA
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene, scene_to_json
from visreason.clevr.visibility import visible_pixels
from visreason.errors import DataError
from visreason.serve.scene_records import check_scene, record_of, scene_of
from visreason.serve.schemas import scenes as schemas
from visreason.serve.schemas.scenes import SceneRecord


def thing(x: float, y: float, **own: Any) -> dict[str, Any]:
    red = {"color": "red", "size": "small", "shape": "cube", "material": "metal"}
    return {**red, "3d_coords": [x, y], **own}


def made(*things: dict[str, Any], **own: Any) -> Scene:
    return scene_of(SceneRecord.model_validate({"objects": list(things), **own}))


def test_the_words_of_the_schema_are_those_of_the_world() -> None:
    for name, words in ATTRIBUTES.items():
        assert set(get_args(getattr(schemas, name.capitalize()))) == set(words)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_a_scene_travels_and_stays_the_same(seed: int) -> None:
    scene = sample_scene(scene_rng(seed, "val", 0), 0, "val")
    assert scene_of(record_of(scene)) == scene


def test_a_scene_without_a_camera_gets_its_own_from_its_depths(scene: Scene) -> None:
    record = scene_to_json(scene)
    del record["camera"]
    assert scene_of(SceneRecord.model_validate(record)).camera == pytest.approx(scene.camera)


def test_objects_alone_are_enough() -> None:
    scene = made(thing(0, 0), thing(1.5, 1.5, size="large"))
    assert scene.camera == BASE_CAMERA
    assert [one.position[2] for one in scene.objects] == [0.35, 0.7]
    assert scene.relationships["right"] == ((1,), ())
    assert scene.objects[0].pixel[:2] == pytest.approx((240, 145), abs=1)


def test_what_contradicts_the_places_is_ignored(scene: Scene) -> None:
    record = scene_to_json(scene)
    record["relationships"] = {"left": [[5, 5]]}
    record["directions"] = {"left": [9.0]}
    record["objects"][0]["3d_coords"][2] = 4
    assert scene_of(SceneRecord.model_validate(record)) == scene


def test_a_camera_elsewhere_is_refused() -> None:
    with pytest.raises(DataError, match="at most 2 from CLEVR's"):
        made(thing(0, 0), camera=[0, 0, 9])


def test_a_sampled_scene_is_valid_and_knows_what_shows(scene: Scene) -> None:
    found = check_scene(scene)
    assert found.valid
    assert found.visible == visible_pixels(scene).tolist()
    assert [] == found.overlaps == found.close == found.unclear == found.outside == found.occluded
    for box, pixels in zip(found.boxes, found.visible, strict=True):
        assert box is not None
        assert box[2] * box[3] >= pixels


def test_every_fault_is_named_with_its_objects() -> None:
    found = check_scene(made(thing(0, 0), thing(0.3, 0.3), thing(-2, 2), thing(-1.2, 1.5), thing(3.5, 0)))
    assert not found.valid
    assert [(pair.first, pair.second) for pair in found.overlaps] == [(0, 1)]
    assert found.overlaps[0].distance == pytest.approx(2**0.5 * 0.3 - 0.7, abs=1e-3)
    assert [(pair.first, pair.second) for pair in found.close] == [(2, 3)]
    assert (0, 1) in [(pair.first, pair.second) for pair in found.unclear]
    assert found.outside == [4]


def test_what_hides_behind_another_is_told() -> None:
    found = check_scene(made(thing(1, -1, size="large"), thing(-0.1, 0, size="small", shape="sphere")))
    assert found.occluded == [1]
    assert found.visible[1] < 200 < found.visible[0]


def test_an_empty_scene_is_a_scene() -> None:
    assert check_scene(made()).valid
