"""CLEVR's materials as Mitsuba's scattering models, and its lamps; plain data, as `mitsuba.load_dict` reads it.

Rubber is a matte body under a rough clear coat; metal is two rough mirrors, brushed around the vertical axis.
The numbers are those of `visreason.render.materials` and `visreason.clevr.lamps`.
"""

import math
from collections.abc import Sequence
from typing import Any

from visreason.clevr.lamps import SUN, AreaLamp
from visreason.render.materials import COAT_ALPHA, COAT_GREY, COAT_INDEX, MIRROR_SHARE, ROUGH_ALPHA
from visreason.render.sweep import REFLECTANCE

Description = dict[str, Any]

MIRROR_ALPHA = (0.0075, 0.0133)
"""Roughness of metal's finer lobe along the brush marks and across them: 0.01 with an anisotropy of 0.25."""
BODY = 1.1
"""What the rubber's colour is raised by: Mitsuba's plastic dims the light both where it enters the body and where it
leaves it, to 0.90 of the colour seen straight on; CLEVR's does the latter alone, to 0.99."""
SUN_DISTANCE = 1e4
"""Where the sun's disc stands: so far that its light is parallel and equally bright all over the floor."""


def rubber(color: Sequence[float]) -> Description:
    """A matte body of a linear colour under a clear coat.

    Example:
        >>> rubber((1.0, 0.5, 0.0))["diffuse_reflectance"]["value"]
        [1.0, 0.55, 0.0]
    """
    return {
        "type": "roughplastic",
        "distribution": "beckmann",
        "int_ior": COAT_INDEX,
        "ext_ior": 1.0,
        "alpha": COAT_ALPHA,
        "nonlinear": False,
        "diffuse_reflectance": _rgb([min(1.0, round(BODY * value, 6)) for value in color]),
        "specular_reflectance": _rgb([COAT_GREY] * 3),
    }


def metal(color: Sequence[float]) -> Description:
    """A rough and a nearly perfect mirror of a linear colour."""
    return {
        "type": "blendbsdf",
        "weight": MIRROR_SHARE,
        "rough": _conductor(ROUGH_ALPHA, color),
        "mirror": _conductor(MIRROR_ALPHA, color),
    }


def floor_material() -> Description:
    """The matte grey of the floor."""
    return {"type": "diffuse", "reflectance": _rgb([REFLECTANCE] * 3)}


def area_lamp(mitsuba: Any, lamp: AreaLamp) -> Description:
    """A square that shines at the origin and that all other light passes through, as CLEVR's lamps cast no shadow."""
    return _emitter(
        "rectangle",
        mitsuba.ScalarTransform4f().look_at(origin=list(lamp.location), target=[0, 0, 0], up=[0, 0, 1])
        @ mitsuba.ScalarTransform4f().scale(lamp.size / 2),
        [lamp.radiance * value for value in lamp.color],
    )


def sun(mitsuba: Any) -> Description:
    """The sun: a disc far away, with radiance = irradiance x distance^2 / area."""
    radius = SUN_DISTANCE * math.tan(SUN.angular_diameter / 2)
    radiance = SUN.irradiance * SUN_DISTANCE**2 / (math.pi * radius**2)
    return _emitter(
        "disk",
        mitsuba.ScalarTransform4f().look_at(
            origin=[SUN_DISTANCE * value for value in SUN.direction], target=[0, 0, 0], up=[0, 0, 1]
        )
        @ mitsuba.ScalarTransform4f().scale(radius),
        [radiance * value for value in SUN.color],
    )


def _conductor(alpha: tuple[float, float], color: Sequence[float]) -> Description:
    """A rough mirror without Fresnel's effect."""
    return {
        "type": "roughconductor",
        "material": "none",
        "distribution": "ggx",
        "alpha_u": alpha[0],
        "alpha_v": alpha[1],
        "specular_reflectance": _rgb(color),
    }


def _emitter(shape: str, placed: Any, radiance: Sequence[float]) -> Description:
    return {
        "type": shape,
        "to_world": placed,
        "bsdf": {"type": "null"},
        "emitter": {"type": "area", "radiance": _rgb(radiance)},
    }


def _rgb(values: Sequence[float]) -> Description:
    return {"type": "rgb", "value": [float(value) for value in values]}
