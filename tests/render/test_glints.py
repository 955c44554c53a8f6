import pytest
import torch

from visreason.clevr.lamps import AREA_LAMPS, SUN
from visreason.render.glints import mirrored_lamps
from visreason.render.tracing import Rays
from visreason.render.vectors import normalize
from visreason.render.world import World, make_world

FAR = torch.tensor([torch.inf])


@pytest.fixture
def world(scene_of) -> World:
    return make_world([scene_of()], torch.device("cpu"))


def ray(target: torch.Tensor) -> Rays:
    zero = torch.zeros(1, dtype=torch.long)
    return Rays(torch.zeros(3, 1), normalize(target[:, None]), zero, zero)


@pytest.mark.parametrize("lamp", range(3))
def test_a_mirror_shows_a_lamp_as_bright_as_it_is(world: World, lamp: int) -> None:
    area = AREA_LAMPS[lamp]
    seen = mirrored_lamps(ray(torch.tensor(area.location)), FAR, world)[:, 0]
    expected = area.radiance * torch.tensor(area.color)
    share = seen / expected
    torch.testing.assert_close(share, share.mean().expand(3), rtol=1e-3, atol=0)
    assert 0.5 < float(share.mean()) <= 1, "roughness takes some of a small lamp's light from its centre"
    beside = torch.tensor(area.location) + torch.tensor([0.0, 0.0, 3.0])
    assert float(mirrored_lamps(ray(beside), FAR, world)[0]) < 0.04 * float(expected[0])


def test_the_sun_is_seen_only_where_nothing_ends_the_ray(world: World) -> None:
    sun = ray(torch.tensor(SUN.direction))
    assert float(mirrored_lamps(sun, FAR, world)[0]) > 5
    assert float(mirrored_lamps(sun, torch.tensor([100.0]), world)[0]) < 0.1


def test_what_ends_the_ray_hides_the_lamp_behind_it(world: World) -> None:
    key = ray(torch.tensor(AREA_LAMPS[0].location))
    assert float(mirrored_lamps(key, torch.tensor([7.0]), world)[0]) < 0.1
    assert float(mirrored_lamps(key, torch.tensor([9.0]), world)[0]) > 50


def test_the_square_has_edges_half_as_bright(world: World) -> None:
    right = world.lamps.right_L3B[2, :, 0]
    at = torch.tensor(AREA_LAMPS[2].location)
    middle, edge = (float(mirrored_lamps(ray(at + s * right), FAR, world)[0]) for s in (0.0, 0.5))
    assert edge / middle == pytest.approx(0.5, abs=0.05)
