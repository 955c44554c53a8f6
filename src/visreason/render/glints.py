"""The lamps as metal shows them: crisp squares and a disc, slightly blurred at the edges. Shapes: P rays."""

import torch
from torch import Tensor

from visreason.render.tracing import Rays
from visreason.render.vectors import dot
from visreason.render.world import World, per_point

BLUR = 0.012
"""Roughness of the mirror, a compromise between along and across its brush marks."""


def mirrored_lamps(rays: Rays, distance_P: Tensor, world: World) -> Tensor:
    """Radiance of the lamps along reflected rays, [3, P].

    GGX of roughness a spreads a reflected ray over slopes whose share behind a straight edge at distance s
    inside the lamp is 1/2 + s / (2 sqrt(s^2 + w^2)), w = 2 a times the distance to the lamp. A square lamp is
    what lies between two pairs of edges; the sun, the last lamp, is a disc.

    Args:
        rays: the reflected rays.
        distance_P: where they end; they show no lamp that is farther away, but the sun if they do not end.
        world: the scenes.
    """
    lamps, sun = world.lamps, len(world.lamps) - 1
    result_3P = torch.zeros_like(rays.direction_3P)
    for lamp in range(len(lamps)):
        facing_3P = per_point(lamps.facing_L3B[lamp], rays.scene_P)
        right_3P = per_point(lamps.right_L3B[lamp], rays.scene_P)
        to_3P = per_point(lamps.location_L3B[lamp], rays.scene_P) - rays.origin_3P
        toward_P = -dot(rays.direction_3P, facing_3P)
        away_P = -dot(to_3P, facing_3P) / toward_P.clamp_min(1e-3)
        miss_3P = rays.direction_3P * away_P - to_3P
        across_P = dot(miss_3P, right_3P)
        upward_P = (dot(miss_3P, miss_3P) - across_P * across_P).clamp_min(0).sqrt()
        blur_P = 2 * BLUR * away_P
        if lamp == sun:
            share_P = _inside(lamps.disc_L[lamp] - torch.hypot(across_P, upward_P), blur_P)
            reached_P = distance_P.isinf()
        else:
            half = lamps.area_L[lamp].sqrt() / 2
            share_P = _between(across_P, half, blur_P) * _between(upward_P, half, blur_P)
            reached_P = away_P < distance_P
        share_P = torch.where(reached_P & (toward_P > 1e-3) & (away_P > 0), share_P, 0.0)
        result_3P += share_P * lamps.radiance_3L[:, lamp, None]
    return result_3P


def _between(place: Tensor, half: Tensor, blur: Tensor) -> Tensor:
    """Share of a GGX lobe of width `blur` around `place` that falls between -half and half."""
    return _inside(half - place, blur) - _inside(-half - place, blur)


def _inside(depth: Tensor, blur: Tensor) -> Tensor:
    """Share of a GGX lobe of width `blur` that falls behind an edge `depth` away."""
    return 0.5 + 0.5 * depth * torch.rsqrt(depth * depth + blur * blur)
