"""Direct light: what each lamp sends to a point, and how much of the lamp other objects hide.

A small lamp of area A and radiance L that faces f lights a point p with normal n through the solid angle
A (-w.f) / |l - p|^2, w the direction to its centre l. Soft shadows come from outlines in closed form
(`visreason.render.silhouettes`): a lamp of radius R at distance D, seen past an edge at distance t, is a disc of radius
R t / D there. Shapes: P points, Q pairs of a point and an object that may shade it, L lamps.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from visreason.render import silhouettes
from visreason.render.tracing import bounds, by_kind, into_body, slots
from visreason.render.vectors import dot
from visreason.render.world import CUBE, CYLINDER, SPHERE, World, per_point

_GAP = {SPHERE: silhouettes.sphere_gap, CUBE: silhouettes.cube_gap, CYLINDER: silhouettes.cylinder_gap}
_DARK = 1e-6


@dataclass(frozen=True, slots=True)
class Points:
    """Points of surfaces of a batch of scenes.

    Attributes:
        at_3P, normal_3P: where they are and their unit normals.
        scene_P: the scene of each.
        group_P: number of the group of neighbours each belongs to, all of one scene (`_Neighbours`).
        own_P: the object each lies on, which cannot shade it from the side that its normal sees; None on the floor.
    """

    at_3P: Tensor
    normal_3P: Tensor
    scene_P: Tensor
    group_P: Tensor
    own_P: Tensor | None = None

    def take(self, index: Tensor) -> "Points":
        """Some of the points."""
        own = None if self.own_P is None else self.own_P[index]
        return Points(
            self.at_3P[:, index], self.normal_3P[:, index], self.scene_P[index], self.group_P[index], own
        )


@dataclass(frozen=True, slots=True)
class Beam:
    """The light of one lamp at P points.

    Attributes:
        toward_3P: unit vector to the lamp.
        cosine_P: of the angle between it and the normal, at least 0.
        solid_P: solid angle of the lamp, seen from the point, that is not hidden.
        radiance_3: of the lamp.
        spread_P: angle that the lamp's radius fills.
    """

    toward_3P: Tensor
    cosine_P: Tensor
    solid_P: Tensor
    radiance_3: Tensor
    spread_P: Tensor

    def take(self, index: Tensor) -> "Beam":
        """The light at some of the points."""
        return Beam(
            self.toward_3P[:, index],
            self.cosine_P[index],
            self.solid_P[index],
            self.radiance_3,
            self.spread_P[index],
        )


def beams(points: Points, world: World, shadows: bool = True) -> list[Beam]:
    """The light of every lamp at points of surfaces."""
    lamps = world.lamps
    near = _Neighbours(points, world) if shadows and len(world.objects.radius_M) else None
    result = []
    for index in range(len(lamps.area_L)):
        to_3P = per_point(lamps.location_L3B[index], points.scene_P) - points.at_3P
        square_P = dot(to_3P, to_3P)
        inverse_P = square_P.rsqrt()
        toward_3P = to_3P * inverse_P
        facing_3P = per_point(lamps.facing_L3B[index], points.scene_P)
        solid_P = (-dot(toward_3P, facing_3P)).clamp_min(0) * (inverse_P * inverse_P) * lamps.area_L[index]
        cosine_P = dot(points.normal_3P, toward_3P).clamp_min(0)
        blur_P = lamps.disc_L[index] * inverse_P
        if near is not None:
            solid_P = solid_P * near.visible(index, toward_3P, blur_P, cosine_P * solid_P > _DARK)
        result.append(Beam(toward_3P, cosine_P, solid_P, lamps.radiance_3L[:, index], blur_P))
    return result


def irradiance(beams_L: list[Beam]) -> Tensor:
    """What the lamps send onto the surface, [3, P]: the sum of L cos(theta) times the solid angle."""
    weight_LP = torch.stack([beam.cosine_P * beam.solid_P for beam in beams_L])
    return torch.stack([beam.radiance_3 for beam in beams_L], dim=1) @ weight_LP


class _Neighbours:
    """Objects around points, ready to be asked whether they stand before a lamp.

    Points that follow each other with the same group number lie near each other, so a group is first tested as a
    whole, as a ball around its points, and only groups in a shadow's reach are taken apart.
    """

    def __init__(self, points: Points, world: World) -> None:
        self.points, self.world = points, world
        _, self.count_G = points.group_P.unique_consecutive(return_counts=True)
        self.start_G = self.count_G.cumsum(0) - self.count_G
        run_P = torch.arange(len(self.count_G), device=self.count_G.device).repeat_interleave(self.count_G)
        self.at_3G = points.at_3P[:, self.start_G]
        apart_3P = points.at_3P - self.at_3G[:, run_P]
        radius_G = torch.zeros_like(self.at_3G[0]).scatter_reduce(0, run_P, dot(apart_3P, apart_3P), "amax")
        self.radius_G = radius_G.sqrt() + 1e-4
        self.scene_G = points.scene_P[self.start_G]
        self.center_3NG = per_point(slots(world.objects.center_3M, world), self.scene_G)
        self.reach_NG = per_point(slots(bounds(world), world), self.scene_G)
        self.bound_M = bounds(world)

    def visible(self, lamp: int, toward_3P: Tensor, blur_P: Tensor, lit_P: Tensor) -> Tensor:
        """Visible share of a lamp in the directions `toward_3P` whose radius fills the angle `blur_P`."""
        point_Q, object_Q = self._pairs(lamp)
        objects, at_3P, own_P = self.world.objects, self.points.at_3P, self.points.own_P
        offset_3Q = at_3P[:, point_Q] - objects.center_3M[:, object_Q]
        along_Q = -dot(offset_3Q, toward_3P[:, point_Q])
        bound_Q = self.bound_M[object_Q]
        near_Q = _crosses(dot(offset_3Q, offset_3Q), along_Q, bound_Q, blur_P[point_Q]) & lit_P[point_Q]
        if own_P is not None:
            near_Q &= object_Q != own_P[point_Q]
        kept = near_Q.nonzero()[:, 0]
        point_Q, object_Q, offset_3Q = point_Q[kept], object_Q[kept], offset_3Q[:, kept]
        seen_Q = torch.ones_like(offset_3Q[0])
        for kind, index in by_kind(objects, object_Q):
            point, thing = point_Q[index], object_Q[index]
            offset = into_body(objects, thing, kind, offset_3Q[:, index] / objects.radius_M[thing])
            gap, depth = _GAP[kind](offset, into_body(objects, thing, kind, toward_3P[:, point]))
            share = silhouettes.hidden_share(gap, blur_P[point] * depth.clamp_min(1e-3))
            seen_Q[index] = torch.where(depth > 0, 1 - share, 1.0)
        return torch.ones_like(blur_P).scatter_reduce(0, point_Q, seen_Q, "prod")

    def _pairs(self, lamp: int) -> tuple[Tensor, Tensor]:
        """Pairs (point_Q, object_Q) of all points of a group and the objects that may hide the lamp from it."""
        to_3G = per_point(self.world.lamps.location_L3B[lamp], self.scene_G) - self.at_3G
        inverse_G = dot(to_3G, to_3G).rsqrt()
        offset_3NG = self.center_3NG - self.at_3G[:, None]
        along_NG = dot(offset_3NG, (to_3G * inverse_G)[:, None])
        blur_G = self.world.lamps.disc_L[lamp] * inverse_G
        reach_NG = self.reach_NG + self.radius_G
        meets_NG = _crosses(dot(offset_3NG, offset_3NG), along_NG, reach_NG, blur_G) & (self.reach_NG > 0)
        slot_R, group_R = meets_NG.nonzero(as_tuple=True)
        object_R = self.world.slot_NB[slot_R, self.scene_G[group_R]]
        count_R = self.count_G[group_R]
        first_R = self.start_G[group_R] - (count_R.cumsum(0) - count_R)
        object_Q = object_R.repeat_interleave(count_R)
        point_Q = first_R.repeat_interleave(count_R) + torch.arange(len(object_Q), device=object_Q.device)
        return point_Q, object_Q


def _crosses(square: Tensor, along: Tensor, reach: Tensor, blur: Tensor) -> Tensor:
    """Whether a line widened by `blur` per unit of length comes within `reach` of a centre ahead.

    `square` is the squared distance to the centre and `along` the part of it along the line; where the line touches
    the ball it is at most blur * (along + reach) wide.
    """
    wide = reach + blur * (along + reach)
    return (square - along * along < wide * wide) & (along > -reach)
