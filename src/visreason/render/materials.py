"""How CLEVR's two materials scatter light.

*Rubber*: a matte body under a rough clear coat (Beckmann, alpha 0.35, grey 0.8) whose share is the Fresnel
reflectance of index 1.2; grazing views see a sheen in place of part of the body (Fresnel of index 1.4).
*Metal*: 0.6 of a nearly perfect mirror (`visreason.render.glints`) and 0.4 of a rough one, anisotropic GGX
that reflects the object's colour. Its brush marks run around the vertical axis, which gives cylinder tops
their bow-tie highlight. Numbers: the node groups of CLEVR v1.0.

Vectors are unit; v points to the viewer, l to the light, n is the normal; *local* ones are in the brushed
frame, n last. Shapes: P points, K samples.
"""

import math

import torch
from torch import Tensor

from visreason.render.vectors import cross, dot, normalize

COAT_INDEX, SHEEN_INDEX = 1.2, 1.4
COAT_ALPHA, COAT_GREY = 0.35, 0.8
SHEEN = 0.6
"""How bright the sheen is beside the matte body that it replaces."""
MIRROR_SHARE = 0.6
ROUGH_ALPHA = (0.15, 0.2667)
"""Roughness along the brush marks and across them: 0.2 with an anisotropy of 0.25."""
_GRAZING = 0.05


def fresnel(cosine_P: Tensor, index: float) -> Tensor:
    """Reflectance of unpolarised light at a dielectric, from the cosine of the angle to the normal.

    Example:
        >>> round(float(fresnel(torch.tensor(1.0), 1.5)), 4)
        0.04
    """
    g = (index * index - 1 + cosine_P * cosine_P).sqrt()
    ratio = (g - cosine_P) / (g + cosine_P)
    other = (cosine_P * (g + cosine_P) - 1) / (cosine_P * (g - cosine_P) + 1)
    return 0.5 * ratio * ratio * (1 + other * other)


def coat_light(normal_3P: Tensor, view_3P: Tensor, toward_3P: Tensor) -> Tensor:
    """The coat's f(l, v) cos(l) without Fresnel: D G / (4 n.v), Beckmann's D, Smith's G in Schlick's form."""
    half_3P = normalize(toward_3P + view_3P)
    square_P = dot(normal_3P, half_3P).clamp_min(1e-2) ** 2
    # A larger exponent would make denormal numbers, which are slow on many processors.
    slope_P = ((1 - square_P) / square_P / COAT_ALPHA**2).clamp_max(60)
    d_P = torch.exp(-slope_P) / (math.pi * COAT_ALPHA**2 * square_P * square_P)
    k = COAT_ALPHA**2 / 2
    light_P, view_P = dot(normal_3P, toward_3P).clamp_min(0), dot(normal_3P, view_3P).clamp_min(_GRAZING)
    return d_P / 4 * light_P / ((light_P * (1 - k) + k) * (view_P * (1 - k) + k))


def brushed_frame(offset_3P: Tensor, normal_3P: Tensor) -> tuple[Tensor, Tensor]:
    """Unit vectors in the surface, along the brush marks (around the vertical axis) and across them.

    Args:
        offset_3P: from the object's centre to the points.
        normal_3P: the normals there.
    """
    around_3P = torch.stack((-offset_3P[1], offset_3P[0] + 1e-6, torch.zeros_like(offset_3P[0])))
    along_3P = normalize(around_3P - dot(around_3P, normal_3P) * normal_3P)
    return along_3P, cross(normal_3P, along_3P)


def rough_light(local_v_3P: Tensor, local_l_3P: Tensor, spread_P: Tensor) -> Tensor:
    """Rough metal's f(l, v) cos(l) = D G / (4 n.v) for a lamp whose radius fills the angle `spread_P`.

    D is the anisotropic GGX of Burley 2012, widened by the lamp: alpha + spread / 2 (Karis, "Real shading in
    Unreal Engine 4", 2013).
    """
    along_P, across_P = (alpha + spread_P / 2 for alpha in ROUGH_ALPHA)
    half_3P = normalize(local_v_3P + local_l_3P)
    stretched_P = (half_3P[0] / along_P) ** 2 + (half_3P[1] / across_P) ** 2 + half_3P[2] ** 2
    d_P = 1 / (math.pi * along_P * across_P * stretched_P * stretched_P)
    seen_P = (local_l_3P[2] > 0) & (local_v_3P[2] > 0)
    masking_P = _masking(local_l_3P) * _masking(local_v_3P) * seen_P
    return d_P * masking_P / (4 * local_v_3P[2].clamp_min(_GRAZING))


def rough_directions(local_v_3P: Tensor, u_2PK: Tensor) -> tuple[Tensor, Tensor]:
    """Directions that rough metal shows the viewer, [3, P, K], and their weights, [P, K].

    Samples visible normals (Heitz, "Sampling the GGX distribution of visible normals", JCGT 7(4), 2018), so
    that the reflected radiance is the mean of weight times radiance; the weight is the masking of the
    outgoing direction.

    Args:
        local_v_3P: to the viewer.
        u_2PK: points of the unit square; P may be 1.
    """
    x, y = ROUGH_ALPHA
    flat_v_3P = torch.stack((local_v_3P[0] * x, local_v_3P[1] * y, local_v_3P[2].clamp_min(1e-3)))
    v_3P1 = normalize(flat_v_3P)[..., None]
    first = normalize(torch.stack((-v_3P1[1], v_3P1[0] + 1e-6, torch.zeros_like(v_3P1[0]))))
    second = cross(v_3P1, first)
    radius, turn = u_2PK[0].sqrt(), 2 * math.pi * u_2PK[1]
    a = radius * turn.cos()
    bent = 0.5 * (1 + v_3P1[2])
    b = (1 - bent) * (1 - a * a).clamp_min(0).sqrt() + bent * (radius * turn.sin())
    normal = first * a + second * b + v_3P1 * (1 - a * a - b * b).clamp_min(0).sqrt()
    half = normalize(torch.stack((normal[0] * x, normal[1] * y, normal[2].clamp_min(0))))
    view = local_v_3P[..., None]
    out_3PK = 2 * dot(half, view) * half - view
    return out_3PK, torch.where(out_3PK[2] > 1e-3, _masking(out_3PK), 0.0)


def _masking(local_3P: Tensor) -> Tensor:
    """Smith's masking of rough GGX in one direction: 2 / (1 + sqrt(1 + (a_x^2 x^2 + a_y^2 y^2) / z^2))."""
    bent_P = (local_3P[0] * ROUGH_ALPHA[0]) ** 2 + (local_3P[1] * ROUGH_ALPHA[1]) ** 2
    return 2 / (1 + (1 + bent_P / (local_3P[2] ** 2).clamp_min(1e-4)).sqrt())
