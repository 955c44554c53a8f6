"""Where rays hit a sphere, a cube with rounded edges and a cylinder with bevelled rims, and the normals
there.

Bodies are given in their own frame, centred, and scaled to half extent 1; rays go from x_3Q along unit d_3Q
and distances are in those units. Sizes fit the meshes of CLEVR v1.0. Shapes: Q rays.
"""

import torch
from torch import Tensor

from visreason.render.vectors import dot, normalize

SPHERE, CUBE, CYLINDER = 0, 1, 2
"""The kinds of shapes."""
EDGE = 0.19
"""Radius of the cube's rounded edges and corners."""
BEVEL = 0.06
"""Radius of the cylinder's rims."""
BOUND = (1.01, 1.6, 1.4)
"""Radius of the ball around the sphere, the cube and the cylinder, and what passes for a hit."""
_NEAR = 0.006
_CLOSE = 1e-4


def sphere_hit(x_3Q: Tensor, d_3Q: Tensor, steps: int = 0) -> Tensor:
    """Distance to the sphere, infinite on a miss or when it lies behind; needs no steps."""
    b = dot(x_3Q, d_3Q)
    inside = b * b - dot(x_3Q, x_3Q) + 1
    t = -b - inside.clamp_min(0).sqrt()
    return torch.where((inside > 0) & (t > _CLOSE), t, torch.inf)


def cube_hit(x_3Q: Tensor, d_3Q: Tensor, steps: int) -> Tensor:
    """Distance to the rounded cube: through the slabs of the sharp cube, then by its distance function."""
    inverse = 1 / torch.where(d_3Q.abs() < 1e-8, 1e-8, d_3Q)
    middle, half = -x_3Q * inverse, inverse.abs()
    enter, leave = (middle - half).amax(0), (middle + half).amin(0)
    t = enter.clamp_min(0)
    gap = torch.zeros_like(t)
    for _ in range(steps):
        beyond = (torch.addcmul(x_3Q, t, d_3Q).abs() - (1 - EDGE)).clamp_min(0)
        gap = dot(beyond, beyond).sqrt() - EDGE
        t = t + gap
    return torch.where((enter < leave) & (gap < _NEAR) & (t < leave) & (t > _CLOSE), t, torch.inf)


def cylinder_hit(x_3Q: Tensor, d_3Q: Tensor, steps: int) -> Tensor:
    """Distance to the bevelled cylinder: through the sharp cylinder, then by its distance function."""
    x, y, z = x_3Q
    dx, dy, dz = d_3Q
    a = (dx * dx + dy * dy).clamp_min(1e-9)
    b = x * dx + y * dy
    inside = b * b - a * (x * x + y * y - 1)
    root = inside.clamp_min(0).sqrt()
    inverse = 1 / torch.where(dz.abs() < 1e-8, 1e-8, dz)
    middle, half = -z * inverse, inverse.abs()
    enter, leave = torch.maximum((-b - root) / a, middle - half), torch.minimum((root - b) / a, middle + half)
    t = enter.clamp_min(0)
    gap = torch.zeros_like(t)
    for _ in range(steps):
        side = (torch.hypot(torch.addcmul(x, t, dx), torch.addcmul(y, t, dy)) - (1 - BEVEL)).clamp_min(0)
        cap = (torch.addcmul(z, t, dz).abs() - (1 - BEVEL)).clamp_min(0)
        gap = torch.hypot(side, cap) - BEVEL
        t = t + gap
    found = (inside > 0) & (enter < leave) & (gap < _NEAR) & (t < leave) & (t > _CLOSE)
    return torch.where(found, t, torch.inf)


def sphere_normal(x_3Q: Tensor) -> Tensor:
    """Unit normals at points of the sphere."""
    return normalize(x_3Q)


def cube_normal(x_3Q: Tensor) -> Tensor:
    """Unit normals at points of the rounded cube: away from the nearest point of its core."""
    return normalize(x_3Q - x_3Q.clamp(EDGE - 1, 1 - EDGE))


def cylinder_normal(x_3Q: Tensor) -> Tensor:
    """Unit normals at points of the bevelled cylinder: away from the nearest point of its core."""
    radius = torch.hypot(x_3Q[0], x_3Q[1]).clamp_min(1e-6)
    outward = (radius - (1 - BEVEL)).clamp_min(0) / radius
    upward = x_3Q[2] - x_3Q[2].clamp(BEVEL - 1, 1 - BEVEL)
    return normalize(torch.stack((x_3Q[0] * outward, x_3Q[1] * outward, upward)))


HIT = (sphere_hit, cube_hit, cylinder_hit)
"""Kind of shape to the distance at which rays hit it."""
NORMAL = (sphere_normal, cube_normal, cylinder_normal)
"""Kind of shape to its normals."""
