"""What a request may cost."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds within which the server works; beyond them it refuses with a typed error.

    Attributes:
        requests: how many requests may be in the server at once (503 beyond).
        body_bytes: the longest body of a request; longer ones are refused before they are read (413).
        image_pixels: the largest image; larger ones are refused before they are decoded (413).
        waiting: how many pieces of work may wait at one model, and at the renderer (503 beyond).
        batch: how many of them are put into one batch.
        seconds: the longest that a request waits for a result (504).
        pictures: how many rendered pictures are kept.
    """

    requests: int = 256
    body_bytes: int = 16 << 20
    image_pixels: int = 16 << 20
    waiting: int = 64
    batch: int = 16
    seconds: float = 60.0
    pictures: int = 64
