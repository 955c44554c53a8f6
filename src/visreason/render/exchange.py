"""What objects add to the floor's indirect light, and what they take from it.

An object is taken as a ball that touches the floor, a little larger than the object where that has edges.
Seen from a point of the floor at distance s from where it stands, a ball of radius r fills the form factor
r^3 / (s^2 + r^2)^1.5. It sends there what its lower side reflects, and hides so much of the wall, which
shines from one side. Shapes: M objects, T points of the floor, C terms of `visreason.render.object_light`, A
angles.
"""

import math

import torch
from torch import Tensor

from visreason.render import sweep
from visreason.render.lighting import Points
from visreason.render.object_light import terms
from visreason.render.world import World, per_point

_BALL = (1.0, 1.4, 1.3)


def exchange(total_3CM: Tensor, ambient_3T: Tensor, points: Points, world: World) -> Tensor:
    """The change of the floor's indirect irradiance, [3, T].

    Args:
        total_3CM: irradiance of the objects.
        ambient_3T: indirect irradiance of the empty floor.
        points: the points of the floor.
        world: the scenes.
    """
    objects = world.objects
    ball_M = objects.radius_M * torch.tensor(_BALL, device=world.device)[objects.kind_M]
    sent_M = _radiosity(total_3CM, objects.color_3M).flatten(0, 1)
    laid_XNB = world.by_slot(torch.cat((objects.center_3M[:2], ball_M[None], sent_M)))
    wall_x, wall_y = sweep.WALL_DIRECTION
    result_3T = torch.zeros_like(ambient_3T)
    for laid_XB in laid_XNB.unbind(1):
        x, y, radius, *sent = per_point(laid_XB, points.scene_P)
        dx, dy = points.at_3P[0] - x, points.at_3P[1] - y
        square = dx * dx + dy * dy
        down = radius * (square + radius * radius).clamp_min(1e-6).rsqrt()
        level = square.clamp_min(1e-6).rsqrt()
        dx, dy, factor = dx * level, dy * level, down * down * down
        hidden = factor * (1 - dx * wall_x - dy * wall_y)
        for channel in range(3):
            below, around, east, north = sent[4 * channel : 4 * channel + 4]
            emitted = down * below + (1 - down) * (around + east * dx + north * dy)
            result_3T[channel] += factor * emitted - hidden * ambient_3T[channel]
    return result_3T.maximum(-ambient_3T)


def _radiosity(total_3CM: Tensor, color_3M: Tensor) -> Tensor:
    """Light that objects send down, and around: its mean and its first harmonics in x and y, [3, 4, M]."""
    turn_A = torch.arange(8, device=total_3CM.device) * (math.pi / 4)
    zero_A = torch.zeros_like(turn_A)
    slanted_3A = torch.stack((turn_A.cos() * 0.9, turn_A.sin() * 0.9, zero_A - 0.436))
    around_3MA = _lit(total_3CM, terms(slanted_3A, zero_A - 0.5))
    down_31 = torch.stack((zero_A[:1], zero_A[:1], zero_A[:1] - 1))
    below_3M = _lit(total_3CM, terms(down_31, zero_A[:1] - 1))[..., 0]
    east_3M, north_3M = (2 * (around_3MA * wave_A).mean(2) for wave_A in (turn_A.cos(), turn_A.sin()))
    return torch.stack((below_3M, around_3MA.mean(2), east_3M, north_3M), dim=1) * color_3M[:, None]


def _lit(total_3CM: Tensor, terms_CA: Tensor) -> Tensor:
    """Fitted irradiance for some normals and heights, [3, M, A], never negative."""
    return (total_3CM.mT.contiguous()[:, :, None] * terms_CA.T.contiguous()).sum(3).clamp_min(0)
