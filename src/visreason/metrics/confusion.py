"""Which answers are taken for which: the confusion matrix in one fixed order."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.answers import ANSWER_CLASSES, ANSWERS
from visreason.errors import UsageError


def confusion_matrix(
    answers: Sequence[str], predictions: Sequence[str], labels: Sequence[str] = ANSWERS
) -> NDArray[np.int64]:
    """Count how often the true answer of row r was answered with that of column c, [labels, labels].

    By default the rows and columns are CLEVR's 28 answers, class by class, the same in every matrix and
    picture.

    Raises:
        UsageError: the lengths differ, or a label is not among `labels`.

    Example:
        >>> confusion_matrix(["yes", "yes", "no"], ["yes", "no", "no"], labels=("yes", "no")).tolist()
        [[1, 1], [0, 1]]
    """
    if len(answers) != len(predictions):
        raise UsageError(f"{len(answers)} answers need as many predictions; got {len(predictions)}.")
    position = {label: index for index, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), np.int64)
    for pair in zip(answers, predictions, strict=True):
        if unknown := [word for word in pair if word not in position]:
            raise UsageError(
                f"the answer {unknown[0]!r} is not among the {len(labels)} labels of this matrix."
            )
        counts[position[pair[0]], position[pair[1]]] += 1
    return counts


def labels_of(words: Collection[str]) -> tuple[str, ...]:
    """The rows and columns of a matrix of these answers: CLEVR's 28, or where others are among them those that occur.

    Example:
        >>> labels_of({"yes", "no"}) == ANSWERS, labels_of({"gold", "red", "circle"})
        (True, ('red', 'circle', 'gold'))
    """
    others = sorted(set(words) - set(ANSWERS))
    return (*(answer for answer in ANSWERS if answer in words), *others) if others else ANSWERS


def class_boundaries(labels: Sequence[str] = ANSWERS) -> dict[str, tuple[int, int]]:
    """Return where each answer class starts and ends (exclusive) among `labels`, for drawing its frame.

    Example:
        >>> class_boundaries()["number"]
        (0, 11)
    """
    spans: dict[str, tuple[int, int]] = {}
    for name, members in ANSWER_CLASSES.items():
        places = [index for index, label in enumerate(labels) if label in members]
        if places and places[-1] - places[0] == len(places) - 1:
            spans[name] = (places[0], places[-1] + 1)
    return spans
