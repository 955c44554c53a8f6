"""Scenes as tensors: what the ray-caster needs of every object, camera and lamp of a batch.

Shapes: B scenes, M objects of all scenes in a row, N the most objects of one scene, L lamps (key, fill, back, sun).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from visreason.clevr.attributes import MATERIALS, PALETTE, RADIUS
from visreason.clevr.camera import scene_camera
from visreason.clevr.lamps import SUN, AreaLamp, scene_lamps
from visreason.clevr.scene import Scene

SPHERE, CUBE, CYLINDER = 0, 1, 2
_KIND = {"sphere": SPHERE, "cube": CUBE, "cylinder": CYLINDER}
_SUN_DISTANCE = 1e4


@dataclass(frozen=True, slots=True)
class Objects:
    """All objects of a batch in a row, scene after scene.

    Attributes:
        center_3M, radius_M: where they stand and half their extent.
        cos_M, sin_M: of the angle by which a cube is turned about z.
        kind_M: `SPHERE`, `CUBE` or `CYLINDER`.
        color_3M: linear RGB.
        metal_M: whether it is metal rather than rubber.
        scene_M: the scene it belongs to.
    """

    center_3M: Tensor
    radius_M: Tensor
    cos_M: Tensor
    sin_M: Tensor
    kind_M: Tensor
    color_3M: Tensor
    metal_M: Tensor
    scene_M: Tensor


@dataclass(frozen=True, slots=True)
class Lamps:
    """The lamps of every scene. The sun is one more disc, so far away that its light is parallel.

    Attributes:
        location_L3B: centre.
        facing_L3B: unit vector of the side that shines.
        area_L: emitting area.
        disc_L: radius of the disc of that area, which is what shadows are computed for.
        radiance_3L: emitted radiance, linear RGB.
    """

    location_L3B: Tensor
    facing_L3B: Tensor
    area_L: Tensor
    disc_L: Tensor
    radiance_3L: Tensor


@dataclass(frozen=True, slots=True)
class World:
    """A batch of scenes.

    Attributes:
        objects: the objects in a row.
        slot_NB: for each scene, the rows of its objects; -1 where it has fewer than N.
        camera_3B: where the cameras stand; they look at the origin.
        lamps: the lamps.
    """

    objects: Objects
    slot_NB: Tensor
    camera_3B: Tensor
    lamps: Lamps

    @property
    def size(self) -> int:
        """How many scenes there are."""
        return self.slot_NB.shape[1]


def make_world(scenes: Sequence[Scene], device: torch.device) -> World:
    """Put scenes into tensors.

    Raises:
        DataError: the camera of a scene cannot be recovered from its depths (`visreason.clevr.camera`).
    """
    things = [thing for scene in scenes for thing in scene.objects]
    owner = [b for b, scene in enumerate(scenes) for _ in scene.objects]

    def floats(rows: Sequence[Sequence[float]], width: int) -> Tensor:
        return torch.tensor(rows, dtype=torch.float32, device=device).reshape(-1, width).T.contiguous()

    turn_1M = floats([(math.remainder(thing.rotation, 2 * math.pi),) for thing in things], 1)
    objects = Objects(
        center_3M=floats([thing.position for thing in things], 3),
        radius_M=floats([(RADIUS[thing.size],) for thing in things], 1)[0],
        cos_M=turn_1M[0].cos(),
        sin_M=turn_1M[0].sin(),
        kind_M=torch.tensor([_KIND[thing.shape] for thing in things], dtype=torch.long, device=device),
        color_3M=floats([PALETTE[thing.color] for thing in things], 3) / 255,
        metal_M=torch.tensor(
            [thing.material == MATERIALS[1] for thing in things], dtype=torch.bool, device=device
        ),
        scene_M=torch.tensor(owner, dtype=torch.long, device=device),
    )
    return World(
        objects,
        _slots([len(scene.objects) for scene in scenes], device),
        floats([scene_camera(scene) for scene in scenes], 3),
        _make_lamps([scene_lamps(scene) for scene in scenes], device),
    )


def _slots(counts: Sequence[int], device: torch.device) -> Tensor:
    """Rows of the objects of each scene, [N, B], -1 where there is none; at least one slot."""
    most, first, rows = max(1, *counts), 0, []
    for count in counts:
        rows.append([first + i if i < count else -1 for i in range(most)])
        first += count
    return torch.tensor(rows, dtype=torch.long, device=device).T.contiguous()


def _make_lamps(lamps_B: Sequence[Sequence[AreaLamp]], device: torch.device) -> Lamps:
    sun_radius = _SUN_DISTANCE * math.tan(SUN.angular_diameter / 2)
    sun_area = math.pi * sun_radius**2
    sun_at = tuple(_SUN_DISTANCE * x for x in SUN.direction)
    location_BL3 = torch.tensor([[lamp.location for lamp in lamps] + [sun_at] for lamps in lamps_B])
    first = lamps_B[0]
    area = [lamp.size**2 for lamp in first] + [sun_area]
    sun_radiance = SUN.irradiance * _SUN_DISTANCE**2 / sun_area
    radiance = [[lamp.radiance * x for x in lamp.color] for lamp in first]
    radiance.append([sun_radiance * x for x in SUN.color])
    return Lamps(
        location_L3B=location_BL3.permute(1, 2, 0).contiguous().to(device),
        facing_L3B=-torch.nn.functional.normalize(location_BL3, dim=2).permute(1, 2, 0).contiguous().to(device),
        area_L=torch.tensor(area, device=device),
        disc_L=torch.tensor([math.sqrt(x / math.pi) for x in area], device=device),
        radiance_3L=torch.tensor(radiance, device=device).T.contiguous(),
    )


def per_point(table_xB: Tensor, scene_P: Tensor) -> Tensor:
    """Each point's column of a table with one column a scene, [..., P]; broadcast where there is one scene."""
    return table_xB if table_xB.shape[-1] == 1 else table_xB.index_select(-1, scene_P)
