"""Pictures of scenes: rendered by one thread, and kept while they are among those last asked for."""

import io
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from functools import lru_cache

from PIL import Image

from visreason.clevr.camera import HEIGHT, WIDTH
from visreason.clevr.packed import PackedScene, pack_scene
from visreason.clevr.scene import Scene
from visreason.data.images import Pixels, resize_image
from visreason.serve.limits import Limits
from visreason.serve.worker import Worker

_Key = tuple[bytes, int, int]
"""What a picture depends on: what the renderer reads of the scene, and the picture's size."""


_THUMBNAIL = 240
"""Width of a thumbnail, in pixels."""


class Pictures:
    """Renders scenes.

    Args:
        limits: how many requests may wait, and how many pictures are kept.
    """

    def __init__(self, limits: Limits) -> None:
        self.worker = Worker("the renderer", limits.waiting, limits.batch)
        self._most = limits.pictures
        self._kept: OrderedDict[_Key, Future[Pixels]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, scene: Scene, width: int = WIDTH, height: int = HEIGHT) -> "Future[Pixels]":
        """A picture of a scene, `[H, W, 3]`; whoever asks for one that is being made waits for the same.

        Raises:
            ApiError: too many wait (503).
        """
        packed = pack_scene(scene)
        key = (
            b"".join((packed.objects_MK.tobytes(), packed.camera_3.tobytes(), packed.lamps_L3.tobytes())),
            width,
            height,
        )
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept.cancelled() or (kept.done() and kept.exception() is not None):
                kept = self._kept[key] = self.worker.submit(_painter(width, height), packed)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return kept


@lru_cache(maxsize=8)
def _painter(width: int, height: int) -> "_Painter":
    """The one painter of a size, so that scenes of the same size are rendered together."""
    return _Painter(width, height)


class _Painter:
    """Renders scenes in one size; the renderer is imported by the first that is rendered."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height

    def __call__(self, scenes: Sequence[PackedScene]) -> list[Pixels]:
        """The pictures of scenes."""
        from visreason.render.renderer import Renderer

        rendered = Renderer(self.width, self.height).render(scenes)
        return list(rendered.rgb.cpu().numpy())


def to_png(pixels: Pixels) -> bytes:
    """A picture as a PNG file, packed quickly rather than tightly."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()


def thumbnail(pixels: Pixels) -> Pixels:
    """A small picture of an image."""
    height, width = pixels.shape[:2]
    return resize_image(pixels, (max(1, round(height * _THUMBNAIL / width)), _THUMBNAIL))
