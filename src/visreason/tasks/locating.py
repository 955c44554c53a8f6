"""One expression about one image: the box of what it refers to, and the reasoning behind it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw

from visreason.data.images import Pixels
from visreason.errors import ModelError
from visreason.models import ModelFile, Output
from visreason.models.locating import chosen_corners
from visreason.models.stack_nmn import StackNmn
from visreason.nn.boxes import decode_boxes
from visreason.tasks.abilities import vocabulary_of
from visreason.tasks.asking import look
from visreason.trace.schema import Trace

_FOUND = (255, 0, 144)
"""The colour of a located box; nothing in CLEVR's worlds has it."""


@dataclass(frozen=True, slots=True)
class Located:
    """What a model takes an expression to refer to.

    Attributes:
        box: (x, y, width, height) in pixels of the image, as far as it lies on it.
        probability: of the cell that the box was told from.
        trace: how the model came to it.
    """

    box: tuple[float, float, float, float]
    probability: float
    trace: Trace

    def to_dict(self) -> dict[str, Any]:
        """The form of `locate --json`."""
        return {"box": list(self.box), "probability": self.probability, "trace": self.trace.to_json()}


def locate_model(model: ModelFile, expression: str, image: Pixels) -> Located:
    """Locate what an expression refers to.

    Args:
        model: of a Stack Neural Module Network that points.
        expression: in the words that the model knows.
        image: RGB, of any size.

    Raises:
        ModelError: the model does not locate, or has no vocabulary.
        VocabularyError: a word is unknown; the message names the nearest.
        DataError: the expression is empty.
    """
    network = model.model
    if not isinstance(network, StackNmn) or network.location is None:
        raise ModelError(
            f"a {model.family} of this kind locates nothing. Train one that does: `visreason train snmn-loc-quick`."
        )
    vocabulary = vocabulary_of(model)
    batch = look(model, vocabulary.encode(expression, "the expression"), image)
    with torch.no_grad():
        output: Output = network(batch, trace=True)
    assert output.places is not None
    assert output.corners is not None
    assert output.trace is not None
    height, width = image.shape[:2]
    cell_1, corners_14 = chosen_corners(output.places, output.corners)
    x, y, w, h = decode_boxes(cell_1, corners_14, (height, width), network.location.grid)[0].tolist()
    left, top = max(0.0, x), max(0.0, y)
    right, bottom = min(float(width), x + w), min(float(height), y + h)
    box = (left, top, max(0.0, right - left), max(0.0, bottom - top))
    trace = replace(output.trace[0], answers=())
    trace = trace.describe(vocabulary.tokenise(expression), vocabulary.answers)
    probability = float(output.places.softmax(dim=1).amax())
    return Located((*(round(side, 2) for side in box),), round(probability, 6), trace)


def mark_box(image: Pixels, box: tuple[float, float, float, float]) -> Pixels:
    """An image with a box drawn on it.

    Example:
        >>> marked = mark_box(np.zeros((40, 60, 3), np.uint8), (10, 10, 20, 20))
        >>> marked[10, 15].tolist(), marked[20, 20].tolist()
        ([255, 0, 144], [0, 0, 0])
    """
    picture = Image.fromarray(image)
    x, y, width, height = box
    stroke = max(1, round(min(image.shape[:2]) / 160))
    corners = (x, y, max(x, x + width - 1), max(y, y + height - 1))
    ImageDraw.Draw(picture).rectangle(corners, outline=_FOUND, width=stroke)
    return np.asarray(picture)
