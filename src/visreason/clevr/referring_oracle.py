"""Every referring expression of a file traced by its program to an object, whose box is held against the file's.

What is visible of an object is known from the mask that the ray-caster draws of its scene.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from visreason.clevr.boxes import Box
from visreason.clevr.executor import outputs
from visreason.clevr.oracle import with_scenes
from visreason.clevr.referring import ReferringExpression
from visreason.clevr.scene import Scene
from visreason.errors import ProgramError

DRAWN_BY_OTHERS = 2.0
"""Pixels by which the sides of a box may differ where the image was not drawn by us: CLEVR's own silhouettes
and the ray-caster's do by one, as a rule."""


@dataclass(frozen=True, slots=True)
class BoxVerdict:
    """What the oracle says of one expression.

    Attributes:
        expression: the expression.
        object_index: the object it refers to; None where it is ill-posed on its scene.
        box: the object's box, None where the image shows nothing of it.
        tolerance: pixels by which a side may differ.
        error: why it is ill-posed, or None.
    """

    expression: ReferringExpression
    object_index: int | None
    box: Box | None
    tolerance: float
    error: str | None = None

    @property
    def agrees(self) -> bool | None:
        """Whether the stored box is the object's; None where none is stored."""
        stored = self.expression.box
        if stored is None:
            return None
        return self.box is not None and all(
            abs(one - other) <= self.tolerance
            for one, other in zip(_sides(stored), _sides(self.box), strict=True)
        )

    def to_dict(self) -> dict[str, Any]:
        """One line of `answer --output`, and one of the disagreements of `answer --json`."""
        expression = self.expression
        record = {
            "question_index": expression.index,
            "image_filename": expression.image_filename,
            "question": expression.text,
            "object_index": self.object_index,
            "answer": None if self.box is None else list(self.box),
            "stored": None if expression.box is None else list(expression.box),
            "agrees": self.agrees,
        }
        return record if self.error is None else record | {"error": self.error}


def judge_boxes(
    expressions: Iterable[ReferringExpression],
    scenes: Iterable[Scene],
    boxes_of: Callable[[Scene], Sequence[Box | None]],
    *,
    tolerance: float = 0.0,
    expressions_from: str | os.PathLike[str] = "the expressions",
    scenes_from: str | os.PathLike[str] = "the scenes",
) -> Iterator[BoxVerdict]:
    """Find the objects that expressions refer to.

    Args:
        expressions: in any order; quickest where those of one image follow each other.
        scenes: those of all the images that are spoken of.
        boxes_of: the boxes of a scene's objects on its image, None for what it does not show.
        tolerance: pixels by which the sides of a stored box may differ.
        expressions_from, scenes_from: what to call the two in an error, as a rule their files.

    Raises:
        DataError: an expression has no program, or is about an image that has no scene; names both.
    """
    drawn: Scene | None = None
    boxes: Sequence[Box | None] = ()
    for expression, masks in with_scenes(expressions, scenes, "expression", expressions_from, scenes_from):
        assert expression.program is not None
        if drawn is not masks.scene:
            drawn, boxes = masks.scene, boxes_of(masks.scene)
        try:
            found = int(outputs(expression.program, masks)[-1])
        except ProgramError as error:
            yield BoxVerdict(expression, None, None, tolerance, str(error))
        else:
            yield BoxVerdict(expression, found, boxes[found], tolerance)


def _sides(box: Box) -> Box:
    """Left, top, right and bottom."""
    return (box[0], box[1], box[0] + box[2], box[1] + box[3])
