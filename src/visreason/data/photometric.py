"""Photographs of one scene that differ in light, colour, sharpness and compression: augmentation that moves nothing.

What a network learns from a ray-caster's images it should not lose on a renderer's or a camera's.
"""

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from visreason.data.images import Pixels
from visreason.errors import UsageError


@dataclass(frozen=True, slots=True)
class Photometric:
    """Change an image's light, contrast and colours; then, each in half of the images, blur it, add noise, compress it.

    ```
    x' = gain * balance_c * x^gamma + shift,   x in [0, 1]
    ```

    Attributes:
        strength: of all changes. At 1 gamma and gain are within 25 % of 1 (log-uniform), the balance of each channel
            within 6 %, the shift within 0.05, the blur's radius up to 0.8 pixels, the noise's deviation up to 0.02, and
            JPEG's quality down to 40.

    Example:
        >>> grey = np.full((16, 24, 3), 128, np.uint8)
        >>> Photometric()(grey, np.random.default_rng(0)).shape
        (16, 24, 3)
    """

    strength: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.strength <= 1:
            raise UsageError(
                f"the strength of a photometric augmentation is from 0 to 1; got {self.strength}."
            )

    def __call__(self, image_HWC: Pixels, rng: np.random.Generator) -> Pixels:
        """Return a changed copy of the image, the same for the same generator state."""
        bound = self.strength * np.log(1.25)
        gamma, gain = np.exp(rng.uniform(-bound, bound, size=2))
        balance_C = 1 + self.strength * rng.uniform(-0.06, 0.06, size=3)
        shift = self.strength * rng.uniform(-0.05, 0.05)
        blurs, adds_noise, compresses = rng.random(3) < 0.5
        radius, deviation, loss = self.strength * rng.random(3)
        levels = np.linspace(0, 1, 256) ** gamma
        table_LC = np.clip(np.rint(255 * (gain * balance_C * levels[:, None] + shift)), 0, 255).astype(
            np.uint8
        )
        pixels = np.stack([table_LC[image_HWC[..., channel], channel] for channel in range(3)], axis=-1)
        if blurs:
            pixels = np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(0.8 * float(radius))))
        if adds_noise:
            noise = rng.standard_normal(pixels.shape, np.float32) * np.float32(255 * 0.02 * deviation)
            pixels = np.clip(pixels + noise, 0, 255).astype(np.uint8)
        return compressed(pixels, round(95 - 55 * float(loss))) if compresses else pixels


def compressed(image_HWC: Pixels, quality: int) -> Pixels:
    """An image after JPEG.

    >>> compressed(np.zeros((8, 8, 3), np.uint8), 50).shape
    (8, 8, 3)
    """
    file = io.BytesIO()
    Image.fromarray(image_HWC).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))
