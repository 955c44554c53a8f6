"""Answering questions: cross entropy over the answers, and accuracy with invalid answers counted.

Shape legend: B questions, A answers.
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor
from torch.nn import functional

from visreason.errors import DataError
from visreason.metrics.accuracy import score
from visreason.nn.batch import Batch
from visreason.tasks.gather import gather_lists
from visreason.tasks.module import TaskModule


class AnswerTally:
    """Predictions and true answers of one pass over the data, each question counted once.

    Args:
        answers: the words of the answer classes.

    Example:
        >>> import torch
        >>> tally = AnswerTally(["yes", "no", "3"])
        >>> batch = Batch(tokens=torch.ones(2, 1, dtype=torch.long), lengths=torch.ones(2, dtype=torch.long),
        ...               answers=torch.tensor([0, 1]), question_index=torch.tensor([4, 5]),
        ...               image_index=torch.tensor([7, 7]))
        >>> tally.add(batch, torch.tensor([[2.0, 0.0, 0.0], [0.0, 1.0, 3.0]]))
        >>> figures = tally.metrics()
        >>> figures["accuracy"], figures["invalid"]
        (0.5, 0.5)
    """

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = answers
        self.true: list[int] = []
        self.predicted: list[int] = []
        self.probabilities: list[float] = []
        self.questions: list[int] = []
        self.images: list[int] = []
        self.losses: list[float] = []

    def add(self, batch: Batch, logits_BA: Tensor) -> None:
        """Take the model's scores for a batch."""
        if batch.answers is None or batch.image_index is None or batch.question_index is None:
            raise DataError("these questions have no answers (a test split has none): nothing can be measured.")
        probability_B, predicted_B = logits_BA.softmax(dim=1).max(dim=1)
        self.true += batch.answers.tolist()
        self.predicted += predicted_B.tolist()
        self.probabilities += probability_B.tolist()
        self.questions += batch.question_index.tolist()
        self.images += batch.image_index.tolist()
        self.losses += functional.cross_entropy(logits_BA, batch.answers, reduction="none").tolist()

    def merge(self, ranks: int) -> None:
        """Bring together what `ranks` processes have collected."""
        names = ("true", "predicted", "probabilities", "questions", "images", "losses")
        for name, whole in zip(names, gather_lists(ranks, *(getattr(self, name) for name in names)), strict=True):
            setattr(self, name, whole)

    def words(self) -> tuple[list[str], list[str]]:
        """True answers and predictions in words, in the order of `questions`."""
        return [self.answers[index] for index in self.true], [self.answers[index] for index in self.predicted]

    def metrics(self) -> dict[str, Any]:
        """Loss, accuracy, invalid answers, and accuracy by kind of answer."""
        scores = score(*self.words(), None, self.images)
        return {
            "loss": sum(self.losses) / len(self.losses),
            "accuracy": scores.overall.value,
            "invalid": scores.invalid.value,
            "accuracy_by_class": {kind: one.value for kind, one in scores.by_answer_class.items()},
        }


class Answering(TaskModule):
    """A question-answering model being trained."""

    score_name = "accuracy"

    def loss(self, logits_BA: Tensor, batch: Batch) -> Tensor:
        """Cross entropy, which is the references' negative log likelihood of a log-softmax."""
        if batch.answers is None:
            raise DataError("the training questions have no answers (a test split has none); choose another split.")
        return functional.cross_entropy(logits_BA, batch.answers)

    def new_tally(self) -> AnswerTally:
        """An empty tally of answers."""
        return AnswerTally(self.meta["vocabulary"]["answers"])
