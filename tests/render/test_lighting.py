import math

import pytest
import torch

from visreason.clevr.lamps import AREA_LAMPS, SUN
from visreason.clevr.scene import Scene
from visreason.render.lighting import Points, beams, irradiance
from visreason.render.tracing import Rays, nearest
from visreason.render.vectors import normalize
from visreason.render.world import World, make_world

CPU = torch.device("cpu")


def floor(count: int = 400, extent: float = 4.0) -> Points:
    place = (torch.rand(2, count, generator=torch.Generator().manual_seed(0)) - 0.5) * 2 * extent
    at = torch.cat((place, torch.full((1, count), 0.03)))
    up = torch.tensor([[0.0], [0.0], [1.0]]).expand(3, count)
    number = torch.arange(count)
    return Points(at, up, torch.zeros(count, dtype=torch.long), number)


def lamp_points(world: World, lamp: int, count: int) -> torch.Tensor:
    """Points spread over a lamp: a square, or the sun's disc."""
    generator = torch.Generator().manual_seed(lamp)
    a, b = torch.rand(2, count, generator=generator)
    location, facing = world.lamps.location_L3B[lamp], world.lamps.facing_L3B[lamp]
    right = world.lamps.right_L3B[lamp]
    up = torch.linalg.cross(right, facing, dim=0)
    if lamp == 3:
        radius = world.lamps.disc_L[lamp] * a.sqrt()
        return location + radius * (right * torch.cos(2 * math.pi * b) + up * torch.sin(2 * math.pi * b))
    size = world.lamps.area_L[lamp].sqrt()
    return location + size * (right * (a - 0.5) + up * (b - 0.5))


def sampled(points: Points, world: World, lamp: int, shadows: bool, count: int = 256) -> torch.Tensor:
    """Irradiance from one lamp by summing over points of it, the plain way."""
    total = torch.zeros(points.at_3P.shape[1])
    facing = world.lamps.facing_L3B[lamp]
    for at in lamp_points(world, lamp, count).T[..., None]:
        to = at - points.at_3P
        toward = normalize(to)
        weight = (points.normal_3P * toward).sum(0).clamp_min(0) * (-(toward * facing).sum(0)).clamp_min(0)
        weight = weight * world.lamps.area_L[lamp] / (to * to).sum(0)
        if shadows:
            rays = Rays(points.at_3P, toward, points.scene_P, points.group_P)
            weight = weight * (nearest(rays, world, 8, 0).object_P < 0)
        total += weight / count
    return total * world.lamps.radiance_3L[0, lamp]


@pytest.mark.parametrize("lamp", range(4))
def test_unshadowed_light_agrees_with_integrating_the_lamp(lamp: int, scene_of) -> None:
    world, points = make_world([scene_of()], CPU), floor()
    found = irradiance([beams(points, world)[lamp]])[0]
    torch.testing.assert_close(found, sampled(points, world, lamp, False), rtol=0.02, atol=1e-4)


@pytest.mark.parametrize("lamp", range(4))
def test_soft_shadows_agree_with_sampling_the_lamp(lamp: int, still_life: Scene) -> None:
    world, points = make_world([still_life], CPU), floor()
    found = irradiance([beams(points, world)[lamp]])[0]
    clear = irradiance([beams(points, world, shadows=False)[lamp]])[0]
    expected = sampled(points, world, lamp, True, 64)
    apart = points.at_3P[:2, :, None] - world.objects.center_3M[:2, None]
    outside = (apart.norm(dim=0) > 1.45 * world.objects.radius_M).all(1)
    error = ((found - expected) / clear).abs()[outside]
    assert (expected < 0.5 * clear)[outside].sum() > 4
    assert float(error.mean()) < 0.02
    assert (error < 0.2).float().mean() > 0.97


def test_the_sun_alone_lights_the_floor_by_its_cosine(scene_of) -> None:
    found = irradiance([beams(floor(), make_world([scene_of()], CPU))[3]])
    assert float(found.mean()) == pytest.approx(SUN.irradiance * SUN.direction[2], rel=0.01)


def test_lamps_shine_to_one_side_and_only_on_what_faces_them(scene_of) -> None:
    world = make_world([scene_of()], CPU)
    behind = torch.tensor(AREA_LAMPS[0].location)[:, None] * 1.5
    up, zero = torch.tensor([[0.0], [0.0], [1.0]]), torch.zeros(1, dtype=torch.long)
    assert float(beams(Points(behind, up, zero, zero), world)[0].solid_P) == 0
    under = Points(torch.zeros(3, 1), -up, zero, zero)
    assert float(irradiance(beams(under, world)).abs().max()) == 0


def test_an_object_does_not_shade_its_own_lit_side(scene_of) -> None:
    world = make_world([scene_of(("large red metal cube", 0.0, 0.0))], CPU)
    top = Points(
        torch.tensor([[0.0], [0.0], [1.4]]),
        torch.tensor([[0.0], [0.0], [1.0]]),
        torch.zeros(1, dtype=torch.long),
        torch.zeros(1, dtype=torch.long),
        torch.zeros(1, dtype=torch.long),
    )
    torch.testing.assert_close(irradiance(beams(top, world)), irradiance(beams(top, world, shadows=False)))


def test_part_of_a_beam_is_that_part(still_life: Scene) -> None:
    beam = beams(floor(), make_world([still_life], CPU))[0]
    index = torch.tensor([4, 2])
    assert torch.equal(beam.take(index).solid_P, beam.solid_P[index])
    assert torch.equal(beam.take(index).toward_3P, beam.toward_3P[:, index])
