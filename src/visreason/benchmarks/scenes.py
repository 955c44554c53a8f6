"""How fast scenes are placed on one core, and how well their objects can be seen."""

import time

import numpy as np

from visreason.benchmarks.row import Row
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.visibility import visible_pixels

SCENES = 500


def run(scenes: int = SCENES) -> list[Row]:
    """Sample `scenes` scenes by CLEVR's rules, visibility included, in this process alone.

    Returns:
        Scenes per second of processor time, and the pixels that the least visible object of a scene shows at
        480x320: the mean and the least over all scenes (CLEVR wants 200).

    Example:
        >>> [row.name for row in run(scenes=2)]
        ['scenes.speed', 'scenes.least-visible', 'scenes.least-visible-of-all']
    """
    start = time.process_time()
    sampled = [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(scenes)]
    seconds = time.process_time() - start
    least = [int(visible_pixels(scene).min()) for scene in sampled]
    return [
        Row(name="scenes.speed", value=scenes / seconds, unit="scenes/s"),
        Row(name="scenes.least-visible", value=float(np.mean(least)), unit="pixels"),
        Row(name="scenes.least-visible-of-all", value=float(min(least)), unit="pixels"),
    ]
