import math

import pytest
import torch

from visreason.clevr.attributes import PALETTE
from visreason.clevr.lamps import FILL, KEY, SUN
from visreason.clevr.scene import Scene
from visreason.render.shapes import CUBE, SPHERE
from visreason.render.world import make_world, per_point

CPU = torch.device("cpu")


def test_objects_lie_in_a_row_and_slots_find_them(scene_of) -> None:
    one = scene_of(("large red metal cube", 1.0, 2.0))
    two = scene_of(("small gray rubber sphere", 0.0, 0.0), ("small cyan rubber cylinder", -2.0, 1.0))
    world = make_world([one, scene_of(), two], CPU)
    assert world.slot_NB.T.tolist() == [[0, -1], [-1, -1], [1, 2]]
    assert world.objects.scene_M.tolist() == [0, 2, 2]
    assert world.objects.kind_M.tolist()[:2] == [CUBE, SPHERE]
    assert world.objects.metal_M.tolist() == [True, False, False]
    torch.testing.assert_close(world.objects.center_3M[:, 0], torch.tensor([1.0, 2.0, 0.7]))
    torch.testing.assert_close(world.objects.color_3M[:, 0] * 255, torch.tensor(PALETTE["red"]).float())
    assert world.by_slot(world.objects.radius_M).T.tolist() == [
        [pytest.approx(0.7), 0],
        [0, 0],
        [pytest.approx(0.35), pytest.approx(0.35)],
    ]


def test_rotation_is_taken_as_radians(scene_of) -> None:
    world = make_world([scene_of(("large red metal cube", 0.0, 0.0), turn=300.0)], CPU)
    assert float(world.objects.cos_M) == pytest.approx(math.cos(300.0), abs=1e-5)


def test_a_world_of_empty_scenes_has_no_objects(scene_of) -> None:
    world = make_world([scene_of(), scene_of()], CPU)
    assert (len(world), len(world.objects)) == (2, 0)
    assert world.by_slot(world.objects.center_3M).shape == (3, 1, 2)


def test_lamps_stand_where_the_scene_says(scene_of) -> None:
    moved = scene_of(lamps={"key": (1.0, 2.0, 3.0)})
    lamps = make_world([scene_of(), moved], CPU).lamps
    torch.testing.assert_close(lamps.location_L3B[0].T, torch.tensor([KEY.location, (1.0, 2.0, 3.0)]))
    torch.testing.assert_close(lamps.location_L3B[1, :, 1], torch.tensor(FILL.location))
    torch.testing.assert_close(lamps.facing_L3B.norm(dim=1), torch.ones(4, 2))
    assert (lamps.right_L3B[:, 2] == 0).all()
    assert ((lamps.facing_L3B * lamps.right_L3B).sum(1).abs() < 1e-6).all()


def test_the_sun_sends_its_irradiance_from_its_direction(scene_of) -> None:
    lamps = make_world([scene_of()], CPU).lamps
    location = lamps.location_L3B[3, :, 0]
    solid = lamps.area_L[3] / location.norm() ** 2
    assert float(solid * lamps.radiance_3L[0, 3]) == pytest.approx(SUN.irradiance, rel=1e-3)
    torch.testing.assert_close(location / location.norm(), torch.tensor(SUN.direction), atol=1e-5, rtol=0)


def test_per_point_picks_the_scenes_column() -> None:
    table, scene = torch.randn(2, 3, 4), torch.tensor([3, 0, 0, 2])
    assert torch.equal(per_point(table, scene), table[..., scene])
    assert per_point(table[..., :1], torch.zeros(5, dtype=torch.long)).shape == (2, 3, 1)


def test_scenes_without_a_camera_have_it_recovered(shared) -> None:
    from visreason.clevr.scenes_file import read_scenes

    scenes = read_scenes(shared / "data" / "clevr_real" / "scenes" / "CLEVR_train_scenes.json")[:3]
    assert all(isinstance(scene, Scene) and scene.camera is None for scene in scenes)
    cameras = make_world(scenes, CPU).camera_3B
    assert (cameras - torch.tensor([[7.481132], [-6.50764], [5.343665]])).abs().max() <= 0.5001
