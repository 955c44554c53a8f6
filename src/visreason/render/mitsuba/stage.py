"""A scene as Mitsuba's: camera, lamps, floor, and one mesh an object.

Shapes: F triangles.
"""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.attributes import SHAPES
from visreason.clevr.camera import FOCAL
from visreason.clevr.lamps import AREA_LAMPS
from visreason.clevr.packed import PackedScene
from visreason.render.mitsuba.materials import (
    SUN_DISTANCE,
    Description,
    area_lamp,
    floor_material,
    metal,
    rubber,
    sun,
)
from visreason.render.mitsuba.meshes import Triangles, cylinder, floor, rounded_cube, sphere

_BODIES = {"cube": rounded_cube, "sphere": sphere, "cylinder": cylinder}


def make_stage(mitsuba: Any, scene: PackedScene, width: int, height: int, samples: int) -> Any:
    """A `mitsuba.Scene` of the current variant.

    Args:
        mitsuba: the module.
        scene: the objects, the camera and the lamps.
        width, height: the film's size in pixels, square ones.
        samples: rays a pixel.
    """
    return mitsuba.load_dict(
        {
            "type": "scene",
            "sensor": _camera(mitsuba, scene, width, height, samples),
            "sun": sun(mitsuba),
            "floor": _mesh(mitsuba, "floor", floor(), floor_material()),
            **{
                lamp.name: area_lamp(mitsuba, replace(lamp, location=(x, y, z)))
                for lamp, (x, y, z) in zip(AREA_LAMPS, scene.lamps_L3.tolist(), strict=True)
            },
            **{f"object_{i}": _thing(mitsuba, numbers) for i, numbers in enumerate(scene.objects_MK)},
        },
        optimize=False,  # which now and then orders shapes, and so the lamps that are drawn from, in another way
    )


def _camera(mitsuba: Any, scene: PackedScene, width: int, height: int, samples: int) -> Description:
    """CLEVR's camera; a pixel is the mean of its own rays, since the denoiser needs pixels with noise of their own."""
    return {
        "type": "perspective",
        "fov": math.degrees(2 * math.atan(0.5 / FOCAL)),
        "fov_axis": "x",
        "near_clip": 0.1,
        "far_clip": 2 * SUN_DISTANCE,
        "to_world": mitsuba.ScalarTransform4f().look_at(
            origin=scene.camera_3.tolist(), target=[0, 0, 0], up=[0, 0, 1]
        ),
        "film": {
            "type": "hdrfilm",
            "width": width,
            "height": height,
            "rfilter": {"type": "box"},
            "pixel_format": "rgb",
            "component_format": "float32",
        },
        "sampler": {"type": "multijitter", "sample_count": samples},
    }


def _thing(mitsuba: Any, numbers: NDArray[np.float32]) -> Any:
    """An object's mesh, from the K numbers that `visreason.clevr.packed.PackedScene` has of it."""
    x, y, z, radius, turn, red, green, blue, kind, is_metal = numbers.tolist()
    center_3, shape = np.array((x, y, z)), SHAPES[int(kind)]
    body = _BODIES[shape]().placed(center_3, radius, turn if shape == "cube" else 0.0)
    color = [value / 255 for value in (red, green, blue)]
    if is_metal:
        return _mesh(mitsuba, shape, body, metal(color), body.along_brush_marks(center_3))
    return _mesh(mitsuba, shape, body, rubber(color))


def _mesh(
    mitsuba: Any,
    name: str,
    surface: Triangles,
    material: Description,
    texture_F32: NDArray[np.float64] | None = None,
) -> Any:
    """A `mitsuba.Mesh` with smooth normals and, for brushed materials, texture coordinates."""
    properties = mitsuba.Properties()
    properties["bsdf"] = mitsuba.load_dict(material)
    triangles = len(surface.corner_F33)
    mesh = mitsuba.Mesh(
        name,
        3 * triangles,
        triangles,
        properties,
        has_vertex_normals=True,
        has_vertex_texcoords=texture_F32 is not None,
    )
    values = mitsuba.traverse(mesh)
    values["vertex_positions"] = surface.corner_F33.astype(np.float32).ravel()
    values["vertex_normals"] = surface.normal_F33.astype(np.float32).ravel()
    values["faces"] = np.arange(3 * triangles, dtype=np.uint32)
    if texture_F32 is not None:
        values["vertex_texcoords"] = texture_F32.astype(np.float32).ravel()
    values.update()
    return mesh
