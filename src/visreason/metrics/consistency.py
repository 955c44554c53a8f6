"""Counterfactual consistency: does a model follow an edit of the scene where the answer does, and only there?

A minimal pair is one question about two scenes that differ in one object
(`visreason.clevr.counterfactuals`). Being right on both sides is the contrast consistency of Gardner et al.,
"Evaluating Models' Local Decision Boundaries via Contrast Sets", Findings of EMNLP 2020
(https://arxiv.org/abs/2004.02709).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from visreason.clevr.counterfactual_edits import EDITS
from visreason.errors import UsageError
from visreason.metrics.intervals import Interval, clustered_fraction


@dataclass(frozen=True, slots=True)
class PairScores:
    """Figures over some minimal pairs, each with its 95 % interval; None where no pair is of that kind.

    Attributes:
        both_right: of all pairs, those with both answers right.
        before_right, after_right: accuracy on the original and on the edited scenes.
        changing_right: of the pairs whose answer changes, those with both answers right. A model that does
            not see the scene answers both sides alike, so it has none.
        changed: of the pairs whose answer changes, those where the prediction changes.
        changed_rightly: those where it changes to the right answer.
        staying_right: of the pairs whose answer stays, those with both answers right.
        stayed: of the pairs whose answer stays, those where the prediction stays, right or wrong.
    """

    both_right: Interval
    before_right: Interval
    after_right: Interval
    changing_right: Interval | None
    changed: Interval | None
    changed_rightly: Interval | None
    staying_right: Interval | None
    stayed: Interval | None

    def to_dict(self) -> dict[str, Any]:
        """The figures by name, null where there is none."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: None if one is None else one.to_dict() for name, one in named.items()}


@dataclass(frozen=True, slots=True)
class Consistency:
    """How consistently a model answered minimal pairs.

    Attributes:
        overall: over all pairs.
        by_edit: over the pairs of each kind of edit that occurs, in the order of `EDITS`.
    """

    overall: PairScores
    by_edit: Mapping[str, PairScores]

    def to_dict(self) -> dict[str, Any]:
        """The form of `counterfactual` in `metrics.json`."""
        by_edit = {edit: scores.to_dict() for edit, scores in self.by_edit.items()}
        return {"pairs": self.overall.both_right.count, **self.overall.to_dict(), "by_edit": by_edit}


def consistency(
    answers: tuple[Sequence[str], Sequence[str]],
    predictions: tuple[Sequence[str], Sequence[str]],
    edits: Sequence[str],
    images: ArrayLike,
) -> Consistency:
    """Compare predictions on both sides of n minimal pairs.

    Args:
        answers: the true answers on the original scenes, n words, and on the edited ones.
        predictions: the model's, likewise.
        edits: the kind of edit of each pair, one of `EDITS`.
        images: n indices of the original images; the pairs of one image form a cluster.

    Raises:
        UsageError: there is no pair, the lengths differ, or a kind of edit is unknown.

    Example:
        >>> found = consistency((["2", "yes"], ["3", "yes"]), (["2", "no"], ["3", "no"]), ["add", "color"], [0, 1])
        >>> found.overall.both_right.value, found.overall.changed_rightly.value, found.overall.stayed.value
        (0.5, 1.0, 1.0)
    """
    image = np.asarray(images).ravel()
    lengths = {len(edits), image.size, *map(len, answers), *map(len, predictions)}
    if len(lengths) != 1 or not edits:
        raise UsageError(
            "consistency needs two answers, two predictions, an edit and an image for each of at least one pair; "
            f"got {len(answers[0])} and {len(answers[1])} answers, {len(predictions[0])} and "
            f"{len(predictions[1])} predictions, {len(edits)} edits and {image.size} images."
        )
    if unknown := set(edits) - set(EDITS):
        raise UsageError(f"{sorted(unknown)[0]!r} is no kind of edit; there are {', '.join(EDITS)}.")
    changes = _differ(answers[0], answers[1])
    moved = _differ(predictions[0], predictions[1])
    before, after = (~_differ(*side) for side in zip(answers, predictions, strict=True))
    kinds = np.array(edits)

    def scores(members: NDArray[np.bool_]) -> PairScores:
        def share(hits: NDArray[np.bool_], among: NDArray[np.bool_]) -> Interval | None:
            part = members & among
            return clustered_fraction(hits[part], image[part]) if part.any() else None

        both = before & after
        return PairScores(
            both_right=clustered_fraction(both[members], image[members]),
            before_right=clustered_fraction(before[members], image[members]),
            after_right=clustered_fraction(after[members], image[members]),
            changing_right=share(both, changes),
            changed=share(moved, changes),
            changed_rightly=share(moved & after, changes),
            staying_right=share(both, ~changes),
            stayed=share(~moved, ~changes),
        )

    by_edit = {edit: scores(kinds == edit) for edit in EDITS if edit in edits}
    return Consistency(scores(np.ones(len(edits), bool)), by_edit)


def _differ(one: Sequence[str], other: Sequence[str]) -> NDArray[np.bool_]:
    """Where two lists of words differ."""
    return np.array([a != b for a, b in zip(one, other, strict=True)])
