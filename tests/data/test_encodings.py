from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.relations import DIRECTIONS, relationships
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene, SceneObject, scene_from_json
from visreason.data.encodings import (
    ATTRIBUTE_TARGETS,
    PUBLISHED_VALUES,
    attribute_targets,
    encode_scene,
    object_size,
)
from visreason.errors import DataError, UsageError
from visreason.files import read_json


def scene(*words: tuple[str, str, str, str]) -> Scene:
    """A scene of objects of (color, size, shape, material)."""
    objects = tuple(SceneObject(*each, (0.5, -1.0, 0.7), 0.0, (0.0, 0.0, 9.0)) for each in words)
    return Scene(objects, {}, {}, 4, "CLEVR_val_000004.png", "val")


RED_BALL = ("red", "large", "sphere", "metal")
CYAN_CUBE = ("cyan", "small", "cube", "rubber")


def test_the_published_numbers(shared: Path) -> None:
    """The reference's `ClevrDatasetStateDescription` on the scenes of the first eight questions."""
    record: dict[str, Any] = read_json(shared / "fixtures" / "rn_sd_data.json")
    scenes = {}
    for each in record["val_scenes"]:
        places = [thing["3d_coords"] for thing in each["objects"]]
        relations = {name: [list(row) for row in rows] for name, rows in relationships(places).items()}
        whole = each | {"directions": {k: list(v) for k, v in DIRECTIONS.items()}, "relationships": relations}
        scenes[each["image_index"]] = scene_from_json(whole, "fixture")
    with np.load(shared / "fixtures" / "rn_sd_inputs.npz") as fixture:
        for row, question in enumerate(record["val_questions"][:8]):
            objects, mask = encode_scene(scenes[question["image_index"]], "ordinal", max_objects=12)
            np.testing.assert_allclose(objects, fixture["objects"][row], rtol=1e-6)
            assert mask.sum() == fixture["n_objects"][row]
            assert not objects[~mask].any()


def test_onehot() -> None:
    objects, mask = encode_scene(scene(RED_BALL, CYAN_CUBE), "onehot", max_objects=3)
    assert objects.shape == (3, 18)
    assert objects.dtype == np.float32
    assert mask.tolist() == [True, True, False]
    assert objects[0, :3].tolist() == pytest.approx([0.5, -1.0, 0.7])
    assert objects[1, 3:].tolist() == [1] + [0] * 7 + [1, 0] + [0, 1, 0] + [0, 1]
    assert (objects[:2, 3:].sum(axis=1) == 4).all()


def test_both_encodings_say_the_same() -> None:
    world = sample_scene(scene_rng(0, "val", 3), 3, "val")
    (ordinal, _), (onehot, _) = (encode_scene(world, kind, 10) for kind in ("ordinal", "onehot"))  # type: ignore[arg-type]
    np.testing.assert_array_equal(ordinal[:, :3], onehot[:, :3])
    parts = np.split(onehot[: len(world), 3:], [8, 10, 13], axis=1)
    np.testing.assert_array_equal(
        np.stack([part.argmax(1) + 1 for part in parts], 1), ordinal[: len(world), 3:]
    )


def test_the_values_are_clevrs() -> None:
    assert {name: set(values) for name, values in PUBLISHED_VALUES.items()} == {
        name: set(values) for name, values in ATTRIBUTES.items()
    }


def test_too_many_objects() -> None:
    with pytest.raises(DataError, match=r"scene 4 \(CLEVR_val_000004\.png\) has 2 objects.*room for 1"):
        encode_scene(scene(RED_BALL, CYAN_CUBE), "onehot", max_objects=1)


def test_an_unknown_encoding() -> None:
    with pytest.raises(UsageError, match="'binary'; choose one of ordinal, onehot"):
        object_size("binary")  # type: ignore[arg-type]


def test_attribute_targets() -> None:
    assert len(ATTRIBUTE_TARGETS) == 15
    assert [value for _, value in ATTRIBUTE_TARGETS[:4]] == ["rubber", "metal", "cyan", "blue"]
    present = attribute_targets(scene(RED_BALL, CYAN_CUBE, RED_BALL))
    found = {value for (_, value), there in zip(ATTRIBUTE_TARGETS, present, strict=True) if there}
    assert found == {"red", "large", "sphere", "metal", "cyan", "small", "cube", "rubber"}
    assert not attribute_targets(scene()).any()
