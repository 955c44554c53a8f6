"""How close Mitsuba's images come to CLEVR's own, re-rendered from their scenes, and what they cost."""

import time

from torch import Tensor

from visreason.benchmarks.fidelity import rows, scores
from visreason.benchmarks.row import Row
from visreason.clevr.scene import Scene
from visreason.render.mitsuba import MitsubaRenderer

TARGET_MEAN, TARGET_MEDIAN = 34.0, 34.0
"""What Mitsuba is to reach over the 60 reference images, in decibels."""


def run(limit: int | None = None) -> list[Row]:
    """Render the reference images again with Mitsuba; see `visreason.benchmarks.fidelity.scores`.

    Args:
        limit: how many of the 60 images to use; all without it.

    Returns:
        Mean, median, standard deviation and minimum of the peak signal-to-noise ratio, and processor seconds an
        image, the compilation of kernels included.

    Raises:
        DataError: the reference data are not there; `VISREASON_SHARED` says where they are.
        UsageError: Mitsuba or its denoiser is not installed.
    """
    renderer, seconds = MitsubaRenderer(), []

    def draw(scene: Scene) -> Tensor:
        start = time.process_time()
        image = renderer.render([scene])[0]
        seconds.append(time.process_time() - start)
        return image

    found = rows("fidelity-mitsuba", scores(draw, limit), TARGET_MEAN, TARGET_MEDIAN)
    cost = sum(seconds) / len(seconds)
    unit = f"processor seconds an image, {renderer.samples} samples, {renderer.variant}"
    return [*found, Row(name="fidelity-mitsuba.cost", value=cost, unit=unit)]
