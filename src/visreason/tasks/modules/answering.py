"""Answering questions: cross entropy over the answers, and accuracy with invalid answers counted."""

from torch import Tensor
from torch.nn import functional

from visreason.errors import DataError
from visreason.nn.batch import Batch
from visreason.tasks.modules.module import TaskModule
from visreason.tasks.tallies import AnswerTally


class Answering(TaskModule):
    """A question-answering model being trained."""

    score_name = "accuracy"

    def loss(self, logits_BA: Tensor, batch: Batch) -> Tensor:
        """Cross entropy, which is the references' negative log likelihood of a log-softmax."""
        if batch.answers is None:
            raise DataError(
                "the training questions have no answers (a test split has none); choose another split."
            )
        return functional.cross_entropy(logits_BA, batch.answers)

    def new_tally(self) -> AnswerTally:
        """An empty tally of answers."""
        return AnswerTally(self.meta["vocabulary"]["answers"])
