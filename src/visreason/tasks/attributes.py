"""Naming the attribute values in a scene from its image: the multi-label baseline of relation-aware retrieval.

Messina et al. 2018 (https://doi.org/10.1007/978-3-030-11018-5_40). Shape legend: B images, A = 15 attribute values.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from visreason.errors import DataError
from visreason.metrics.average_precision import mean_average_precision
from visreason.nn.batch import Batch
from visreason.tasks.gather import gather_lists
from visreason.tasks.module import TaskModule


class AttributeTally:
    """Scores and truths of one pass over the images, each counted once."""

    def __init__(self) -> None:
        self.targets: list[list[float]] = []
        self.scores: list[list[float]] = []
        self.losses: list[float] = []

    def add(self, batch: Batch, logits_BA: Tensor) -> None:
        """Take the model's scores for a batch."""
        targets_BA = _targets(batch)
        self.targets += targets_BA.tolist()
        self.scores += logits_BA.tolist()
        self.losses += functional.multilabel_soft_margin_loss(logits_BA, targets_BA, reduction="none").tolist()

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


class Attributes(TaskModule):
    """An attribute network being trained."""

    score_name = "average_precision"

    def loss(self, logits_BA: Tensor, batch: Batch) -> Tensor:
        r"""$-\frac1{15}\sum_a y_a\log\sigma(z_a) + (1-y_a)\log\sigma(-z_a)$, the multi-label soft margin loss."""
        return functional.multilabel_soft_margin_loss(logits_BA, _targets(batch))

    def new_tally(self) -> AttributeTally:
        """An empty tally of attribute values."""
        return AttributeTally()


def _targets(batch: Batch) -> Tensor:
    """The batch's true attribute values."""
    if batch.attributes is None:
        raise DataError("these images have no scenes, so their attribute values are unknown. Give data with scenes.")
    return batch.attributes
