"""Answering questions: cross entropy over the answers, and accuracy with invalid answers counted."""

from torch import Tensor
from torch.nn import functional

from visreason.errors import DataError
from visreason.models import Output
from visreason.nn.batch import Batch
from visreason.tasks.modules.module import StepLoss, TaskModule
from visreason.tasks.tallies import AnswerTally


class Answering(TaskModule):
    """A question-answering model being trained."""

    score_name = "accuracy"

    def loss(self, batch: Batch) -> StepLoss:
        """Cross entropy of the answers."""
        output: Output = self.model(batch)
        return StepLoss(answer_losses(output, batch).mean())

    def new_tally(self) -> AnswerTally:
        """An empty tally of answers."""
        return AnswerTally(self.meta["vocabulary"]["answers"])


def answer_losses(output: Output, batch: Batch) -> Tensor:
    """Cross entropy of every answer, `[B]`, which is the references' negative log likelihood of a log-softmax.

    Raises:
        DataError: the questions have no answers.
    """
    if batch.answers is None:
        raise DataError(
            "the training questions have no answers (a test split has none); choose another split."
        )
    return functional.cross_entropy(output.logits.float(), batch.answers, reduction="none")
