"""How right the layouts are that a Stack Neural Module Network plans, and whether they run at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from visreason.clevr.layouts import is_valid
from visreason.metrics.intervals import Interval, clustered_fraction


@dataclass(frozen=True, slots=True)
class LayoutScores:
    """Figures of planned layouts, each with its 95 % interval clustered by image.

    Attributes:
        exact: layouts that are the true one, step by step; None where no true layout is told.
        steps: steps that run the true module; None likewise.
        valid: layouts that run: no module finds too little on the stack, and one map, or one answer, is left.
    """

    exact: Interval | None
    steps: Interval | None
    valid: Interval

    def to_dict(self) -> dict[str, Any]:
        """The form of `metrics.json`; what is not known is left out."""
        figures = {"exact": self.exact, "steps": self.steps, "valid": self.valid}
        return {name: one.to_dict() for name, one in figures.items() if one is not None}

    def lines(self) -> dict[str, Interval]:
        """What is known, by what people call it."""
        named = {"true layouts": self.exact, "true steps": self.steps, "valid layouts": self.valid}
        return {name: one for name, one in named.items() if one is not None}


def score_layouts(
    planned: Sequence[Sequence[int]],
    true: Sequence[Sequence[int] | None],
    images: ArrayLike,
    *,
    ends_in_answer: bool,
) -> LayoutScores:
    """Compare planned layouts with true ones.

    Args:
        planned: the likeliest module of every step, as `visreason.clevr.layouts.MODULES` numbers them.
        true: the true ones; None where one is not told. A number that no module has is never right.
        images: image indices; texts about one image form a cluster.
        ends_in_answer: whether the texts are questions, whose layouts describe in the end, or expressions.

    Example:
        >>> scores = score_layouts([[1, 7, 0], [1, 0, 0]], [[1, 7, 0], [1, 7, 0]], [0, 1], ends_in_answer=True)
        >>> scores.exact.value, round(scores.steps.value, 3), scores.valid.value
        (0.5, 0.833, 0.5)
    """
    image = np.asarray(images)
    runs = [is_valid(layout, ends_in_answer=ends_in_answer) for layout in planned]
    valid = clustered_fraction(runs, image)
    told = [row for row, layout in enumerate(true) if layout is not None]
    if not told:
        return LayoutScores(None, None, valid)
    right_QT = np.asarray([planned[row] for row in told]) == np.asarray([true[row] for row in told])
    exact = clustered_fraction(right_QT.all(axis=1), image[told])
    steps = clustered_fraction(right_QT.ravel(), np.repeat(image[told], right_QT.shape[1]))
    return LayoutScores(exact, steps, valid)
