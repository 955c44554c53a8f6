"""How many images a second the ray-caster makes on all cores, and what they cost."""

import os
import time
from collections.abc import Sequence

import numpy as np
import torch
from joblib import Parallel, delayed

from visreason.benchmarks.row import Row
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.render import Renderer

SIZES = ((480, 320, 12), (128, 128, 96))
"""Width, height, and how many scenes are rendered at that size by each process."""
ALIKE = 40.0
"""Images this close, in decibels, count as equal."""


def run(sizes: Sequence[tuple[int, int, int]] = SIZES, cores: int | None = None) -> list[Row]:
    """Render fresh scenes at CLEVR's size and at that of the networks.

    Args:
        sizes: width, height and number of scenes.
        cores: how many processes render side by side; one a core without it.

    Returns:
        For each size, images a second of wall time on all cores (one process a core, warm, while nothing else
        runs) and processor seconds an image; and how much faster extra samples at edges alone are than extra
        samples everywhere, equal if the images are.

    Example:
        >>> [row.name for row in run(sizes=[(24, 16, 1)], cores=1)]
        ['rendering.24x16', 'rendering.24x16.cost', 'rendering.24x16.edges']
    """
    scenes = [
        sample_scene(scene_rng(0, "val", i), i, "val") for i in range(max(count for *_, count in sizes))
    ]
    cores = cores or _cores()
    return [row for width, height, count in sizes for row in _rows(scenes[:count], width, height, cores)]


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _rows(scenes: list[Scene], width: int, height: int, cores: int) -> list[Row]:
    name = f"rendering.{width}x{height}"
    with Parallel(n_jobs=cores) as parallel:
        parallel(delayed(_render)(scenes[:2], width, height) for _ in range(cores))
        start = time.perf_counter()
        costs = parallel(delayed(_render)(scenes, width, height) for _ in range(cores))
        seconds = time.perf_counter() - start
    images = cores * len(scenes)
    return [
        Row(name=name, value=images / seconds, unit=f"images/s on {cores} cores"),
        Row(name=f"{name}.cost", value=sum(costs) / images, unit="processor seconds an image"),
        _against_everywhere(scenes[: max(1, len(scenes) // 4)], width, height),
    ]


def _render(scenes: list[Scene], width: int, height: int) -> float:
    """Render scenes on one thread and give the processor seconds that it took."""
    torch.set_num_threads(1)
    renderer = Renderer(width, height)
    start = time.process_time()
    renderer.render(scenes)
    return time.process_time() - start


def _against_everywhere(scenes: list[Scene], width: int, height: int) -> Row:
    seconds, images = [], []
    for supersample in ("all", "edges"):
        renderer = Renderer(width, height, supersample="all" if supersample == "all" else "edges")
        renderer.render(scenes[:1])
        start = time.process_time()
        images.append(renderer.render(scenes).rgb.numpy().astype(np.float64))
        seconds.append(time.process_time() - start)
    error = float(np.square(images[0] - images[1]).mean())
    return Row(
        name=f"rendering.{width}x{height}.edges",
        ratio=seconds[0] / seconds[1],
        equal=error < 255**2 / 10 ** (ALIKE / 10),
    )
