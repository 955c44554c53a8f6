"""What rays hit first, and the normals there.

Nothing loops over objects: a ray and an object that may meet make a pair, and all pairs of a batch of scenes
are treated at once, one kind of shape after the other. Shapes: P rays or points, Q pairs.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from visreason.render import shapes, sweep
from visreason.render.culling import Bundles, into_body
from visreason.render.shapes import CUBE, CYLINDER, SPHERE
from visreason.render.vectors import spin, take
from visreason.render.world import World

FLOOR, NOTHING = -1, -2


@dataclass(frozen=True, slots=True)
class Rays:
    """Rays of a batch of scenes.

    Attributes:
        origin_3P: where they start.
        direction_3P: unit vectors.
        scene_P: the scene of each.
        group_P: neighbours that go much the same way have the same number (`visreason.render.culling`).
        own_P: the object each starts from, which it cannot meet again as every object is convex; None for
            none.
    """

    origin_3P: Tensor
    direction_3P: Tensor
    scene_P: Tensor
    group_P: Tensor
    own_P: Tensor | None = None

    def take(self, index: Tensor) -> "Rays":
        """Some of the rays."""
        return Rays(
            take(self.origin_3P, index),
            take(self.direction_3P, index),
            take(self.scene_P, index),
            take(self.group_P, index),
            None if self.own_P is None else take(self.own_P, index),
        )


@dataclass(frozen=True, slots=True)
class Hits:
    """Where rays end.

    Attributes:
        distance_P: along the ray, infinite for `NOTHING`.
        object_P: row of the object, `FLOOR` or `NOTHING`.
    """

    distance_P: Tensor
    object_P: Tensor

    def ends(self, rays: Rays, index: Tensor) -> Tensor:
        """Where some of the rays end, [3, Q]."""
        return torch.addcmul(
            take(rays.origin_3P, index), take(rays.direction_3P, index), take(self.distance_P, index)
        )


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
    if len(world.objects) == 0:
        return Hits(distance_P, object_P)
    bundles = Bundles(rays.origin_3P, rays.scene_P, rays.group_P, rays.own_P, world)
    pairs = bundles.meeting(rays.direction_3P)
    distance_Q = torch.full_like(pairs.offset_3Q[0], torch.inf)
    for kind, index, x, d in pairs.bodies(world.objects):
        radius = take(world.objects.radius_M, take(pairs.object_Q, index))
        distance_Q[index] = shapes.HIT[kind](x, d, steps) * radius
    first_P = distance_P.scatter_reduce(0, pairs.ray_Q, distance_Q, "amin")
    won = ((distance_Q == take(first_P, pairs.ray_Q)) & (distance_Q < torch.inf)).nonzero()[:, 0]
    object_P[take(pairs.ray_Q, won)] = take(pairs.object_Q, won)
    return Hits(first_P, object_P)


def normals(point_3P: Tensor, object_P: Tensor, world: World) -> Tensor:
    """Unit normals in world space at points on objects."""
    objects = world.objects
    normal_3P = torch.empty_like(point_3P)
    kind_P = take(objects.kind_M, object_P)
    for kind in (SPHERE, CUBE, CYLINDER):
        index = (kind_P == kind).nonzero()[:, 0]
        thing = take(object_P, index)
        offset = (take(point_3P, index) - take(objects.center_3M, thing)) / take(objects.radius_M, thing)
        outward = shapes.NORMAL[kind](into_body(objects, thing, kind, offset))
        if kind == CUBE:
            outward = spin(outward, take(objects.cos_M, thing), take(objects.sin_M, thing))
        normal_3P[:, index] = outward
    return normal_3P
