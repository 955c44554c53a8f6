import itertools
from dataclasses import replace

import numpy as np
import pytest

from visreason.clevr.attributes import PALETTE, RADIUS, SHAPES
from visreason.clevr.camera import BASE_CAMERA, CAMERA_JITTER, HEIGHT, WIDTH, project
from visreason.clevr.lamps import AREA_LAMPS, LAMP_JITTER
from visreason.clevr.packed import draw_jitter, pack_scene
from visreason.clevr.relations import relationships
from visreason.clevr.sampling import EXTENT
from visreason.clevr.scene import Scene


def test_every_object_keeps_what_is_drawn(made_scenes: list[Scene]) -> None:
    for scene in made_scenes:
        packed = pack_scene(scene)
        assert scene.camera is not None
        assert scene.lamps is not None
        np.testing.assert_allclose(packed.camera_3, scene.camera, rtol=1e-6)
        np.testing.assert_allclose(
            packed.lamps_L3, [scene.lamps[lamp.name] for lamp in AREA_LAMPS], rtol=1e-6
        )
        for thing, row in zip(scene.objects, packed.objects_MK.tolist(), strict=True):
            assert row[:4] == pytest.approx((*thing.position, RADIUS[thing.size]))
            assert np.cos(row[4]) == pytest.approx(np.cos(thing.rotation), abs=1e-4)
            assert tuple(row[5:8]) == PALETTE[thing.color]
            assert (SHAPES[int(row[8])], row[9] == 1) == (thing.shape, thing.material == "metal")


def test_an_empty_scene_has_no_rows(made_scenes: list[Scene]) -> None:
    assert pack_scene(replace(made_scenes[0], objects=())).objects_MK.shape == (0, 10)


def test_jitter_fills_clevrs_range_and_no_more() -> None:
    cameras_S3, lamps_SL3 = draw_jitter(seed=1, epoch=2, scenes=2000)
    base_L3 = np.array([lamp.location for lamp in AREA_LAMPS])
    for moved, reach in (
        (cameras_S3 - np.array(BASE_CAMERA), CAMERA_JITTER),
        (lamps_SL3 - base_L3, LAMP_JITTER),
    ):
        assert np.abs(moved).max() <= reach + 1e-5
        assert np.abs(moved).max(axis=0).min() > 0.98 * reach
        assert np.abs(moved.mean(axis=0)).max() < 0.1 * reach


def test_jitter_depends_on_seed_and_epoch_and_is_another_for_every_scene() -> None:
    cameras_S3, _ = draw_jitter(3, 4, 50)
    assert len(np.unique(cameras_S3, axis=0)) == 50
    assert not np.array_equal(cameras_S3, draw_jitter(3, 5, 50)[0])
    assert not np.array_equal(cameras_S3, draw_jitter(4, 4, 50)[0])


def test_no_camera_of_the_range_loses_an_object() -> None:
    reach = (-CAMERA_JITTER, 0.0, CAMERA_JITTER)
    corners = list(itertools.product((-EXTENT, EXTENT), (-EXTENT, EXTENT), RADIUS.values()))
    for offset in itertools.product(reach, repeat=3):
        x, y, depth = project(corners, tuple(np.add(BASE_CAMERA, offset))).T
        assert x.min() > 0
        assert x.max() < WIDTH
        assert y.min() > 0
        assert y.max() < HEIGHT
        assert depth.min() > 0


def test_relations_do_not_ask_where_the_camera_stands(made_scenes: list[Scene]) -> None:
    for scene in made_scenes:
        places = [tuple(row[:3]) for row in pack_scene(scene).objects_MK.astype(float).tolist()]
        assert relationships(places) == scene.relationships
