import pytest
import torch

from visreason.clevr.scene import Scene
from visreason.render import shapes
from visreason.render.camera import camera_rays, make_lens
from visreason.render.tracing import FLOOR, NOTHING, Rays, nearest, normals
from visreason.render.world import World, make_world

CPU = torch.device("cpu")


def view(world: World, width: int = 90, height: int = 60) -> Rays:
    y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    zero = torch.zeros(width * height, dtype=torch.long)
    row = torch.arange(height).repeat_interleave(width)
    return camera_rays(
        make_lens(width, height, "stretch"), world.camera_3B, zero, row, x.flatten(), y.flatten()
    )


def test_the_nearest_hit_is_the_least_of_all_objects_and_the_floor(still_life: Scene) -> None:
    world = make_world([still_life], CPU)
    rays = view(world)
    hits = nearest(rays, world, 12, 7)
    empty = nearest(rays, make_world([Scene((), {}, {}, 0, "", "val", still_life.camera)], CPU), 12, 7)
    best, owner = empty.distance_P.clone(), empty.object_P.clone()
    objects = world.objects
    for thing in range(len(objects)):
        x = rays.origin_3P - objects.center_3M[:, thing, None]
        turn = torch.tensor(
            [
                [objects.cos_M[thing], objects.sin_M[thing], 0],
                [-objects.sin_M[thing], objects.cos_M[thing], 0],
                [0, 0, 1],
            ]
        )
        radius = objects.radius_M[thing]
        t = shapes.HIT[int(objects.kind_M[thing])](turn @ x / radius, turn @ rays.direction_3P, 12) * radius
        closer = t < best
        best, owner = torch.where(closer, t, best), torch.where(closer, thing, owner)
    assert set(hits.object_P.tolist()) == {FLOOR, 0, 1, 2, 3, 4, 5}
    assert (hits.object_P == owner).float().mean() > 0.998
    same = hits.object_P == owner
    torch.testing.assert_close(hits.distance_P[same], best[same], atol=2e-3, rtol=0)


def test_normals_face_the_viewer_and_change_over_the_surface(still_life: Scene) -> None:
    world = make_world([still_life], CPU)
    rays = view(world)
    hits = nearest(rays, world, 12, 7)
    index = (hits.object_P >= 0).nonzero()[:, 0]
    at = hits.ends(rays, index)
    n = normals(at, hits.object_P[index], world)
    torch.testing.assert_close(n.norm(dim=0), torch.ones(len(index)), atol=1e-4, rtol=0)
    assert ((n * rays.direction_3P[:, index]).sum(0) < 0.02).float().mean() > 0.99
    cube = hits.object_P[index] == 0
    level = n[:2, cube][:, n[2, cube].abs() < 0.01]
    turned = torch.atan2(level[1], level[0]) - 0.4
    quarter = turned / (torch.pi / 2)
    assert ((quarter - quarter.round()).abs() < 0.02).float().mean() > 0.6, (
        "faces of the cube are turned by 0.4"
    )


def test_rays_know_where_they_end_and_can_be_chosen(still_life: Scene) -> None:
    world = make_world([still_life], CPU)
    rays = view(world, 12, 8)
    hits = nearest(rays, world, 9, 6)
    index = torch.tensor([0, 5, 17])
    some = rays.take(index)
    assert torch.equal(some.direction_3P, rays.direction_3P[:, index])
    expected = rays.origin_3P + rays.direction_3P * hits.distance_P
    torch.testing.assert_close(hits.ends(rays, index), expected[:, index])


def test_a_ray_into_the_dark_hits_nothing(still_life: Scene) -> None:
    world = make_world([still_life], CPU)
    zero = torch.zeros(1, dtype=torch.long)
    hits = nearest(
        Rays(torch.tensor([[0.0], [0.0], [4.0]]), torch.tensor([[0.0], [0.0], [1.0]]), zero, zero),
        world,
        5,
        5,
    )
    assert hits.object_P.tolist() == [NOTHING]
    assert hits.distance_P.tolist() == [pytest.approx(float("inf"))]
