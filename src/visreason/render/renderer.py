"""Scene to image: the ray-caster's front door.

Every pixel gets one ray; pixels at edges and where the picture changes fast get four more, which replace it. Scenes go
through together, as many as fit a pass. Shapes: B scenes, H, W pixels, P rays, T pixels of an image, E edge pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from visreason.clevr.scene import Scene
from visreason.errors import UsageError
from visreason.render.camera import Fit, Lens, camera_rays, make_lens, pixel_order
from visreason.render.indirect import indirect_light
from visreason.render.shading import Sampling, Shader
from visreason.render.tracing import FLOOR, Hits
from visreason.render.vectors import dot, normalize
from visreason.render.world import World, make_world, per_point

Supersample = Literal["edges", "all", "none"]
_SUBPIXELS = ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))
_ROUGH_RAYS = 16
_CONTRAST = 0.06


@dataclass(frozen=True, slots=True)
class Rendered:
    """Pictures of B scenes.

    Attributes:
        rgb: uint8 [B, H, W, 3], sRGB.
        mask: int16 [B, H, W], the index of the object at the pixel's centre, -1 for the floor.
        depth: float32 [B, H, W], distance along the view axis in world units, infinite where nothing is seen.
    """

    rgb: Tensor
    mask: Tensor
    depth: Tensor


def srgb(linear: Tensor) -> Tensor:
    """Linear light to sRGB in 0..1 (IEC 61966-2-1).

    Example:
        >>> round(float(srgb(torch.tensor(0.5))), 4)
        0.7354
    """
    linear = linear.clamp(0, 1)
    return torch.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear.clamp_min(1e-4) ** (1 / 2.4) - 0.055)


class Renderer:
    """Renders scenes at one size on one device."""

    def __init__(
        self,
        width: int = 480,
        height: int = 320,
        *,
        device: str | torch.device = "cpu",
        fit: Fit = "stretch",
        supersample: Supersample = "edges",
        pass_pixels: int | None = None,
    ) -> None:
        if width < 1 or height < 1:
            raise UsageError(f"an image of {width}x{height} pixels has nothing to show; give at least 1x1.")
        self.device = torch.device(device)
        self.lens: Lens = make_lens(width, height, fit)
        self.supersample = supersample
        default = 160_000 if self.device.type == "cpu" else 4_000_000
        self.pass_scenes = max(1, (pass_pixels or default) // (width * height))

    @torch.no_grad()
    def render(self, scenes: Sequence[Scene]) -> Rendered:
        passes = [
            self._render_pass(scenes[first : first + self.pass_scenes])
            for first in range(0, len(scenes), self.pass_scenes)
        ]
        return Rendered(
            torch.cat([p.rgb for p in passes]),
            torch.cat([p.mask for p in passes]),
            torch.cat([p.depth for p in passes]),
        )

    def _render_pass(self, scenes: Sequence[Scene]) -> Rendered:
        lens, world = self.lens, make_world(scenes, self.device)
        shader = Shader(world, indirect_light(world))
        order_T, tile_T = pixel_order(lens.width, lens.height, self.device)
        count, pixels = world.size, len(order_T)
        scene_P = torch.arange(count, device=self.device).repeat_interleave(pixels)
        group_P = scene_P * (int(tile_T[-1]) + 1) + tile_T.repeat(count)
        x_P, y_P = (order_T % lens.width).repeat(count), (order_T // lens.width).repeat(count)
        place_P = scene_P * pixels + order_T.repeat(count)
        rays = camera_rays(lens, world.camera_3B, scene_P, x_P + 0.5, y_P + 0.5)
        hits = shader.trace(rays)
        light_3P = torch.zeros(3, count * pixels, device=self.device)
        object_P = torch.empty(count * pixels, dtype=torch.long, device=self.device)
        object_P[place_P] = hits.object_P
        if self.supersample != "all":
            light_3P[:, place_P] = shader.radiance(rays, hits, group_P, Sampling(_ROUGH_RAYS))
        if self.supersample != "none":
            shape = (count, lens.height, lens.width)
            chosen_P = (
                busy(light_3P.reshape(3, *shape), object_P.reshape(shape)).flatten()[place_P]
                if self.supersample == "edges"
                else torch.ones_like(place_P, dtype=torch.bool)
            )
            edge = chosen_P.nonzero()[:, 0]
            light_3P[:, place_P[edge]] = self._subpixels(shader, scene_P[edge], x_P[edge], y_P[edge], group_P[edge])
        return self._finish(world, light_3P, object_P, hits, rays.direction_3P, place_P)

    def _subpixels(self, shader: Shader, scene_E: Tensor, x_E: Tensor, y_E: Tensor, group_E: Tensor) -> Tensor:
        """The mean of 2x2 samples of pixels, [3, E]."""
        total = torch.zeros(3, len(scene_E), device=self.device)
        for share, (dx, dy) in enumerate(_SUBPIXELS):
            rays = camera_rays(self.lens, shader.world.camera_3B, scene_E, x_E + dx, y_E + dy)
            sampling = Sampling(_ROUGH_RAYS, share, len(_SUBPIXELS))
            total += shader.radiance(rays, shader.trace(rays), group_E, sampling)
        return total / len(_SUBPIXELS)

    def _finish(
        self, world: World, light_3P: Tensor, object_P: Tensor, hits: Hits, direction_3P: Tensor, place_P: Tensor
    ) -> Rendered:
        shape = (world.size, self.lens.height, self.lens.width)
        rgb = (srgb(light_3P) * 255 + 0.5).to(torch.uint8).reshape(3, *shape).permute(1, 2, 3, 0).contiguous()
        first_B = torch.zeros(world.size, dtype=torch.long, device=self.device)
        counts = torch.bincount(world.objects.scene_M, minlength=world.size)
        first_B[1:] = counts.cumsum(0)[:-1]
        mask = object_P.reshape(shape) - first_B[:, None, None]
        mask = torch.where(object_P.reshape(shape) < 0, FLOOR, mask)
        axis_3P = per_point(-normalize(world.camera_3B), place_P // (shape[1] * shape[2]))
        depth_P = torch.empty_like(hits.distance_P)
        depth_P[place_P] = hits.distance_P * dot(direction_3P, axis_3P)
        return Rendered(rgb, mask.to(torch.int16), depth_P.reshape(shape))


def busy(light_3BHW: Tensor, object_BHW: Tensor) -> Tensor:
    """Which pixels border on another object or on a clearly darker or brighter pixel, bool [B, H, W]."""
    shown_BHW = srgb(light_3BHW)
    result = torch.zeros_like(object_BHW, dtype=torch.bool)
    for axis in (1, 2):
        size = object_BHW.shape[axis] - 1
        here, there = object_BHW.narrow(axis, 0, size), object_BHW.narrow(axis, 1, size)
        step = (shown_BHW.narrow(axis + 1, 1, size) - shown_BHW.narrow(axis + 1, 0, size)).abs().amax(0)
        change = (here != there) | (step > _CONTRAST)
        result.narrow(axis, 0, size).logical_or_(change)
        result.narrow(axis, 1, size).logical_or_(change)
    return result


def render(
    scenes: Sequence[Scene],
    width: int = 480,
    height: int = 320,
    *,
    device: str | torch.device = "cpu",
    fit: Fit = "stretch",
    supersample: Supersample = "edges",
) -> Rendered:
    return Renderer(width, height, device=device, fit=fit, supersample=supersample).render(scenes)
