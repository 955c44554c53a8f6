"""Naming the attribute values in a scene: the multi-label baseline of relation-aware retrieval.

Messina et al. 2018 (https://doi.org/10.1007/978-3-030-11018-5_40). Shape legend: B images, A = 15 values.
"""

from torch.nn import functional

from visreason.models import Output
from visreason.nn.batch import Batch
from visreason.tasks.modules.module import StepLoss, TaskModule
from visreason.tasks.tallies import AttributeTally, true_attributes


class Attributes(TaskModule):
    """An attribute network being trained."""

    score_name = "average_precision"

    def loss(self, batch: Batch) -> StepLoss:
        r"""$-\frac1{15}\sum_a y_a\log\sigma(z_a) + (1-y_a)\log\sigma(-z_a)$, the multi-label margin loss."""
        output: Output = self.model(batch)
        return StepLoss(functional.multilabel_soft_margin_loss(output.logits.float(), true_attributes(batch)))

    def new_tally(self) -> AttributeTally:
        """An empty tally of attribute values."""
        return AttributeTally()
