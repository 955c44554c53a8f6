"""How far a straight line passes outside or inside a body, in closed form, which gives soft shadows without
sampling.

Every shape of CLEVR is convex, and its outline seen along a direction d is known: a circle; a hexagon whose
edges are perpendicular to d x e_k, for a cube; two parallel edges between two half ellipses, for a cylinder.
A lamp that is a disc, seen past such an outline, is hidden by the share of the disc that lies beyond a
straight edge.

Bodies are given in their own frame and scaled to half extent 1. Lines go through x_3Q along the unit d_3Q.
The *gap* is the signed distance between line and outline (negative where the line runs through the body), the
*depth* the distance along the line at which it touches or crosses. Shapes: Q lines.
"""

import math

import torch
from torch import Tensor

from visreason.render.shapes import BEVEL, BOUND, CUBE, EDGE
from visreason.render.vectors import dot


def sphere_gap(x_3Q: Tensor, d_3Q: Tensor) -> tuple[Tensor, Tensor]:
    """Gap and depth for the unit sphere: |x + t d| - 1 at t = -x.d."""
    depth = -dot(x_3Q, d_3Q)
    return (dot(x_3Q, x_3Q) - depth * depth).clamp_min(0).sqrt() - 1, depth


def cube_gap(x_3Q: Tensor, d_3Q: Tensor) -> tuple[Tensor, Tensor]:
    """Gap and depth for the cube with rounded edges.

    With m = x x d and h = 1 - EDGE, the gap is the largest over the axes k of

        (|m_k| - h (|d_i| + |d_j|)) / sqrt(d_i^2 + d_j^2) - EDGE.
    """
    size = d_3Q.abs().clamp_min(1e-6)
    along = x_3Q * torch.where(d_3Q < 0, -1.0, 1.0)
    gap = torch.full_like(size[0], -torch.inf)
    depth = torch.zeros_like(gap)
    for i, j in ((0, 1), (1, 2), (2, 0)):
        reach = size[i] + size[j]
        moment = (x_3Q[i] * d_3Q[j] - x_3Q[j] * d_3Q[i]).abs()
        here = (moment - (1 - EDGE) * reach) * torch.rsqrt(size[i] * size[i] + size[j] * size[j])
        wider = here > gap
        gap = torch.where(wider, here, gap)
        depth = torch.where(wider, -(along[i] + along[j]) / reach, depth)
    # A line that runs along an edge touches it anywhere, but not beyond the cube.
    middle = -dot(x_3Q, d_3Q)
    return gap - EDGE, torch.minimum(torch.maximum(depth, middle - BOUND[CUBE]), middle + BOUND[CUBE])


def cylinder_gap(x_3Q: Tensor, d_3Q: Tensor) -> tuple[Tensor, Tensor]:
    """Gap and depth for the upright cylinder with bevelled rims (at the rims to first order in the gap)."""
    flat = (d_3Q[0] * d_3Q[0] + d_3Q[1] * d_3Q[1]).clamp_min(1e-8)
    level = flat.sqrt()
    steep = d_3Q[2].abs().clamp_min(1e-4)
    radial = x_3Q[0] * d_3Q[0] + x_3Q[1] * d_3Q[1]
    aside = (x_3Q[0] * d_3Q[1] - x_3Q[1] * d_3Q[0]).abs() / level
    above = (x_3Q[2] * level - radial * d_3Q[2] / level).abs()
    core = 1 - BEVEL
    beyond = (above - core * level).clamp_min(0)
    ring = torch.sqrt(aside * aside + (beyond / steep) ** 2).clamp_min(1e-6)
    spread = torch.sqrt(aside * aside + beyond * beyond / steep**4).clamp_min(1e-6)
    gap = (ring - core) * ring / spread - BEVEL
    # Deep inside, the nearest outline may be a rim although the line passes below it.
    gap = torch.maximum(gap, above - core * level - core * steep - BEVEL)
    slope = torch.where(d_3Q[2] < 0, -steep, steep)
    bottom, top = (-1 - x_3Q[2]) / slope, (1 - x_3Q[2]) / slope
    nearest = -radial / flat
    return gap, torch.minimum(torch.maximum(nearest, torch.minimum(bottom, top)), torch.maximum(bottom, top))


GAP = (sphere_gap, cube_gap, cylinder_gap)
"""Kind of shape to gap and depth."""


def hidden_share(gap: Tensor, blur: Tensor) -> Tensor:
    """Share of a disc of radius `blur` that lies behind an edge whose signed distance from its centre is
    `gap`.

    With s = clamp(gap / blur, -1, 1), it is 1/2 - (s sqrt(1 - s^2) + asin s) / pi.

    Example:
        >>> hidden_share(torch.tensor([-1.0, 0.0, 1.0]), torch.tensor(0.5)).tolist()
        [1.0, 0.5, 0.0]
    """
    s = (gap / blur).clamp(-1, 1)
    return (0.5 - (s * (1 - s * s).sqrt() + s.asin()) / math.pi).clamp(0, 1)
