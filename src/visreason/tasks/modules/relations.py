"""Counting how things stand to each other: the relation counter. Shape legend: B images, D = 465 counts."""

from visreason.models import Output
from visreason.nn.batch import Batch
from visreason.tasks.count_tally import CountTally, poisson_loss
from visreason.tasks.modules.module import StepLoss, TaskModule
from visreason.tasks.tallies import true_attributes


class Relations(TaskModule):
    """A relation counter being trained."""

    score_name = "explained_variance"

    def loss(self, batch: Batch) -> StepLoss:
        """The mean over the counts of the negative log-likelihood, as `poisson_loss`."""
        output: Output = self.model(batch)
        return StepLoss(poisson_loss(output.logits, true_attributes(batch)).mean())

    def new_tally(self) -> CountTally:
        """An empty tally of counts."""
        return CountTally()
