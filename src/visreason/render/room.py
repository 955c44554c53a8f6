"""Light that the empty sweep throws onto itself: a radiosity solution, made once, applied to any lamps.

The sweep is cut into patches with form factors F_ij = cos cos A_j / (pi r^2). With direct light e,
reflectance q and G = q F, the indirect light is G (e + G (e + ...)) = (I - G)^-1 G e, so one matrix answers
for every scene. Goral et al., "Modeling the interaction of light between diffuse surfaces", SIGGRAPH 1984.
Shapes: B scenes, K patches in U rows (along the profile) of V columns (from side to side), P points.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from visreason.render import sweep
from visreason.render.lighting import Points, beams, irradiance
from visreason.render.maps import Maps
from visreason.render.world import World

INDIRECT, ALL = slice(0, 3), slice(3, 6)
"""Channels of maps of irradiance."""
_COLUMNS = 32
_SOFTEN = 0.3


@dataclass(frozen=True, slots=True)
class Room:
    """The patches of the empty sweep.

    Attributes:
        x_U: where the rows' centres are along x'.
        center_3K, normal_3K: the patches, row by row.
        bounce_KK: direct to indirect irradiance.
    """

    x_U: Tensor
    center_3K: Tensor
    normal_3K: Tensor
    bounce_KK: Tensor


@lru_cache(maxsize=4)
def empty_room(device: torch.device) -> Room:
    """Cut the sweep into patches and solve for the light between them."""
    x_low, x_high = sweep.X_RANGE
    wall = x_high * torch.linspace(0, 1, 15)[1:] ** 0.6
    edge = torch.cat((torch.linspace(x_low, -4, 11), torch.linspace(-4, 0, 9)[1:], wall))
    x_U = (edge[1:] + edge[:-1]) / 2
    length_U = torch.hypot(edge.diff(), sweep.from_floor(edge, torch.zeros_like(edge))[2].diff())
    side = torch.linspace(*sweep.Y_RANGE, _COLUMNS + 1)
    y_V = (side[1:] + side[:-1]) / 2
    center_3K = sweep.from_floor(x_U.repeat_interleave(_COLUMNS), y_V.repeat(len(x_U)))
    normal_3K = sweep.normal(center_3K)
    area_K = (length_U * (side[1] - side[0])).repeat_interleave(_COLUMNS)

    # In double precision, so that the solver's threads cannot change a bit of the result in single precision.
    center, normal = center_3K.double(), normal_3K.double()
    between_3KK = center[:, None] - center[:, :, None]
    square_KK = between_3KK.square().sum(0) + _SOFTEN
    leaving_KK = torch.einsum("dk,dkj->kj", normal, between_3KK).clamp_min(0)
    arriving_KK = -torch.einsum("dj,dkj->kj", normal, between_3KK).clamp_max(0)
    bounce_KK = leaving_KK * arriving_KK / square_KK.square() * (sweep.REFLECTANCE / math.pi) * area_K
    solved_KK = torch.linalg.solve(torch.eye(len(area_K)) - bounce_KK, bounce_KK).float()
    return Room(x_U.to(device), center_3K.to(device), normal_3K.to(device), solved_KK.to(device))


@dataclass(frozen=True, slots=True)
class RoomLight:
    """The light in the empty room under the lamps of each scene.

    Attributes:
        room: its patches.
        maps: irradiance, channels `INDIRECT` and `ALL`.
    """

    room: Room
    maps: Maps

    def at(self, point_3P: Tensor, scene_P: Tensor, channels: slice) -> Tensor:
        """Irradiance at points of the sweep, [3, P]: the channels `INDIRECT` or `ALL`."""
        x_P, y_P = sweep.to_floor(point_3P)
        x_U = self.room.x_U
        after_P = torch.bucketize(x_P, x_U).clamp(1, len(x_U) - 1)
        low_P, high_P = x_U[after_P - 1], x_U[after_P]
        y_low, y_high = sweep.Y_RANGE
        column_P = (y_P - y_low) * (_COLUMNS / (y_high - y_low)) - 0.5
        return self.maps.at(scene_P, column_P, after_P - 1 + (x_P - low_P) / (high_P - low_P), channels)


def light_room(world: World) -> RoomLight:
    """Light the empty room with the lamps of every scene."""
    room = empty_room(world.device)
    count, patches = len(world), room.center_3K.shape[1]
    scene_P = torch.arange(count, device=world.device).repeat_interleave(patches)
    points = Points(room.center_3K.repeat(1, count), room.normal_3K.repeat(1, count), scene_P, scene_P)
    direct_BK3 = irradiance(beams(points, world, shadows=False)).reshape(3, count, patches).permute(1, 2, 0)
    indirect_BK3 = room.bounce_KK.expand(count, -1, -1) @ direct_BK3.contiguous()
    both_B6K = torch.cat((indirect_BK3, indirect_BK3 + direct_BK3), dim=2).mT
    return RoomLight(room, Maps.of(both_B6K.reshape(count, 6, -1, _COLUMNS)))
