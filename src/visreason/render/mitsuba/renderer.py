"""Scene to photoreal image: path tracing with Mitsuba 3.

Masks, boxes and depths of the same scenes are the ray-caster's (`visreason.render.Renderer`). The noise of an
image depends on its scene alone, so a scene gives the same bytes again with the same variant, versions, samples
and kind of processor. Shapes: B scenes, H, W pixels; the film's are H', W'.
"""

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from visreason.clevr.packed import Drawable, PackedScene, pack_scene
from visreason.errors import UsageError
from visreason.render.color import srgb
from visreason.render.mitsuba.backend import Variant, best_variant, check_variant, identity, using
from visreason.render.mitsuba.denoiser import denoise
from visreason.render.mitsuba.stage import make_stage

SAMPLES = 8
"""Rays a pixel. Twice as many bring 0.04 dB to the mean over seven real images (halved in size), for 0.5 s each."""
_BOUNCES = 6
"""Pieces of a light path: with 4, metal that mirrors metal shows too dark; beyond 6 nothing changes."""


class MitsubaRenderer:
    """Renders scenes at one size with Mitsuba, on one thread.

    Args:
        width, height: the images' size in pixels. A shape other than 3:2 shows all that 480x320 shows, as
            resizing that image would.
        variant: of Mitsuba; None takes the fastest that works here.
        samples: rays a pixel, rounded up to what stratified samples need.

    Attributes:
        identity: variant and versions, which decide the images' bytes.

    Raises:
        UsageError: Mitsuba, its denoiser, or LLVM for the variant is missing, or a number is below 1.

    Example:
        >>> from visreason.clevr.scene import Scene
        >>> empty = Scene((), {}, {}, 0, "CLEVR_val_000000.png", "val")
        >>> tuple(MitsubaRenderer(24, 16, variant="scalar_rgb").render([empty]).shape)
        (1, 16, 24, 3)
    """

    def __init__(
        self,
        width: int = 480,
        height: int = 320,
        *,
        variant: Variant | None = None,
        samples: int = SAMPLES,
    ) -> None:
        if width < 1 or height < 1:
            raise UsageError(f"cannot render an image of {width}x{height} pixels; give at least 1x1.")
        if samples < 1:
            raise UsageError(f"a pixel needs at least 1 sample; got {samples}.")
        self.size = width, height
        self.film = film_size(width, height)
        self.samples = samples
        self.variant = best_variant() if variant is None else variant
        check_variant(self.variant)
        self.identity = identity(self.variant)

    def render(self, scenes: Sequence[Drawable]) -> Tensor:
        """Images of scenes with the cameras and lamps that they name: uint8 [B, H, W, 3], sRGB.

        Raises:
            DataError: no camera explains the depths of a scene.
        """
        width, height = self.size
        images = torch.empty((len(scenes), height, width, 3), dtype=torch.uint8)
        for image, scene in zip(images, scenes, strict=True):
            packed = scene if isinstance(scene, PackedScene) else pack_scene(scene)
            with using(self.variant) as mitsuba:
                light_HW3 = denoise(self._light(mitsuba, packed))
            image.copy_((srgb(self._fitted(light_HW3)) * 255 + 0.5).to(torch.uint8))
        return images

    def _light(self, mitsuba: Any, scene: PackedScene) -> NDArray[np.float32]:
        """Linear light on the film, [H', W', 3], at most 1: single bright paths would leave specks."""
        stage = make_stage(mitsuba, scene, *self.film, self.samples)
        tracer = mitsuba.load_dict({"type": "volpath", "max_depth": _BOUNCES, "hide_emitters": True})
        light = mitsuba.render(stage, integrator=tracer, spp=self.samples, seed=_seed(scene))
        return np.minimum(np.array(light, dtype=np.float32), 1.0)

    def _fitted(self, light_HW3: NDArray[np.float32]) -> Tensor:
        """The film's light on the image's pixels, each the mean of the film under it."""
        light = torch.from_numpy(light_HW3)
        if self.film == self.size:
            return light
        across_WV, down_HU = (_shares(*sizes) for sizes in zip(self.size, self.film, strict=True))
        return torch.einsum("hu,wv,uvc->hwc", down_HU, across_WV, light)


def film_size(width: int, height: int) -> tuple[int, int]:
    """The least size of aspect 3:2 that has at least as many columns and rows as an image.

    Mitsuba's cameras have square pixels only, so images of other shapes are squeezed.

    Example:
        >>> film_size(480, 320), film_size(128, 128)
        ((480, 320), (192, 128))
    """
    share = max(-(-width // 3), -(-height // 2))
    return 3 * share, 2 * share


def _shares(new: int, old: int) -> Tensor:
    """How much of each new pixel lies on each of the old ones, along one side, [new, old]; rows add up to 1."""
    edge_N, edge_O = torch.arange(new + 1) * (old / new), torch.arange(old + 1)
    upper = torch.minimum(edge_N[1:, None], edge_O[None, 1:])
    lower = torch.maximum(edge_N[:-1, None], edge_O[None, :-1])
    return (upper - lower).clamp_min(0) * (new / old)


def _seed(scene: PackedScene) -> int:
    """A number that depends on the scene alone."""
    return zlib.crc32(b"".join(part.tobytes() for part in (scene.objects_MK, scene.camera_3, scene.lamps_L3)))
