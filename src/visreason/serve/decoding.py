"""Images that strangers send: decoded with care, or refused before any harm is done."""

import base64
import binascii
import io
import re
import warnings

from PIL import Image, UnidentifiedImageError

from visreason.data.images import Pixels, load_image
from visreason.errors import DataError
from visreason.serve.failures import ApiError

FORMATS = ("PNG", "JPEG", "WEBP")
"""The only decoders that a request can reach."""

_PREFIX = re.compile(r"data:image/(?:png|jpeg|webp);base64,")


def decode_image(text: str, most_pixels: int) -> Pixels:
    """The pixels of an image in base64, `[H, W, 3]`.

    Its size is read and judged before a pixel is decoded.

    Args:
        text: a PNG, JPEG or WebP file in base64, as it is or as a `data:` URL.
        most_pixels: the largest size.

    Raises:
        DataError: it is no such image, or broken.
        ApiError: it is too large (413).

    Example:
        >>> import numpy as np
        >>> file = io.BytesIO()
        >>> Image.new("L", (4, 2), 128).save(file, "PNG")
        >>> decode_image(base64.b64encode(file.getvalue()).decode(), 100).shape
        (2, 4, 3)
    """
    try:
        data = base64.b64decode(_PREFIX.sub("", text, count=1), validate=True)
    except (binascii.Error, ValueError) as error:
        raise DataError(f"the image is no base64 text: {error}.") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # judged below, and more strictly
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _judge(image.size, most_pixels)
                image.verify()
    except UnidentifiedImageError:
        raise DataError(f"the image is none of {', '.join(FORMATS)}. Save it as one of these.") from None
    except Image.DecompressionBombError:
        raise _too_large(most_pixels) from None
    except (OSError, SyntaxError, ValueError, RuntimeError, EOFError, OverflowError) as error:
        raise DataError(f"the image cannot be read: {error}. Save it again.") from error
    return load_image(io.BytesIO(data), formats=FORMATS)


def _judge(size: tuple[int, int], most_pixels: int) -> None:
    """Refuse an image by its size."""
    if size[0] * size[1] > most_pixels:
        raise _too_large(most_pixels)


def _too_large(most_pixels: int) -> ApiError:
    message = f"the image has more than {most_pixels:,} pixels. Make it smaller."
    return ApiError(413, "too_large", message)
