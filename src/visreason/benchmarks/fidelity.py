"""How close rendered images come to CLEVR's own, re-rendered from their scenes."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from torch import Tensor

from visreason.benchmarks.row import Row
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import read_scenes
from visreason.data.images import load_image
from visreason.errors import DataError
from visreason.render import Renderer

TARGET_MEAN, TARGET_MEDIAN = 31.5, 32.0
"""What the ray-caster is to reach over the 60 reference images, in decibels."""


def run(limit: int | None = None) -> list[Row]:
    """Render the reference images again with the ray-caster; see `scores`.

    Args:
        limit: how many of the 60 images to use; all without it.

    Returns:
        Mean, median, standard deviation and minimum of the peak signal-to-noise ratio.

    Raises:
        DataError: the reference data are not there; `VISREASON_SHARED` says where they are.
    """
    renderer = Renderer()
    return rows(
        "fidelity", scores(lambda scene: renderer.render([scene]).rgb[0], limit), TARGET_MEAN, TARGET_MEDIAN
    )


def scores(draw: Callable[[Scene], Tensor], limit: int | None = None) -> list[float]:
    """Decibels between the real images and those that `draw` makes of their scenes, [H, W, 3] each.

    Cameras are recovered from the scenes, lamps stand where they do without jitter. CLEVR moved each lamp by up to 1
    on every axis and did not say where to, so shadows and highlights cannot all lie where they do in the images:
    fitting the lamps to an image adds about 5 dB.

    Args:
        draw: renders one scene at CLEVR's size.
        limit: how many of the 60 images to use; all without it.

    Raises:
        DataError: the reference data are not there.
    """
    folder = ClevrFolder(_shared() / "data" / "clevr_real")
    scenes = read_scenes(folder.scenes_file("train"))[:limit]
    return [
        psnr(load_image(folder.image_path("train", scene.image_filename)), draw(scene).numpy())
        for scene in scenes
    ]


def rows(name: str, found: Sequence[float], mean: float, median: float) -> list[Row]:
    """Mean, median, standard deviation and minimum of decibels, beside what is wanted of mean and median.

    Example:
        >>> [row.value for row in rows("fidelity", [30.0, 34.0], mean=31.5, median=32.0)]
        [32.0, 32.0, 2.0, 30.0]
    """
    return [
        Row(name=f"{name}.mean", value=float(np.mean(found)), unit=f"dB (at least {mean} wanted)"),
        Row(name=f"{name}.median", value=float(np.median(found)), unit=f"dB (at least {median} wanted)"),
        Row(name=f"{name}.deviation", value=float(np.std(found)), unit="dB"),
        Row(name=f"{name}.least", value=float(np.min(found)), unit=f"dB, of {len(found)} images"),
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
