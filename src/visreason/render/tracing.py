"""Which rays meet which objects: candidate pairs by bounding balls, then the nearest hit.

Nothing loops over objects: a ray and an object that may meet make a pair, and all pairs of a batch of scenes are
treated at once, one shape after the other. Shapes: P rays or points, Q pairs, N object slots of a scene, B scenes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from visreason.render import shapes, sweep
from visreason.render.vectors import dot, spin
from visreason.render.world import CUBE, CYLINDER, SPHERE, Objects, World, per_point

FLOOR, NOTHING = -1, -2


@dataclass(frozen=True, slots=True)
class Rays:
    """Rays of a batch of scenes.

    Attributes:
        origin_3P: where they start; one column a scene where all rays of a scene start together.
        direction_3P: unit vectors.
        scene_P: the scene of each.
        own_P: the object each starts from, which it cannot meet again as every object is convex; -1 for none.
    """

    origin_3P: Tensor
    direction_3P: Tensor
    scene_P: Tensor
    own_P: Tensor | None = None

    def take(self, index: Tensor) -> "Rays":
        """Some of the rays."""
        origin = self.origin_3P.expand_as(self.direction_3P)
        own = None if self.own_P is None else self.own_P[index]
        return Rays(origin[:, index], self.direction_3P[:, index], self.scene_P[index], own)


@dataclass(frozen=True, slots=True)
class Hits:
    """Where rays end.

    Attributes:
        distance_P: along the ray, infinite for `NOTHING`.
        object_P: row of the object, `FLOOR` or `NOTHING`.
    """

    distance_P: Tensor
    object_P: Tensor


def bounds(world: World) -> Tensor:
    """Radius of the ball around every object, [M]."""
    reach = torch.tensor(shapes.BOUND, device=world.slot_NB.device)
    return world.objects.radius_M * reach[world.objects.kind_M]


def slots(values_M: Tensor, world: World, empty: float = 0.0) -> Tensor:
    """Values of objects laid out by scene and slot, [..., N, B]; `empty` where a scene has no such object."""
    if values_M.shape[-1] == 0:
        return values_M.new_full((*values_M.shape[:-1], *world.slot_NB.shape), empty)
    laid = values_M[..., world.slot_NB.clamp_min(0)]
    return torch.where(world.slot_NB >= 0, laid, empty)


def candidates(rays: Rays, world: World) -> tuple[Tensor, Tensor]:
    """Pairs (ray_Q, object_Q) of rays and the objects whose ball they cross."""
    center_3NP = per_point(slots(world.objects.center_3M, world), rays.scene_P)
    reach_NP = per_point(slots(bounds(world), world), rays.scene_P)
    to_3NP = center_3NP - rays.origin_3P[:, None]
    along_NP = dot(to_3NP, rays.direction_3P[:, None])
    room_NP = reach_NP * reach_NP - dot(to_3NP, to_3NP)
    crossed_NP = (torch.addcmul(room_NP, along_NP, along_NP) > 0) & (along_NP > -reach_NP)
    slot_Q, ray_Q = crossed_NP.nonzero(as_tuple=True)
    object_Q = world.slot_NB[slot_Q, rays.scene_P[ray_Q]]
    if rays.own_P is None:
        return ray_Q, object_Q
    other = (object_Q != rays.own_P[ray_Q]).nonzero()[:, 0]
    return ray_Q[other], object_Q[other]


def by_kind(objects: Objects, object_Q: Tensor) -> Iterator[tuple[int, Tensor]]:
    """For each kind of shape, which pairs are of it."""
    kind_Q = objects.kind_M[object_Q]
    for kind in (SPHERE, CUBE, CYLINDER):
        yield kind, (kind_Q == kind).nonzero()[:, 0]


def into_body(objects: Objects, object_Q: Tensor, kind: int, v_3Q: Tensor) -> Tensor:
    """Directions in world space turned into the objects' own frames; only cubes show how they are turned."""
    return spin(v_3Q, objects.cos_M[object_Q], -objects.sin_M[object_Q]) if kind == CUBE else v_3Q


def nearest(rays: Rays, world: World, steps: int, floor_steps: int) -> Hits:
    """What each ray meets first.

    Args:
        rays: the rays.
        world: the scenes.
        steps: iterations for rounded edges.
        floor_steps: iterations for the floor.
    """
    distance_P = sweep.hit(rays.origin_3P, rays.direction_3P, floor_steps)
    object_P = torch.where(distance_P < torch.inf, FLOOR, NOTHING)
    ray_Q, object_Q = candidates(rays, world)
    distance_Q = torch.full(ray_Q.shape, torch.inf, device=ray_Q.device)
    origin_3P = rays.origin_3P.expand_as(rays.direction_3P)
    for kind, index in by_kind(world.objects, object_Q):
        ray, thing = ray_Q[index], object_Q[index]
        radius = world.objects.radius_M[thing]
        start = origin_3P[:, ray] - world.objects.center_3M[:, thing]
        x = into_body(world.objects, thing, kind, start) / radius
        d = into_body(world.objects, thing, kind, rays.direction_3P[:, ray])
        distance_Q[index] = _HIT[kind](x, d, steps) * radius
    first_P = distance_P.scatter_reduce(0, ray_Q, distance_Q, "amin")
    won = ((distance_Q == first_P[ray_Q]) & (distance_Q < torch.inf)).nonzero()[:, 0]
    object_P[ray_Q[won]] = object_Q[won]
    return Hits(first_P, object_P)


def _hit_sphere(x_3Q: Tensor, d_3Q: Tensor, steps: int) -> Tensor:
    return shapes.sphere_hit(x_3Q, d_3Q)


_HIT = {SPHERE: _hit_sphere, CUBE: shapes.cube_hit, CYLINDER: shapes.cylinder_hit}
_NORMAL = {SPHERE: shapes.sphere_normal, CUBE: shapes.cube_normal, CYLINDER: shapes.cylinder_normal}


def normals(point_3P: Tensor, object_P: Tensor, world: World) -> Tensor:
    """Unit normals in world space at points on objects."""
    objects = world.objects
    normal_3P = torch.empty_like(point_3P)
    for kind, index in by_kind(objects, object_P):
        thing = object_P[index]
        offset = (point_3P[:, index] - objects.center_3M[:, thing]) / objects.radius_M[thing]
        outward = _NORMAL[kind](into_body(objects, thing, kind, offset))
        if kind == CUBE:
            outward = spin(outward, objects.cos_M[thing], objects.sin_M[thing])
        normal_3P[:, index] = outward
    return normal_3P
