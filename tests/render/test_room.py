import pytest
import torch

from visreason.render import sweep
from visreason.render.room import ALL, INDIRECT, empty_room, light_room
from visreason.render.world import make_world

CPU = torch.device("cpu")


def test_the_solution_is_the_sum_of_all_bounces() -> None:
    bounce = empty_room(CPU).bounce_KK
    single = bounce @ torch.linalg.inv(torch.eye(len(bounce)) + bounce)
    light = torch.rand(len(bounce), 1, generator=torch.Generator().manual_seed(0))
    total, wave = torch.zeros_like(light), light
    for _ in range(12):
        wave = single @ wave
        total = total + wave
    torch.testing.assert_close(bounce @ light, total, rtol=1e-3, atol=1e-4)


def test_no_patch_gives_more_than_it_gets() -> None:
    bounce = empty_room(CPU).bounce_KK
    assert (bounce > -1e-6).all()
    closed = sweep.REFLECTANCE / (1 - sweep.REFLECTANCE)
    assert bounce.sum(1).max() < closed, "an open room reflects less than a closed one"


def test_light_adds_up_and_every_scene_has_its_own(scene_of) -> None:
    near = {"key": (4.0, -2.0, 3.0)}
    light = light_room(make_world([scene_of(), scene_of(lamps=near)], CPU))
    points = torch.tensor([[0.0, 2.0], [0.0, 1.0], [0.0, 0.0]])
    scenes = [light.at(points, torch.full((2,), scene), ALL) for scene in (0, 1)]
    assert (scenes[1] > scenes[0]).all(), "a nearer lamp is brighter"
    alone = light_room(make_world([scene_of(lamps=near)], CPU))
    torch.testing.assert_close(alone.at(points, torch.zeros(2, dtype=torch.long), ALL), scenes[1])


def test_the_wall_lights_the_floor_before_it_most(scene_of) -> None:
    light = light_room(make_world([scene_of()], CPU))
    x = torch.tensor([-18.0, -10.0, -4.0])
    at = sweep.from_floor(x, torch.full((3,), -26.0))
    indirect = light.at(at, torch.zeros(3, dtype=torch.long), INDIRECT)[1]
    assert indirect[0] < indirect[1] < indirect[2]
    total = light.at(at, torch.zeros(3, dtype=torch.long), ALL)[1]
    assert (indirect < total).all()
    assert float(indirect[1] / total[1]) == pytest.approx(0.1, abs=0.09), "a small part of all light"
