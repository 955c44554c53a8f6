"""What a prediction of a test was about: a question, an expression or a region, and its picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from visreason.clevr.camera import HEIGHT, WIDTH
from visreason.clevr.scene import Scene

Prediction = Mapping[str, Any]
"""A line of `predictions.jsonl`: an answer, a box (with `iou`), or the name of a region (with `region`)."""

Sides = tuple[float, float, float, float]
"""A box: x, y, width, height."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a prediction was about.

    Attributes:
        text: the question or expression; None for a region.
        scene: where it is known.
        image: the file that was looked at; None where there was none, and the scene is drawn.
        frame: width and height of the image in whose pixels boxes are given.
        boxes: of all regions of the image.
        place: which of them it is about.
    """

    text: str | None
    scene: Scene | None
    image: Path | None
    frame: tuple[int, int] = (WIDTH, HEIGHT)
    boxes: tuple[Sides, ...] = ()
    place: int | None = None
