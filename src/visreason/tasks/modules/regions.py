"""Naming the regions of images, again and again.

Chen et al., "Iterative Visual Reasoning Beyond Convolutions" (CVPR 2018).
"""

from typing import Any

from visreason.models.region_output import RegionOutput
from visreason.nn.region_batch import RegionBatch
from visreason.tasks.modules.module import StepLoss, TaskModule
from visreason.tasks.recipes.region_task import RegionsTask
from visreason.tasks.region_tally import RegionTally


class Regions(TaskModule):
    """A network of regions being trained."""

    score_name = "per_class_ap"

    def loss(self, batch: Any) -> StepLoss:
        """The loss of all predictions of a batch of regions, `visreason.nn.region_losses.region_loss`."""
        assert isinstance(batch, RegionBatch)
        assert batch.labels is not None
        task = self.recipe.task
        assert isinstance(task, RegionsTask)
        output: RegionOutput = self.model(batch)
        loss = output.loss(
            batch.labels,
            beta=task.beta,
            memory_weight=task.memory_weight,
            final_weight=task.final_weight,
        )
        figures = {}
        if len(output.predictions) > 1:
            figures = {
                f"{name}_loss": float(getattr(loss, name).detach()) for name in ("image", "memory", "final")
            }
        return StepLoss(loss.total, figures=figures)

    def new_tally(self) -> RegionTally:
        """An empty tally of regions."""
        return RegionTally(self.meta["classes"], self.meta["frequencies"])
