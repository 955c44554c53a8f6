"""Direct light: what each lamp sends to a point, and how much of the lamp other objects hide.

A small lamp of area A and radiance L that faces f lights a point p through the solid angle A (-w.f) / |l -
p|^2, w the direction to its centre l. Soft shadows come from outlines in closed form
(`visreason.render.silhouettes`): a lamp of radius R at distance D, seen past an edge at distance t, is a disc
of radius R t / D there. Shapes: P points, Q pairs of a point and an object that may shade it, L lamps.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from visreason.render import silhouettes
from visreason.render.culling import Bundles
from visreason.render.vectors import dot, take
from visreason.render.world import World, per_point

_DARK = 1e-6


@dataclass(frozen=True, slots=True)
class Points:
    """Points of surfaces of a batch of scenes.

    Attributes:
        at_3P, normal_3P: where they are and their unit normals.
        scene_P: the scene of each.
        group_P: neighbours have the same number (`visreason.render.culling`).
        own_P: the object each lies on, which cannot shade it from the side that its normal sees; None for
            none.
    """

    at_3P: Tensor
    normal_3P: Tensor
    scene_P: Tensor
    group_P: Tensor
    own_P: Tensor | None = None


@dataclass(frozen=True, slots=True)
class Beam:
    """The light of one lamp at P points.

    Attributes:
        toward_3P: unit vector to the lamp.
        cosine_P: of the angle between it and the normal, at least 0.
        solid_P: solid angle of the lamp, seen from the point, that is not hidden.
        spread_P: angle that the lamp's radius fills.
        radiance_3: of the lamp.
    """

    toward_3P: Tensor
    cosine_P: Tensor
    solid_P: Tensor
    spread_P: Tensor
    radiance_3: Tensor

    def take(self, index: Tensor) -> "Beam":
        """The light at some of the points."""
        return Beam(
            take(self.toward_3P, index),
            take(self.cosine_P, index),
            take(self.solid_P, index),
            take(self.spread_P, index),
            self.radiance_3,
        )


def beams(points: Points, world: World, shadows: bool = True) -> list[Beam]:
    """The light of every lamp at points of surfaces, [L]."""
    lamps = world.lamps
    to_3LP = per_point(lamps.location_L3B.transpose(0, 1), points.scene_P) - points.at_3P[:, None]
    inverse_LP = dot(to_3LP, to_3LP).rsqrt()
    toward_3LP = to_3LP * inverse_LP
    facing_LP = -dot(toward_3LP, per_point(lamps.facing_L3B.transpose(0, 1), points.scene_P))
    solid_LP = facing_LP.clamp_min(0) * (inverse_LP * inverse_LP) * lamps.area_L[:, None]
    cosine_LP = dot(points.normal_3P[:, None], toward_3LP).clamp_min(0)
    spread_LP = lamps.disc_L[:, None] * inverse_LP
    if shadows and len(world.objects):
        starts = Bundles(points.at_3P, points.scene_P, points.group_P, points.own_P, world)
        solid_LP = solid_LP * _visible(starts, toward_3LP, spread_LP, cosine_LP * solid_LP > _DARK)
    return [
        Beam(
            toward_3LP[:, lamp], cosine_LP[lamp], solid_LP[lamp], spread_LP[lamp], lamps.radiance_3L[:, lamp]
        )
        for lamp in range(len(lamps))
    ]


def irradiance(light_L: list[Beam]) -> Tensor:
    """What the lamps send onto a surface, [3, P]: the sum of radiance, cosine and solid angle."""
    return gathered([beam.cosine_P for beam in light_L], light_L)


def gathered(factor_LP: list[Tensor], light_L: list[Beam]) -> Tensor:
    """The light of all lamps, [3, P], each weighted with a factor and the solid angle that it fills."""
    result_3P = torch.zeros_like(light_L[0].toward_3P)
    for factor_P, beam in zip(factor_LP, light_L, strict=True):
        result_3P.addcmul_(beam.radiance_3[:, None], factor_P * beam.solid_P)
    return result_3P


def _visible(starts: Bundles, toward_3LP: Tensor, spread_LP: Tensor, lit_LP: Tensor) -> Tensor:
    """Visible share of lamps in the directions `toward_3LP` whose radii fill the angles `spread_LP`."""
    pairs = starts.shaded(toward_3LP, spread_LP, lit_LP)
    seen_Q = torch.ones_like(pairs.offset_3Q[0])
    spread_Q = take(spread_LP.flatten(), pairs.ray_Q)
    for kind, index, x, d in pairs.bodies(starts.world.objects):
        gap, depth = silhouettes.GAP[kind](x, d)
        share = silhouettes.hidden_share(gap, take(spread_Q, index) * depth.clamp_min(1e-3))
        seen_Q[index] = torch.where(depth > 0, 1 - share, 1.0)
    visible_P = torch.ones_like(spread_LP).flatten().scatter_reduce(0, pairs.ray_Q, seen_Q, "prod")
    return visible_P.reshape(spread_LP.shape)
