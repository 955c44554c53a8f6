import numpy as np
import pytest

from visreason.clevr.answers import ANSWER_CLASSES, ANSWERS
from visreason.errors import UsageError
from visreason.metrics.confusion import class_boundaries, confusion_matrix, labels_of


def test_rows_are_true_answers() -> None:
    counts = confusion_matrix(["yes", "yes", "3"], ["no", "yes", "2"])
    row, column = ANSWERS.index("yes"), ANSWERS.index("no")
    assert counts[row, column] == 1
    assert counts[column, row] == 0
    assert counts[ANSWERS.index("3"), ANSWERS.index("2")] == 1
    assert counts.sum() == 3


def test_trace_and_sums() -> None:
    rng = np.random.default_rng(0)
    answers, predictions = rng.choice(ANSWERS, 300).tolist(), rng.choice(ANSWERS, 300).tolist()
    counts = confusion_matrix(answers, predictions)
    assert np.trace(counts) == sum(a == p for a, p in zip(answers, predictions, strict=True))
    assert counts.sum(axis=1).tolist() == [answers.count(label) for label in ANSWERS]
    assert counts.sum(axis=0).tolist() == [predictions.count(label) for label in ANSWERS]


def test_an_answer_without_a_row_is_an_error() -> None:
    with pytest.raises(UsageError, match="'perhaps' is not among the 28 labels"):
        confusion_matrix(["yes"], ["perhaps"])


def test_a_matrix_of_other_answers_has_the_rows_that_occur() -> None:
    assert labels_of(["yes", "red", "yes"]) == ANSWERS
    labels = labels_of(["zinc", "yes", "gold", "0"])
    assert labels == ("0", "yes", "gold", "zinc")
    assert confusion_matrix(["gold"], ["yes"], labels).sum() == 1


def test_lengths_must_match() -> None:
    with pytest.raises(UsageError, match="2 answers need as many predictions; got 1"):
        confusion_matrix(["yes", "no"], ["yes"])


def test_classes_lie_side_by_side() -> None:
    spans = class_boundaries()
    assert list(spans) == list(ANSWER_CLASSES)
    assert all(ANSWERS[start:stop] == ANSWER_CLASSES[name] for name, (start, stop) in spans.items())


def test_a_class_that_is_torn_apart_has_no_frame() -> None:
    assert class_boundaries(("yes", "red", "no")) == {"color": (1, 2)}
