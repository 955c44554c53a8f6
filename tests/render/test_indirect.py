import torch

from visreason.clevr.scene import Scene
from visreason.render import sweep
from visreason.render.indirect import EXTENT, fan, indirect_light
from visreason.render.lighting import Points
from visreason.render.room import ALL, INDIRECT
from visreason.render.tracing import Rays
from visreason.render.vectors import normalize
from visreason.render.world import make_world

CPU = torch.device("cpu")


def on_floor(places: list[tuple[float, float]]) -> torch.Tensor:
    x, y = torch.tensor(places).T
    return torch.stack((x, y, sweep.height(x, y)))


def zeros(count: int) -> torch.Tensor:
    return torch.zeros(count, dtype=torch.long)


def test_the_map_goes_over_into_the_room_without_a_step(scene_of) -> None:
    light = indirect_light(make_world([scene_of()], CPU))
    inside = light.on_floor(on_floor([(-EXTENT + 0.01, 0.0), (0.0, EXTENT - 0.01)]), zeros(2), ALL)
    outside = light.on_floor(on_floor([(-EXTENT - 0.01, 0.0), (0.0, EXTENT + 0.01)]), zeros(2), ALL)
    torch.testing.assert_close(inside, outside, rtol=0.15, atol=0)


def test_the_floor_is_dark_in_a_shadow_and_tinted_beside_an_object(scene_of) -> None:
    empty = indirect_light(make_world([scene_of()], CPU))
    light = indirect_light(make_world([scene_of(("large red rubber cube", 0.0, 0.0))], CPU))
    shadow, aside = on_floor([(-1.6, 0.75)]), on_floor([(1.0, -0.6)])
    there = light.on_floor(shadow, zeros(1), ALL) / empty.on_floor(shadow, zeros(1), ALL)
    assert (there < 0.9).all(), "the key lamp stands opposite"
    tint = light.on_floor(aside, zeros(1), INDIRECT) / empty.on_floor(aside, zeros(1), INDIRECT)
    assert float(tint[0]) > 1.05
    assert float(tint[0] / tint[2]) > 1.1


def test_what_faces_the_lit_floor_gets_more_indirect_light(scene_of) -> None:
    light = indirect_light(make_world([scene_of(("large gray rubber sphere", 0.0, 0.0))], CPU))
    n = torch.tensor([[0.0, 0.0], [0.0, 0.0], [1.0, -0.9]]) + torch.tensor([[0.3], [0.3], [0.0]])
    n = normalize(n)
    at = n * 0.7 + torch.tensor([[0.0], [0.0], [0.7]])
    top, below = light.ambient(at, n, zeros(2)).mean(0)
    assert below > 2 * top
    assert below > 0


def test_a_neighbour_tints_an_object(scene_of) -> None:
    pair = (("large gray rubber cube", 0.0, 0.0), ("large green rubber cube", 1.7, 0.0))
    light = indirect_light(make_world([scene_of(*pair, turn=0.0)], CPU))
    at, n = torch.tensor([[0.7], [0.0], [0.9]]), torch.tensor([[1.0], [0.0], [0.0]])
    red, green, _ = light.ambient(at, n, zeros(1))[:, 0]
    assert green > red


def test_rays_see_matte_floor_objects_and_the_dark(still_life: Scene) -> None:
    world = make_world([still_life], CPU)
    light = indirect_light(world)
    origin = torch.tensor([0.0, 0.0, 4.0])[:, None].expand(3, 3)
    target = torch.stack(
        (torch.tensor([4.0, -4.0, 0.0]), world.objects.center_3M[:, 0], torch.tensor([0.0, 0.0, 9.0]))
    )
    seen = light.seen(Rays(origin, normalize(target.T - origin), zeros(3), torch.arange(3)))
    floor = light.on_floor(on_floor([(4.0, -4.0)]), zeros(1), ALL)[:, 0] * sweep.REFLECTANCE / torch.pi
    torch.testing.assert_close(seen[:, 0], floor, rtol=0.02, atol=1e-3)
    assert seen[0, 1] > 1.5 * seen[1, 1], "the cube is red"
    assert seen[:, 2].tolist() == [0, 0, 0]


def test_a_fan_starts_where_its_points_are() -> None:
    at, n = torch.randn(3, 4), normalize(torch.randn(3, 4))
    points = Points(at, n, torch.tensor([0, 0, 1, 1]), zeros(4), torch.tensor([0, 1, 2, 3]))
    direction = torch.randn(3, 4, 5)
    rays = fan(points, direction)
    assert torch.equal(rays.origin_3P.reshape(3, 4, 5), at[..., None].expand(3, 4, 5))
    assert torch.equal(rays.direction_3P.reshape(3, 4, 5), direction)
    assert rays.scene_P.tolist() == [0] * 10 + [1] * 10
    assert rays.group_P.unique_consecutive().tolist() == [0, 1, 2, 3]
    assert rays.own_P is not None
    assert rays.own_P.tolist() == [i for i in range(4) for _ in range(5)]
