"""Scene to image: the ray-caster's front door.

Every pixel gets one ray; pixels at edges and where the picture changes fast get four more, which replace it.
Scenes go through together, as many as fit a pass. Shapes: B scenes, H, W pixels, P rays, T pixels of an
image, E pixels that get more rays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

import torch
from torch import Tensor

from visreason.clevr.packed import Drawable
from visreason.errors import UsageError
from visreason.render.camera import Fit, camera_rays, make_lens, pixel_order
from visreason.render.color import srgb
from visreason.render.indirect import indirect_light
from visreason.render.shading import Shader, lobe_points, trace
from visreason.render.threads import side_by_side
from visreason.render.tracing import FLOOR, Hits, Rays
from visreason.render.vectors import dot, normalize, take
from visreason.render.world import World, make_world

T = TypeVar("T")
Supersample = Literal["edges", "all", "none"]
_SUBPIXELS = ((0.375, 0.125), (0.875, 0.375), (0.125, 0.625), (0.625, 0.875))
"""Where the 2x2 samples of a pixel lie: on a turned grid, which smooths upright and level edges best."""
_CONTRAST = 0.08
_PASS_PIXELS = 160_000
"""Rays of a pass on a CPU: what its cache holds."""
_PASS_PIXELS_CUDA = 16_000_000
"""Rays of a pass on a GPU: a pass is some 20,000 small operations whatever its size, so large ones are cheap."""
_BYTES_A_PIXEL = 1024
"""Memory of a pass: some 780 bytes a ray were measured, with images of 128x128 pixels."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """Pictures of B scenes.

    Attributes:
        rgb: uint8 [B, H, W, 3], sRGB.
        mask: int16 [B, H, W], index in the scene of the object at the pixel's centre; -1 for the floor, and
            for the dark beyond its ends, which CLEVR's cameras never see.
        depth: float32 [B, H, W], distance along the view axis in world units; infinite beyond the floor.
    """

    rgb: Tensor
    mask: Tensor
    depth: Tensor


class Renderer:
    """Renders scenes at one size on one device; what does not depend on the scene is made once.

    Args:
        width, height: the images' size in pixels.
        device: where to render.
        fit: what to do where the aspect is not 3:2. "stretch" shows all that 480x320 shows, as resizing that
            image would (what networks with square inputs are trained on); "crop" keeps shapes and cuts off
            the sides.
        supersample: which pixels get 2x2 samples: those at "edges" and where the picture changes fast, "all"
            or "none".

    Raises:
        UsageError: a size below 1, or an unknown word for `fit` or `supersample`.
    """

    def __init__(
        self,
        width: int = 480,
        height: int = 320,
        *,
        device: str | torch.device = "cpu",
        fit: Fit = "stretch",
        supersample: Supersample = "edges",
    ) -> None:
        if width < 1 or height < 1:
            raise UsageError(f"cannot render an image of {width}x{height} pixels; give at least 1x1.")
        for name, word, known in (("fit", fit, Fit), ("supersample", supersample, Supersample)):
            if word not in get_args(known):
                raise UsageError(f"{name} is {word!r}; expected one of {', '.join(get_args(known))}.")
        self.device = torch.device(device)
        self.lens = make_lens(width, height, fit)
        self.supersample = supersample
        self.scenes_per_pass = max(1, _pass_pixels(self.device) // (width * height))

    def render(self, scenes: Sequence[Drawable]) -> Rendered:
        """Render scenes with the cameras and lamps that they name.

        The camera is the scene's own, recovered from its depths, or CLEVR's without jitter
        (`visreason.clevr.camera.scene_camera`); so are the lamps (`visreason.clevr.lamps.scene_lamps`).

        Raises:
            DataError: no camera explains the depths of a scene.
        """
        parts = self._in_passes(self._render_pass, scenes)
        shape = (0, self.lens.height, self.lens.width)
        if not parts:
            return Rendered(
                torch.empty((*shape, 3), dtype=torch.uint8, device=self.device),
                torch.empty(shape, dtype=torch.int16, device=self.device),
                torch.empty(shape, device=self.device),
            )
        return Rendered(
            torch.cat([part.rgb for part in parts]),
            torch.cat([part.mask for part in parts]),
            torch.cat([part.depth for part in parts]),
        )

    def masks(self, scenes: Sequence[Drawable]) -> Tensor:
        """The masks that `render` draws of the same scenes, bit by bit, without the light: int16 [B, H, W].

        Raises:
            DataError: no camera explains the depths of a scene.

        Example:
            >>> from visreason.clevr.sampling import sample_scene, scene_rng
            >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
            >>> renderer = Renderer(24, 16)
            >>> torch.equal(renderer.masks([scene]), renderer.render([scene]).mask)
            True
        """
        parts = self._in_passes(self._mask_pass, scenes)
        empty = torch.empty((0, self.lens.height, self.lens.width), dtype=torch.int16, device=self.device)
        return torch.cat(parts) if parts else empty

    def _in_passes(self, work: Callable[[Sequence[Drawable]], T], scenes: Sequence[Drawable]) -> list[T]:
        """The results of working on as many scenes at a time as fit a pass."""
        step = self.scenes_per_pass
        passes = [scenes[first : first + step] for first in range(0, len(scenes), step)]
        return side_by_side(work, passes) if self.device.type == "cpu" else [work(part) for part in passes]

    @torch.no_grad()
    def _mask_pass(self, scenes: Sequence[Drawable]) -> Tensor:
        world = make_world(scenes, self.device)
        rays, _, _, place_P = self._pixels(world)
        object_P = trace(rays, world).object_P
        object_P = torch.empty_like(object_P).index_copy(0, place_P, object_P)
        return _mask(world, object_P.reshape(len(world), self.lens.height, self.lens.width))

    @torch.no_grad()
    def _render_pass(self, scenes: Sequence[Drawable]) -> Rendered:
        world = make_world(scenes, self.device)
        shader = Shader(world, indirect_light(world))
        shape = (len(world), self.lens.height, self.lens.width)
        rays, x_P, y_P, place_P = self._pixels(world)
        hits = shader.trace(rays)
        object_BHW = torch.empty_like(hits.object_P).index_copy(0, place_P, hits.object_P).reshape(shape)
        light_3P = torch.zeros_like(rays.direction_3P)
        if self.supersample == "all":
            chosen_P = torch.ones_like(place_P, dtype=torch.bool)
        else:
            light_3P[:, place_P] = shader.radiance(rays, hits, lobe_points(1, self.device))
            chosen_P = take(busy(light_3P.reshape(3, *shape), object_BHW).flatten(), place_P)
        if self.supersample != "none":
            index = chosen_P.nonzero()[:, 0]
            place_E, scene_E, group_E = (
                take(place_P, index),
                take(rays.scene_P, index),
                take(rays.group_P, index),
            )
            light_3P[:, place_E] = self._subpixels(
                shader, scene_E, group_E, take(x_P, index), take(y_P, index)
            )
        rgb = (srgb(light_3P) * 255 + 0.5).to(torch.uint8).reshape(3, *shape).permute(1, 2, 3, 0).contiguous()
        depth_P = torch.empty_like(hits.distance_P).index_copy(0, place_P, _depth(world, rays, hits))
        return Rendered(rgb, _mask(world, object_BHW), depth_P.reshape(shape))

    def _pixels(self, world: World) -> tuple[Rays, Tensor, Tensor, Tensor]:
        """Rays through all pixels' centres, the pixels' columns and rows, and their places in the images."""
        order_T, tile_T = pixel_order(self.lens.width, self.lens.height, self.device)
        count = len(world)
        scene_P = torch.arange(count, device=self.device).repeat_interleave(len(order_T))
        group_P = scene_P * (int(tile_T[-1]) + 1) + tile_T.repeat(count)
        x_P, y_P = (order_T % self.lens.width).repeat(count), (order_T // self.lens.width).repeat(count)
        rays = camera_rays(self.lens, world.camera_3B, scene_P, group_P, x_P + 0.5, y_P + 0.5)
        return rays, x_P, y_P, scene_P * len(order_T) + order_T.repeat(count)

    def _subpixels(
        self, shader: Shader, scene_E: Tensor, group_E: Tensor, x_E: Tensor, y_E: Tensor
    ) -> Tensor:
        """The mean of 2x2 samples of pixels, [3, E]."""
        shares = len(_SUBPIXELS)
        dx, dy = torch.tensor(_SUBPIXELS, device=self.device).T.repeat(1, len(x_E))
        scene_P, group_P, x_P, y_P = (v.repeat_interleave(shares) for v in (scene_E, group_E, x_E, y_E))
        rays = camera_rays(self.lens, shader.world.camera_3B, scene_P, group_P, x_P + dx, y_P + dy)
        lobe_2PK = lobe_points(shares, self.device).repeat(1, len(x_E), 1)
        return shader.radiance(rays, shader.trace(rays), lobe_2PK).reshape(3, -1, shares).mean(2)


def _pass_pixels(device: torch.device) -> int:
    """How many pixels are rendered at a time: on a GPU, what a quarter of its memory holds."""
    if device.type != "cuda":
        return _PASS_PIXELS
    memory = torch.cuda.get_device_properties(device).total_memory
    return min(_PASS_PIXELS_CUDA, memory // (4 * _BYTES_A_PIXEL))


def busy(light_3BHW: Tensor, object_BHW: Tensor) -> Tensor:
    """Which pixels border on another object or on a clearly darker or brighter pixel, bool [B, H, W]."""
    shown_3BHW = srgb(light_3BHW)
    result_BHW = torch.zeros_like(object_BHW, dtype=torch.bool)
    for axis in (1, 2):
        size = object_BHW.shape[axis] - 1
        here, there = object_BHW.narrow(axis, 0, size), object_BHW.narrow(axis, 1, size)
        step = shown_3BHW.narrow(axis + 1, 1, size) - shown_3BHW.narrow(axis + 1, 0, size)
        change = (here != there) | (step.abs().amax(0) > _CONTRAST)
        result_BHW.narrow(axis, 0, size).logical_or_(change)
        result_BHW.narrow(axis, 1, size).logical_or_(change)
    return result_BHW


def _mask(world: World, object_BHW: Tensor) -> Tensor:
    """Rows of objects in the batch as indices in their scenes."""
    count_B = torch.bincount(world.objects.scene_M, minlength=len(world))
    first_B = count_B.cumsum(0) - count_B
    return torch.where(object_BHW < 0, FLOOR, object_BHW - first_B[:, None, None]).to(torch.int16)


def _depth(world: World, rays: Rays, hits: Hits) -> Tensor:
    """How far along the view axis rays end, [P]."""
    return hits.distance_P * dot(rays.direction_3P, take(-normalize(world.camera_3B), rays.scene_P))


def render(
    scenes: Sequence[Drawable],
    width: int = 480,
    height: int = 320,
    *,
    device: str | torch.device = "cpu",
    fit: Fit = "stretch",
    supersample: Supersample = "edges",
) -> Rendered:
    """Render scenes once; see `Renderer` for the arguments and to render again and again.

    Example:
        >>> from visreason.clevr.scene import Scene
        >>> empty = Scene((), {}, {}, 0, "CLEVR_val_000000.png", "val")
        >>> picture = render([empty], 24, 16)
        >>> tuple(picture.rgb.shape), int(picture.mask.max())
        ((1, 16, 24, 3), -1)
    """
    return Renderer(width, height, device=device, fit=fit, supersample=supersample).render(scenes)
