"""How close rendered images come to CLEVR's own, re-rendered from their scenes."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from visreason.benchmarks.row import Row
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scenes_file import read_scenes
from visreason.data.images import load_image
from visreason.errors import DataError
from visreason.render import Renderer

TARGET_MEAN, TARGET_MEDIAN = 31.5, 32.0
"""What the ray-caster is to reach over the 60 reference images, in decibels."""


def run(limit: int | None = None) -> list[Row]:
    """Render the reference images again, with their cameras recovered and lamps where they stand without
    jitter.

    CLEVR moved each lamp by up to 1 on every axis and did not say where to, so shadows and highlights cannot
    all lie where they do in the images: fitting the lamps to an image adds about 5 dB.

    Args:
        limit: how many of the 60 images to use; all without it.

    Returns:
        Mean, median, standard deviation and minimum of the peak signal-to-noise ratio.

    Raises:
        DataError: the reference data are not there; `VISREASON_SHARED` says where they are.
    """
    folder = ClevrFolder(_shared() / "data" / "clevr_real")
    renderer = Renderer()
    scores = []
    for scene in read_scenes(folder.scenes_file("train"))[:limit]:
        real = load_image(folder.image_path("train", scene.image_filename))
        scores.append(psnr(real, renderer.render([scene]).rgb[0].numpy()))
    return [
        Row(name="fidelity.mean", value=float(np.mean(scores)), unit=f"dB (at least {TARGET_MEAN} wanted)"),
        Row(
            name="fidelity.median",
            value=float(np.median(scores)),
            unit=f"dB (at least {TARGET_MEDIAN} wanted)",
        ),
        Row(name="fidelity.deviation", value=float(np.std(scores)), unit="dB"),
        Row(name="fidelity.least", value=float(np.min(scores)), unit=f"dB, of {len(scores)} images"),
    ]


def psnr(first: ArrayLike, second: ArrayLike) -> float:
    """Peak signal-to-noise ratio of two 8-bit images, 10 log10(255^2 / mean squared difference), in dB.

    Example:
        >>> round(psnr(np.zeros((2, 2)), np.full((2, 2), 255)), 1)
        0.0
    """
    error = np.mean(np.square(np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)))
    return float("inf") if error == 0 else float(10 * np.log10(255**2 / error))


def _shared() -> Path:
    """The folder of reference data."""
    folder = Path(os.environ.get("VISREASON_SHARED", Path.cwd().parent / "shared"))
    if not (folder / "data" / "clevr_real").is_dir():
        raise DataError(
            f"there are no real CLEVR images to compare with at {folder}. "
            "Set VISREASON_SHARED to the folder that has data/clevr_real in the layout of CLEVR v1.0."
        )
    return folder
