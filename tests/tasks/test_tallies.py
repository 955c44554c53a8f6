import math

import pytest
import torch

from visreason.errors import DataError
from visreason.models import Output
from visreason.nn.batch import Batch
from visreason.tasks.tallies import AnswerTally, AttributeTally


def batch(answers: list[int] | None, images: list[int]) -> Batch:
    count = len(images)
    return Batch(
        tokens=torch.ones(count, 2, dtype=torch.long),
        lengths=torch.full((count,), 2),
        answers=None if answers is None else torch.tensor(answers),
        question_index=torch.arange(count),
        image_index=torch.tensor(images),
    )


def test_a_tally_counts_each_question_once_whatever_the_batches() -> None:
    logits = torch.randn(10, 4, generator=torch.Generator().manual_seed(0))
    answers = [0, 1, 2, 3, 0, 1, 2, 3, 0, 1]
    whole, parts = (AnswerTally(["yes", "no", "3", "red"]) for _ in range(2))
    whole.add(batch(answers, [0] * 10), Output(logits))
    for start in (0, 4, 8):
        parts.add(
            batch(answers[start : start + 4], [0] * len(answers[start : start + 4])),
            Output(logits[start : start + 4]),
        )
    assert parts.metrics() == whole.metrics()
    expected = torch.nn.functional.cross_entropy(logits, torch.tensor(answers)).item()
    assert whole.metrics()["loss"] == pytest.approx(expected)
    assert whole.metrics()["accuracy"] == (logits.argmax(1) == torch.tensor(answers)).sum().item() / 10


def test_invalid_answers_are_those_of_another_kind() -> None:
    tally = AnswerTally(["yes", "no", "3", "red"])
    tally.add(batch([0, 0, 2], [0, 1, 2]), Output(torch.eye(4)[[1, 2, 2]]))
    assert tally.metrics()["invalid"] == pytest.approx(1 / 3)
    assert tally.metrics()["accuracy_by_class"] == {"number": 1.0, "exist": 0.0}
    assert tally.words() == (["yes", "yes", "3"], ["no", "3", "3"])


def test_probabilities_are_those_of_the_prediction() -> None:
    tally = AnswerTally(["yes", "no"])
    tally.add(batch([0], [0]), Output(torch.tensor([[0.0, math.log(3.0)]])))
    assert tally.probabilities == pytest.approx([0.75])


def test_questions_without_answers_cannot_be_measured() -> None:
    with pytest.raises(DataError, match="no answers"):
        AnswerTally(["yes"]).add(batch(None, [0]), Output(torch.zeros(1, 1)))


def scenes(attributes: torch.Tensor | None, count: int) -> Batch:
    nothing = torch.zeros(count, 0, dtype=torch.long)
    return Batch(tokens=nothing, lengths=nothing.sum(1), attributes=attributes)


def test_a_perfect_ranking_has_average_precision_one_whatever_the_batches() -> None:
    truth = (torch.rand(12, 15, generator=torch.Generator().manual_seed(0)) > 0.5).float()
    tally = AttributeTally()
    for rows in truth.split(5):
        tally.add(scenes(rows, len(rows)), Output(rows * 4 - 2))
    assert tally.metrics()["average_precision"] == 1.0
    expected = torch.nn.functional.multilabel_soft_margin_loss(truth * 4 - 2, truth).item()
    assert tally.metrics()["loss"] == pytest.approx(expected)


def test_images_without_scenes_cannot_be_measured() -> None:
    with pytest.raises(DataError, match="no scenes"):
        AttributeTally().add(scenes(None, 2), Output(torch.zeros(2, 15)))
