"""What a pass over data collects, sample by sample, and the figures it makes of that in the end.

Shape legend: B samples, A answers (or the 15 attribute values).
"""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from visreason.errors import DataError
from visreason.metrics.accuracy import score
from visreason.metrics.average_precision import mean_average_precision
from visreason.models import Output
from visreason.nn.batch import Batch
from visreason.tasks.gather import gather_lists


class Collector(Protocol):
    """What a pass over data collects, sample by sample."""

    def add(self, batch: Batch, output: Output) -> None:
        """Take what the model says of a batch."""

    def merge(self, ranks: int) -> None:
        """Bring together what `ranks` processes have collected."""


class Tally(Collector, Protocol):
    """What a validation collects, and what it makes of it in the end."""

    def metrics(self) -> dict[str, Any]:
        """The figures over all samples."""


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
        >>> tally.add(batch, Output(torch.tensor([[2.0, 0.0, 0.0], [0.0, 1.0, 3.0]])))
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

    def add(self, batch: Batch, output: Output) -> None:
        """Take what the model says of a batch."""
        logits_BA = output.logits.float()
        if batch.answers is None or batch.image_index is None or batch.question_index is None:
            raise DataError(
                "these questions have no answers (a test split has none), so nothing can be measured. `visreason test "
                "--answers FILE` writes what the model answers."
            )
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
        for name, whole in zip(
            names, gather_lists(ranks, *(getattr(self, name) for name in names)), strict=True
        ):
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


class AnswerWords:
    """What a model answers in one pass over questions, which need no true answers.

    Args:
        answers: the words of the answer classes.

    Attributes:
        said: the answers in words, in the order of the questions.

    Example:
        >>> import torch
        >>> words = AnswerWords(["yes", "no"])
        >>> words.add(Batch(tokens=torch.ones(1, 2), lengths=torch.ones(1)), Output(torch.tensor([[0.0, 1.0]])))
        >>> words.said
        ['no']
    """

    def __init__(self, answers: Sequence[str]) -> None:
        self.answers = answers
        self.said: list[str] = []

    def add(self, batch: Batch, output: Output) -> None:
        """Take what the model says of a batch."""
        self.said += [self.answers[number] for number in output.logits.argmax(dim=1).tolist()]

    def merge(self, ranks: int) -> None:
        """Bring together what `ranks` processes have collected."""
        (self.said,) = gather_lists(ranks, self.said)


class AttributeTally:
    """Scores and truths of one pass over the images, each counted once."""

    def __init__(self) -> None:
        self.targets: list[list[float]] = []
        self.scores: list[list[float]] = []
        self.losses: list[float] = []

    def add(self, batch: Batch, output: Output) -> None:
        """Take what the model says of a batch."""
        targets_BA, logits_BA = true_attributes(batch), output.logits.float()
        self.targets += targets_BA.tolist()
        self.scores += logits_BA.tolist()
        self.losses += functional.multilabel_soft_margin_loss(
            logits_BA, targets_BA, reduction="none"
        ).tolist()

    def probabilities(self) -> list[list[float]]:
        """The probability of each value in each image: the sigmoid of its score."""
        probability_BA: list[list[float]] = torch.tensor(self.scores).sigmoid().tolist()
        return probability_BA

    def merge(self, ranks: int) -> None:
        """Bring together what `ranks` processes have collected."""
        self.targets, self.scores, self.losses = gather_lists(ranks, self.targets, self.scores, self.losses)

    def metrics(self) -> dict[str, Any]:
        """Loss, and average precision: the mean over the attribute values that occur."""
        return {
            "loss": sum(self.losses) / len(self.losses),
            "average_precision": mean_average_precision(self.targets, self.scores).mean,
        }


def true_attributes(batch: Batch) -> Tensor:
    """The batch's true attribute values."""
    if batch.attributes is None:
        raise DataError(
            "these images have no scenes, so their attribute values are unknown. Give data with scenes."
        )
    return batch.attributes
