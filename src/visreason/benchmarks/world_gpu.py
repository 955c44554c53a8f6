"""How many images a second a world gives that keeps only scenes and renders every batch where training runs."""

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from visreason.benchmarks.row import Row
from visreason.clevr.packed import PackedScene, draw_jitter, pack_scene
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.data.inputs import Seen
from visreason.data.on_the_fly import RenderingCollate
from visreason.data.samples import Sample

SIDE = 128
"""Height and width of the images: those of the networks that read pixels."""

AT_ONCE = {"cpu": (8, 32), "cuda": (64, 256, 1024)}
"""How many images are rendered together, by device."""

_SCENES = 256
_SECONDS = 5.0
_WORDS = np.ones(1, np.uint16)


def run(at_once: Sequence[int] | None = None, seconds: float = _SECONDS, scenes: int = _SCENES) -> list[Row]:
    """Render scenes from fresh cameras and under fresh lamps, on a GPU where there is one.

    Everything from the drawing of the jitter to the float images in the batch is counted; the placing of the
    scenes and one round to warm up are not.

    Args:
        at_once: how many images are rendered together; None tries several.
        seconds: at least so long for each.
        scenes: how many different ones; they come again where more are rendered together.

    Returns:
        Images a second of wall time for each number at once; on a GPU also the most memory that was taken.

    Example:
        >>> [row.name for row in run(at_once=[2], seconds=0.0, scenes=2)]
        ['world-gpu.2-at-once']
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    name = torch.cuda.get_device_name() if device == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    placed = [pack_scene(sample_scene(scene_rng(0, "train", i), i, "train")) for i in range(scenes)]
    rows = []
    for count in at_once or AT_ONCE[device]:
        collate = RenderingCollate((SIDE, SIDE), device, ahead=count)
        _round(collate, placed, count, epoch=0)
        rounds, start = 0, time.perf_counter()
        while rounds == 0 or time.perf_counter() - start < seconds:
            rounds += 1
            _round(collate, placed, count, epoch=rounds)
        speed = rounds * count / (time.perf_counter() - start)
        rows.append(
            Row(name=f"world-gpu.{count}-at-once", value=speed, unit=f"images/s of {SIDE}x{SIDE} ({name})")
        )
    if device == "cuda":
        peak = torch.cuda.max_memory_allocated() / 2**30
        rows.append(Row(name="world-gpu.memory", value=peak, unit="GiB of the GPU's memory at most"))
    return rows


def _round(collate: RenderingCollate, placed: Sequence[PackedScene], count: int, epoch: int) -> None:
    """Make one batch of `count` images, and wait until the device has it."""
    cameras, lamps = draw_jitter(0, epoch, count)
    samples = []
    for row in range(count):
        scene = replace(placed[row % len(placed)], camera_3=cameras[row], lamps_L3=lamps[row])
        samples.append(Sample(_WORDS, Seen(scene=scene), answer=0, row=row, image_index=row, subject=row))
    images = collate(samples).images
    assert images is not None
    if images.is_cuda:
        torch.cuda.synchronize()
