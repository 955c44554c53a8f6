"""Scenes as tensors: what the ray-caster needs of every object, camera and lamp of a batch.

Shapes: B scenes, M objects of all scenes in a row, N the most objects of one scene, L lamps (key, fill, back,
sun).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from visreason.clevr.attributes import SHAPES
from visreason.clevr.lamps import AREA_LAMPS, SUN
from visreason.clevr.packed import Drawable, PackedScene, pack_scene
from visreason.render.shapes import BOUND, CUBE, CYLINDER, SPHERE
from visreason.render.vectors import take

_KINDS = [{"sphere": SPHERE, "cube": CUBE, "cylinder": CYLINDER}[shape] for shape in SHAPES]
_SUN_DISTANCE = 1e4


@dataclass(frozen=True, slots=True)
class Objects:
    """All objects of a batch in a row, scene after scene.

    Attributes:
        center_3M, radius_M: where they stand and half their extent.
        cos_M, sin_M: of the angle by which a cube is turned about z.
        kind_M: `SPHERE`, `CUBE` or `CYLINDER`.
        bound_M: radius of the ball around each.
        color_3M: linear RGB.
        metal_M: whether it is metal rather than rubber.
        scene_M: the scene it belongs to.
    """

    center_3M: Tensor
    radius_M: Tensor
    cos_M: Tensor
    sin_M: Tensor
    kind_M: Tensor
    bound_M: Tensor
    color_3M: Tensor
    metal_M: Tensor
    scene_M: Tensor

    def __len__(self) -> int:
        return len(self.radius_M)


@dataclass(frozen=True, slots=True)
class Lamps:
    """The lamps of every scene. The sun is one more lamp, a disc so far away that its light is parallel.

    Attributes:
        location_L3B: centre.
        facing_L3B: unit vector of the side that shines.
        right_L3B: unit vector along the horizontal edges of the squares.
        area_L: emitting area.
        disc_L: radius of the disc of that area, which is what shadows are computed for.
        radiance_3L: emitted radiance, linear RGB.
    """

    location_L3B: Tensor
    facing_L3B: Tensor
    right_L3B: Tensor
    area_L: Tensor
    disc_L: Tensor
    radiance_3L: Tensor

    def __len__(self) -> int:
        return len(self.area_L)


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

    def __len__(self) -> int:
        return self.slot_NB.shape[1]

    @property
    def device(self) -> torch.device:
        """Where all tensors are."""
        return self.slot_NB.device

    def by_slot(self, values_M: Tensor) -> Tensor:
        """Values of objects laid out by slot and scene, [..., N, B]; 0 where a scene has no such object."""
        if values_M.shape[-1] == 0:
            return values_M.new_zeros((*values_M.shape[:-1], *self.slot_NB.shape))
        return values_M[..., self.slot_NB.clamp_min(0)] * (self.slot_NB >= 0)


def make_world(scenes: Sequence[Drawable], device: torch.device) -> World:
    """Put scenes into tensors.

    Raises:
        DataError: the camera of a scene cannot be recovered from its depths (`visreason.clevr.camera`).
    """
    packed = [scene if isinstance(scene, PackedScene) else pack_scene(scene) for scene in scenes]
    counts = [len(scene.objects_MK) for scene in packed]
    camera_B3 = np.stack([scene.camera_3 for scene in packed])
    return World(
        _make_objects(np.concatenate([scene.objects_MK for scene in packed]), counts, device),
        _slots(counts, device),
        torch.from_numpy(camera_B3).to(device).T.contiguous(),
        _make_lamps(np.stack([scene.lamps_L3 for scene in packed]), device),
    )


def _make_objects(objects_MK: NDArray[np.float32], counts: Sequence[int], device: torch.device) -> Objects:
    x, y, z, radius, turn, *color, kind, metal = torch.from_numpy(objects_MK).to(device).T
    kind_M = torch.tensor(_KINDS, device=device)[kind.long()]
    owner_M = np.repeat(np.arange(len(counts)), counts)
    return Objects(
        center_3M=torch.stack((x, y, z)),
        radius_M=radius.contiguous(),
        cos_M=turn.cos(),
        sin_M=turn.sin(),
        kind_M=kind_M,
        bound_M=radius * torch.tensor(BOUND, device=device)[kind_M],
        color_3M=torch.stack(color) / 255,
        metal_M=metal > 0,
        scene_M=torch.from_numpy(owner_M).to(device),
    )


def _slots(counts: Sequence[int], device: torch.device) -> Tensor:
    """Rows of the objects of each scene, [N, B], -1 where there is none; at least one slot."""
    most, first, rows = max(1, *counts), 0, []
    for count in counts:
        rows.append([first + i if i < count else -1 for i in range(most)])
        first += count
    return torch.tensor(rows, dtype=torch.long, device=device).T.contiguous()


def _make_lamps(location_BL3: NDArray[np.float32], device: torch.device) -> Lamps:
    sun_area = math.pi * (_SUN_DISTANCE * math.tan(SUN.angular_diameter / 2)) ** 2
    sun_radiance = SUN.irradiance * _SUN_DISTANCE**2 / sun_area
    sun_13 = np.array([[_SUN_DISTANCE * x for x in SUN.direction]], np.float32)

    def floats(values: Sequence[object]) -> Tensor:
        return torch.tensor(values, dtype=torch.float32, device=device)

    with_sun_BL3 = np.concatenate((location_BL3, np.broadcast_to(sun_13, (len(location_BL3), 1, 3))), axis=1)
    location_L3B = torch.from_numpy(with_sun_BL3).to(device).permute(1, 2, 0).contiguous()
    facing_L3B = -torch.nn.functional.normalize(location_L3B, dim=1)
    right_L3B = torch.stack((facing_L3B[:, 1], -facing_L3B[:, 0], torch.zeros_like(facing_L3B[:, 0])), dim=1)
    area_L = floats([*(lamp.size**2 for lamp in AREA_LAMPS), sun_area])
    lights = [*((lamp.radiance, lamp.color) for lamp in AREA_LAMPS), (sun_radiance, SUN.color)]
    return Lamps(
        location_L3B=location_L3B,
        facing_L3B=facing_L3B,
        right_L3B=torch.nn.functional.normalize(right_L3B, dim=1),
        area_L=area_L,
        disc_L=(area_L / math.pi).sqrt(),
        radiance_3L=floats([[radiance * x for x in color] for radiance, color in lights]).T.contiguous(),
    )


def per_point(table_xB: Tensor, scene_P: Tensor) -> Tensor:
    """Each point's column of a table with one column a scene: [..., P], or [..., 1] if there is one scene."""
    if table_xB.shape[-1] == 1:
        return table_xB
    return take(table_xB, scene_P)
