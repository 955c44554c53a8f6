"""Pixels to rays: CLEVR's camera for images of any size, and the order in which pixels are visited.

At width W and height H the focal length is 35/32 W along x. Along y it is the same for square pixels; with
`fit="stretch"` it is 35/32 * 1.5 H, so that every size shows what 480x320 shows, as resizing that image
would. Shapes: B scenes, P rays, T pixels of an image.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import torch
from torch import Tensor

from visreason.clevr.camera import FOCAL, HEIGHT, WIDTH
from visreason.render.tracing import Rays
from visreason.render.vectors import cross, normalize, take

Fit = Literal["stretch", "crop"]
_TILE = 8


@dataclass(frozen=True, slots=True)
class Lens:
    """The size of an image and the focal lengths, in pixels."""

    width: int
    height: int
    focal_x: float
    focal_y: float


def make_lens(width: int, height: int, fit: Fit) -> Lens:
    """The lens for an image: CLEVR's field of view, stretched to another aspect or cropped to it.

    Example:
        >>> make_lens(480, 320, "stretch") == make_lens(480, 320, "crop")
        True
        >>> make_lens(128, 128, "stretch").focal_y / make_lens(128, 128, "stretch").focal_x
        1.5
    """
    if fit == "stretch":
        return Lens(width, height, FOCAL * width, FOCAL * WIDTH / HEIGHT * height)
    focal = FOCAL * WIDTH * max(width / WIDTH, height / HEIGHT)
    return Lens(width, height, focal, focal)


@lru_cache(maxsize=16)
def pixel_order(width: int, height: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Indices of all pixels (row by row) in the order of 8x8 tiles, and each one's tile, [T] both."""
    pixel = torch.arange(width * height, device=device)
    tile = pixel // width // _TILE * -(-width // _TILE) + pixel % width // _TILE
    tile_T, order_T = tile.sort(stable=True)
    return order_T, tile_T


def camera_rays(
    lens: Lens, camera_3B: Tensor, scene_P: Tensor, group_P: Tensor, x_P: Tensor, y_P: Tensor
) -> Rays:
    """Rays from the camera of each scene through points of its image.

    Args:
        lens: the image.
        camera_3B: where the cameras stand.
        scene_P, group_P: scene and group of each ray.
        x_P, y_P: points of the image in pixels from the top left.
    """
    forward = -normalize(camera_3B)
    upright = torch.tensor((0.0, 0.0, 1.0), device=camera_3B.device)[:, None].expand_as(forward)
    right = normalize(cross(forward, upright))
    up = cross(right, forward)
    x_P, y_P = (x_P - lens.width / 2) / lens.focal_x, (lens.height / 2 - y_P) / lens.focal_y
    direction_3P = take(forward, scene_P) + take(right, scene_P) * x_P + take(up, scene_P) * y_P
    return Rays(take(camera_3B, scene_P), normalize(direction_3P), scene_P, group_P)
