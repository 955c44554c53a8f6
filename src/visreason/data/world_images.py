"""Images and masks of a generated split, rendered batch by batch.

The batches are the same for any number of processes, and each is rendered on one thread, because the last bit
of a floating-point sum depends on how the work is cut up: so the files are the same, byte by byte.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from visreason.clevr.questions import WINDOW
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import iter_scenes
from visreason.data.world_files import WorldFiles
from visreason.data.world_split import WorldSplit
from visreason.files import write_atomically
from visreason.render import Renderer
from visreason.render.mitsuba import MitsubaRenderer
from visreason.render.mitsuba.backend import Variant, best_variant

_BATCH_PIXELS = 320_000
"""Pixels of a batch: two images of CLEVR's size, a second or so of work."""

_BATCH_IMAGES = 64

_PNG_EFFORT = 1
"""zlib's level: files a little larger than at its usual 6, written several times faster."""


@dataclass(frozen=True, slots=True)
class ImageTask:
    """The rendering of one batch of scenes, as it travels to another process.

    Attributes:
        wanted: the split.
        root: the world's folder.
        scenes: the batch.
        variant: of Mitsuba, the same for all processes; None where the ray-caster draws.
    """

    wanted: WorldSplit
    root: Path
    scenes: tuple[Scene, ...]
    variant: Variant | None = None

    def __call__(self) -> int:
        """Render the batch and write its files; return the number of scenes."""
        files = WorldFiles(self.root, self.wanted.split, self.wanted.scenes)
        with one_thread():
            images, masks = self._draw()
        if images is not None:
            for scene, rgb in zip(self.scenes, images, strict=True):
                write_png(files.image(scene.image_index), rgb.numpy())
        if masks is not None:
            for scene, mask in zip(self.scenes, masks, strict=True):
                write_png(files.mask(scene.image_index), (mask + 1).to(torch.uint8).numpy())
        return len(self.scenes)

    def _draw(self) -> tuple[Tensor | None, Tensor | None]:
        """Images and masks, each if they are wanted."""
        cast, wanted = renderer(*self.wanted.image_size), self.wanted
        if wanted.images and self.variant is None:
            rendered = cast.render(self.scenes)
            return rendered.rgb, rendered.mask if wanted.masks else None
        masks = cast.masks(self.scenes) if wanted.masks else None
        if not wanted.images:
            return None, masks
        return path_tracer(*wanted.image_size, self.variant).render(self.scenes), masks


def image_batches(wanted: WorldSplit) -> list[range]:
    """All scenes in batches. A batch is made as a whole, so that a file is the same whenever it is made.

    No batch reaches into two windows of 250 scenes, so that a window's masks can be drawn with it.

    Example:
        >>> image_batches(WorldSplit("val", 5))
        [range(0, 2), range(2, 4), range(4, 5)]
    """
    width, height = wanted.image_size
    size = max(1, min(_BATCH_IMAGES, _BATCH_PIXELS // (width * height)))
    windows = (range(first, min(first + WINDOW, wanted.scenes)) for first in range(0, wanted.scenes, WINDOW))
    return [window[first : first + size] for window in windows for first in range(0, len(window), size)]


def image_tasks(wanted: WorldSplit, files: WorldFiles, batches: Iterable[range]) -> Iterator[ImageTask]:
    """The rendering of some of the batches, with their scenes as the scenes file has them."""
    variant = best_variant() if wanted.images and wanted.renderer == "mitsuba" else None
    scenes, passed = iter_scenes(files.scenes_file), 0
    for batch in batches:
        held = tuple(islice(scenes, batch.start - passed, batch.stop - passed))
        yield ImageTask(wanted, files.root, held, variant)
        passed = batch.stop


@cache
def renderer(width: int, height: int) -> Renderer:
    """The ray-caster of a process, which keeps its tables."""
    return Renderer(width, height)


@cache
def path_tracer(width: int, height: int, variant: Variant | None) -> MitsubaRenderer:
    """Mitsuba's renderer of a process."""
    return MitsubaRenderer(width, height, variant=variant)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let PyTorch use one thread only."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write an image (H, W, 3) or a mask (H, W) as PNG, atomically.

    Raises:
        DataError: the file cannot be written.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "mask.png"
        >>> write_png(path, np.zeros((2, 3), np.uint8))
        >>> Image.open(path).size
        (3, 2)
    """
    with write_atomically(path) as file:
        Image.fromarray(pixels).save(file, "PNG", compress_level=_PNG_EFFORT)
