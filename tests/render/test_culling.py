import itertools
from dataclasses import replace

import torch

from visreason.clevr.scene import Scene
from visreason.render.culling import Bundles
from visreason.render.shapes import HIT
from visreason.render.vectors import normalize
from visreason.render.world import World, make_world

CPU = torch.device("cpu")
Pair = tuple[int, int]


def bundle_rays(world: World, wander: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """150 bundles of 20 rays a scene that start close together and wander apart."""
    generator = torch.Generator().manual_seed(0)
    groups, each = 150 * len(world), 20
    start = (torch.rand(3, groups, generator=generator) - 0.5) * torch.tensor([[8.0], [8.0], [0.0]])
    start = start + torch.tensor([[0.0], [0.0], [1.5]])
    direction = torch.randn(3, groups, generator=generator) - torch.tensor([[0.0], [0.0], [0.8]])
    group = torch.arange(groups).repeat_interleave(each)
    origin = start[:, group] + 0.1 * torch.randn(3, groups * each, generator=generator)
    spread = wander * torch.randn(3, groups * each, generator=generator)
    return origin, normalize(normalize(direction)[:, group] + spread), group // 150, group


def hits(world: World, origin: torch.Tensor, direction: torch.Tensor, scene: torch.Tensor) -> set[Pair]:
    """All pairs of a ray and an object it hits, the plain way (balls and cubes need no turning here)."""
    found = set()
    for thing in range(len(world.objects)):
        mine = (world.objects.scene_M[thing] == scene).nonzero()[:, 0]
        x = (origin[:, mine] - world.objects.center_3M[:, thing, None]) / world.objects.radius_M[thing]
        t = HIT[int(world.objects.kind_M[thing])](x, direction[:, mine], 12)
        found |= {(int(ray), thing) for ray in mine[t.isfinite()]}
    return found


def test_no_hit_is_culled_however_far_rays_wander(still_life: Scene, scene_of) -> None:
    lonely = scene_of(("small gray metal sphere", 2.0, 2.0), turn=0.0)
    objects = tuple(replace(thing, rotation=0.0) for thing in still_life.objects)
    upright = replace(still_life, objects=objects)
    world = make_world([upright, lonely], CPU)
    for wander in (0.0, 0.05, 0.5, 2.0):
        origin, direction, scene, group = bundle_rays(world, wander)
        pairs = Bundles(origin, scene, group, None, world).meeting(direction)
        kept = set(zip(pairs.ray_Q.tolist(), pairs.object_Q.tolist(), strict=True))
        expected = hits(world, origin, direction, scene)
        assert len(expected) > 100
        assert expected <= kept
        assert len(kept) < 0.5 * origin.shape[1] * 7 / 2, "and most pairs are culled"


def test_pairs_carry_the_rays_from_the_object(still_life: Scene) -> None:
    world = make_world([still_life], CPU)
    origin, direction, scene, group = bundle_rays(world, 0.1)
    pairs = Bundles(origin, scene, group, None, world).meeting(direction)
    expected = origin[:, pairs.ray_Q] - world.objects.center_3M[:, pairs.object_Q]
    assert torch.equal(pairs.offset_3Q, expected)
    assert torch.equal(pairs.direction_3Q, direction[:, pairs.ray_Q])
    seen = torch.cat([index for _, index, _, _ in pairs.bodies(world.objects)])
    assert torch.equal(seen.sort().values, torch.arange(len(pairs.ray_Q)))


def test_an_object_never_meets_its_own_rays(still_life: Scene) -> None:
    world = make_world([still_life], CPU)
    origin, direction, scene, group = bundle_rays(world, 0.1)
    own = torch.full_like(scene, 2)
    pairs = Bundles(origin, scene, group, own, world).meeting(direction)
    assert len(pairs.object_Q) > 0
    assert not (pairs.object_Q == 2).any()


def test_rays_to_a_lamp_keep_what_touches_its_penumbra(still_life: Scene) -> None:
    world = make_world([still_life], CPU)
    generator = torch.Generator().manual_seed(1)
    floor = (torch.rand(3, 3000, generator=generator) - 0.5) * torch.tensor([[8.0], [8.0], [0.0]])
    tile = (floor[0] * 2).floor() * 100 + (floor[1] * 2).floor()
    tile, order = tile.sort(stable=True)
    floor, zero = floor[:, order], torch.zeros(3000, dtype=torch.long)
    group = tile.unique_consecutive(return_inverse=True)[1]
    lamps_L3, radius = world.lamps.location_L3B[:2, :, 0], 0.4
    to_3LP = lamps_L3.T[:, :, None] - floor[:, None]
    blur_LP = radius / to_3LP.norm(dim=0)
    lit_LP = torch.ones(2, 3000, dtype=torch.bool)
    lit_LP[0, ::7] = lit_LP[1, ::5] = False
    pairs = Bundles(floor, zero, group, None, world).shaded(normalize(to_3LP), blur_LP, lit_LP)
    lamp_Q, ray_Q = pairs.ray_Q // 3000, pairs.ray_Q % 3000
    assert set(lamp_Q.tolist()) == {0, 1}
    assert lit_LP[lamp_Q, ray_Q].all()
    kept = set(zip(lamp_Q.tolist(), ray_Q.tolist(), pairs.object_Q.tolist(), strict=True))
    spheres = [i for i in range(len(world.objects)) if int(world.objects.kind_M[i]) == 0]
    for lamp, _, thing in itertools.product((0, 1), range(5), spheres):
        target = lamps_L3[lamp, :, None] + radius * normalize(torch.randn(3, 1, generator=generator))
        x = (floor - world.objects.center_3M[:, thing, None]) / world.objects.radius_M[thing]
        blocked = HIT[0](x, normalize(target - floor), 0).isfinite() & lit_LP[lamp]
        assert {(lamp, int(ray), thing) for ray in blocked.nonzero()[:, 0]} <= kept
