"""How right a question-answering model is: overall, by type, group and answer class; and invalid answers."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from visreason.clevr.answers import ANSWER_CLASSES, QUESTION_TYPES
from visreason.errors import UsageError
from visreason.metrics.intervals import Interval, clustered_fraction
from visreason.sort_of_clevr import questions as sort_of_clevr

QUESTION_GROUPS: dict[str, tuple[str, ...]] = {
    "count": ("count",),
    "exist": ("exist",),
    "compare_numbers": ("equal_integer", "less_than", "greater_than"),
    "query_attribute": ("query_size", "query_color", "query_material", "query_shape"),
    "compare_attribute": ("equal_size", "equal_color", "equal_material", "equal_shape"),
    **sort_of_clevr.QUESTION_GROUPS,
}
"""The groups in which the literature reports accuracy: CLEVR's five (Johnson et al. 2017,
https://arxiv.org/abs/1612.06890), and the two of Sort-of-CLEVR (Santoro et al. 2017, https://arxiv.org/abs/1706.01427)."""

_CLASS_OF_ANSWER = {
    answer: kind
    for classes in (sort_of_clevr.ANSWER_CLASSES, ANSWER_CLASSES)
    for kind, answers in classes.items()
    for answer in answers
}

OTHER = "other"
"""The class of answers that neither CLEVR nor Sort-of-CLEVR has."""


def answer_class(answer: str) -> str:
    """The kind of an answer: one of CLEVR's six (which hold those of Sort-of-CLEVR too), or `OTHER`.

    Example:
        >>> answer_class("7"), answer_class("metal"), answer_class("circle"), answer_class("perhaps")
        ('number', 'material', 'shape', 'other')
    """
    return _CLASS_OF_ANSWER.get(answer, OTHER)


@dataclass(frozen=True, slots=True)
class Scores:
    """Accuracy of a set of answers, each figure with its 95 % interval clustered by image.

    Attributes:
        overall: over all questions.
        by_type: for each question type that occurs: CLEVR's 13 in their order, then others as they come.
        by_group: for each of `QUESTION_GROUPS` that occurs.
        by_answer_class: for each kind of true answer (`"number"`, `"color"` …), as the reference prints it.
        invalid: the fraction of answers of another kind than the true one, such as "red" to "how many".
        invalid_by_answer_class: the same for each kind of true answer.
    """

    overall: Interval
    by_type: dict[str, Interval]
    by_group: dict[str, Interval]
    by_answer_class: dict[str, Interval]
    invalid: Interval
    invalid_by_answer_class: dict[str, Interval]

    def to_dict(self) -> dict[str, object]:
        """Return the figures as they stand in `metrics.json`: `accuracy` (four views) and `invalid` (two)."""
        views = {field.name: getattr(self, field.name) for field in fields(self)}
        plain = {
            name: view.to_dict()
            if isinstance(view, Interval)
            else {key: one.to_dict() for key, one in view.items()}
            for name, view in views.items()
        }
        accuracy = {name: plain[name] for name in ("overall", "by_type", "by_group", "by_answer_class")}
        invalid = {"overall": plain["invalid"], "by_answer_class": plain["invalid_by_answer_class"]}
        return {"accuracy": accuracy, "invalid": invalid}


def score(
    answers: Sequence[str],
    predictions: Sequence[str],
    types: Sequence[str] | None,
    images: ArrayLike,
) -> Scores:
    """Compare predictions with true answers.

    An answer is invalid when its class (number, material, color, shape, size, exist) is not that of the
    true answer; that is how the Relation Networks reference counts.

    Args:
        answers: the true answers, n words such as `"yes"`, `"3"`, `"cyan"`.
        predictions: the model's, n words.
        types: n question types, such as those of `visreason.clevr.answers.QUESTION_TYPES`; `None` where they are
            not known, which leaves `by_type` and `by_group` empty.
        images: n image indices; questions about one image form a cluster.

    Raises:
        UsageError: there are no samples, or the lengths differ.

    Example:
        >>> scores = score(["2", "yes"], ["3", "red"], ["count", "exist"], images=[0, 1])
        >>> scores.overall.value, scores.by_type["count"].value, scores.invalid.value
        (0.0, 0.0, 0.5)
    """
    image = np.asarray(images).ravel()
    lengths = {len(answers), len(predictions), image.size, len(types) if types is not None else len(answers)}
    if len(lengths) != 1 or not answers:
        raise UsageError(
            f"scores need one answer, prediction, type and image a sample; got {len(answers)} answers, "
            f"{len(predictions)} predictions, {'no' if types is None else len(types)} types and "
            f"{image.size} images."
        )
    right = np.array([answer == prediction for answer, prediction in zip(answers, predictions, strict=True)])
    kinds = np.array([answer_class(answer) for answer in answers])
    invalid = kinds != np.array([answer_class(prediction) for prediction in predictions])
    type_names = np.array(types if types is not None else [""] * len(answers))
    by_type = {
        name: type_names == name for name in dict.fromkeys((*QUESTION_TYPES, *type_names.tolist())) if name
    }
    by_group = {group: np.isin(type_names, names) for group, names in QUESTION_GROUPS.items()}
    by_kind = {name: kinds == name for name in (*ANSWER_CLASSES, OTHER)}

    def parts(hits: np.ndarray, members: dict[str, np.ndarray]) -> dict[str, Interval]:
        return {
            name: clustered_fraction(hits[part], image[part]) for name, part in members.items() if part.any()
        }

    return Scores(
        overall=clustered_fraction(right, image),
        by_type=parts(right, by_type),
        by_group=parts(right, by_group),
        by_answer_class=parts(right, by_kind),
        invalid=clustered_fraction(invalid, image),
        invalid_by_answer_class=parts(invalid, by_kind),
    )
