import base64
import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from visreason.errors import DataError
from visreason.serve.decoding import decode_image
from visreason.serve.failures import ApiError

SMALL = np.random.default_rng(0).integers(0, 255, (6, 9, 3), np.uint8)


def packed(form: str, pixels: Any = SMALL, **options: Any) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, **options)
    return base64.b64encode(file.getvalue()).decode()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(width: int, height: int) -> str:
    """A PNG of a few bytes that says it is huge."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    parts = (b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), chunk(b"IDAT", data), chunk(b"IEND", b""))
    return base64.b64encode(b"".join(parts)).decode()


@pytest.mark.parametrize(("form", "options"), [("PNG", {}), ("WEBP", {"lossless": True})])
def test_pixels_come_through(form: str, options: dict[str, Any]) -> None:
    assert (decode_image(packed(form, **options), 1000) == SMALL).all()


def test_a_data_url_is_read_like_the_bare_text() -> None:
    url = f"data:image/jpeg;base64,{packed('JPEG')}"
    assert (decode_image(url, 1000) == decode_image(packed("JPEG"), 1000)).all()


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (2**31 - 1, 2**31 - 1), (101, 10)])
def test_a_bomb_is_refused_by_what_it_says_it_is(width: int, height: int) -> None:
    with pytest.raises(ApiError, match="more than 1,000 pixels") as refused:
        decode_image(bomb(width, height), 1000)
    assert refused.value.status == 413


def test_an_image_that_unpacks_to_more_than_it_says_is_refused() -> None:
    with pytest.raises(DataError, match="cannot be read"):
        decode_image(bomb(500, 500), 250_000)


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF", "ICO", "PPM"])
def test_other_formats_never_reach_their_decoders(form: str) -> None:
    with pytest.raises(DataError, match="none of PNG, JPEG, WEBP"):
        decode_image(packed(form), 1000)


@pytest.mark.parametrize("text", ["", "%%%", "aGVsbG8=", "data:text/html;base64,aGVsbG8=", "é", "A"])
def test_what_is_no_image_is_refused(text: str) -> None:
    with pytest.raises(DataError, match=r"no base64|none of PNG"):
        decode_image(text, 1000)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_half_an_image_is_refused(form: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (60, 60, 3), np.uint8)
    data = base64.b64decode(packed(form, noise))
    with pytest.raises(DataError, match=r"cannot be read|none of"):
        decode_image(base64.b64encode(data[: int(len(data) * share)]).decode(), 10_000)
