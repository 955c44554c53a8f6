"""Image files to arrays: whatever a user has, read with care as 8-bit RGB.

NumPy and PIL only, so that loader workers start fast.

Shape suffixes: H rows, W columns, C = 3 colour channels.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from visreason.errors import DataError, UsageError

Pixels = NDArray[np.uint8]
Alteration = Callable[[Pixels, np.random.Generator], Pixels]
"""Changes an image at random, the same way for the same generator state."""


def load_image(
    path: str | Path | BinaryIO,
    where: str = "",
    *,
    upright: bool = True,
    formats: tuple[str, ...] | None = None,
) -> Pixels:
    """Read an image file as 8-bit RGB, [H, W, C].

    CLEVR's own files are RGBA PNG with every pixel opaque. Grey, palette, CMYK and 16-bit images are
    converted (16 bits keep their upper 8), transparent pixels are laid over white as a browser does, and a
    photo that its camera marked as turned is turned upright.

    Args:
        path: the file, or its open contents.
        where: what asked for it, such as `"question 17"`; named in errors.
        upright: False: leave a photo as it lies in the file, whatever the camera marked.
        formats: the only formats that may be decoded, by PIL's names; None: all that PIL can.

    Raises:
        DataError: the file is missing, truncated or no image; names `where` and the file.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "grey.png"
        >>> Image.new("L", (4, 2), 128).save(path)
        >>> load_image(path).shape, load_image(path)[0, 0].tolist()
        ((2, 4, 3), [128, 128, 128])
    """
    with _opened(path, where, formats) as image:
        upright_image = ImageOps.exif_transpose(image) if upright else image
        return np.asarray(_to_rgb(upright_image, _asked(where), _called(path)))


def load_mask(path: str | Path, where: str = "") -> Pixels:
    """Read a picture whose grey levels are codes and no colours, [H, W], eight bits.

    Raises:
        DataError: as `load_image`; or the picture is not grey.
    """
    with _opened(path, where) as image:
        if image.mode not in ("L", "1"):
            raise DataError(f"{_asked(where)}{path} is a mask and should be grey; its mode is {image.mode}.")
        return np.asarray(image.convert("L"))


def _asked(where: str) -> str:
    """What asked for a file, as an error begins."""
    return f"{where}: " if where else ""


def _called(path: str | Path | BinaryIO) -> str:
    """What to call an image in an error."""
    return str(path) if isinstance(path, str | Path) else "that was given"


@contextmanager
def _opened(
    path: str | Path | BinaryIO, where: str, formats: tuple[str, ...] | None = None
) -> Iterator[Image.Image]:
    """An image file, decoded, with errors for people."""
    asked, called = _asked(where), _called(path)
    try:
        with Image.open(path, formats=formats) as image:
            image.load()
            yield image
    except FileNotFoundError as error:
        raise DataError(
            f"{asked}the image {called} does not exist. Check the folder and the split."
        ) from error
    except UnidentifiedImageError as error:
        raise DataError(
            f"{asked}{called} is not an image that can be read (PNG, JPEG and others can)."
        ) from error
    except (OSError, RuntimeError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(
            f"{asked}the image {called} cannot be read: {error}. Copy or download it again."
        ) from error


def _to_rgb(image: Image.Image, asked: str, path: str) -> Image.Image:
    """Convert any mode of PIL to RGB without losing what the picture shows."""
    if image.mode.startswith("I;16") or image.mode == "I":
        levels = np.asarray(image, dtype=np.int64)
        if levels.min() < 0 or levels.max() > 0xFFFF:
            raise DataError(
                f"{asked}the image {path} has grey levels {levels.min()} .. {levels.max()}; 8 or 16 bits are read."
            )
        return Image.fromarray((levels >> 8).astype(np.uint8)).convert("RGB")
    if image.mode == "F":
        raise DataError(
            f"{asked}the image {path} holds floating-point pixels, whose range is unknown; save it with 8 or 16 bits."
        )
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        image = image.convert("RGBA")
        if image.getchannel("A").getextrema() != (255, 255):
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def resize_image(image: Pixels, size: tuple[int, int], *, bicubic: bool = False) -> Pixels:
    """Resize to `size` = (H, W), bilinear or bicubic, with the wider support that PIL uses to shrink.

    The aspect is not kept: the published models see 480×320 images squeezed to 128×128 in this way, or, for the
    features of a backbone, squeezed to 224×224 with the bicubic filter.

    Example:
        >>> resize_image(np.zeros((320, 480, 3), np.uint8), (128, 128)).shape
        (128, 128, 3)
    """
    height, width = size
    if image.shape[:2] == (height, width):
        return image
    resampling = Image.Resampling.BICUBIC if bicubic else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(image).resize((width, height), resampling))


@dataclass(frozen=True, slots=True)
class Augmentation:
    """The reference's training augmentation: pad with black, crop at random, turn a little.

    Attributes:
        padding: black pixels added on each side before the crop.
        degrees: the angle is uniform in -degrees .. degrees; nearest neighbour, black corners.

    Example:
        >>> grey = np.full((128, 128, 3), 128, np.uint8)
        >>> Augmentation()(grey, np.random.default_rng(0)).shape
        (128, 128, 3)
    """

    padding: int = 8
    degrees: float = 2.8

    def __post_init__(self) -> None:
        if self.padding < 0 or self.degrees < 0:
            raise UsageError(f"an augmentation needs padding and degrees of at least 0; got {self}.")

    def __call__(self, image_HWC: Pixels, rng: np.random.Generator) -> Pixels:
        """Return a shifted and turned copy of the image, the same for the same generator state."""
        height, width = image_HWC.shape[:2]
        top, left = rng.integers(0, 2 * self.padding, size=2, endpoint=True)
        padded = np.pad(image_HWC, ((self.padding,) * 2, (self.padding,) * 2, (0, 0)))
        crop = padded[top : top + height, left : left + width]
        angle = rng.uniform(-self.degrees, self.degrees)
        return np.asarray(Image.fromarray(crop).rotate(angle, Image.Resampling.NEAREST))


@dataclass(frozen=True, slots=True)
class InTurn:
    """Several alterations, one after the other, from one generator."""

    alterations: tuple[Alteration, ...]

    def __call__(self, image_HWC: Pixels, rng: np.random.Generator) -> Pixels:
        """Return the image after the last."""
        for alteration in self.alterations:
            image_HWC = alteration(image_HWC, rng)
        return image_HWC
