"""Finding the objects of an image and naming what they are: the attribute detector."""

from visreason.models.attribute_detector import AttributeDetector
from visreason.nn.batch import Batch
from visreason.nn.object_grid import detection_loss
from visreason.tasks.modules.module import StepLoss, TaskModule
from visreason.tasks.object_tally import ObjectTally, true_cells


class Objects(TaskModule):
    """An attribute detector being trained."""

    score_name = "objects_right"
    model: AttributeDetector

    def loss(self, batch: Batch) -> StepLoss:
        """What every cell says of centres, and the true objects' cells of the objects, as `detection_loss`."""
        return StepLoss(detection_loss(self.model.detect(batch), true_cells(batch, self.model.grid)))

    def new_tally(self) -> ObjectTally:
        """An empty tally of objects."""
        return ObjectTally(self.model.config.value_counts, self.model.grid)
