"""What a pass over images with boxes collects, region by region.

Shape legend: R regions of a batch, N of all, K classes with the background, P predictions of each region.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch.nn import functional

from visreason.errors import DataError
from visreason.metrics.intervals import Interval, clustered_fraction
from visreason.metrics.region_predictions import RegionPredictions
from visreason.models.region_output import RegionOutput
from visreason.nn.region_batch import RegionBatch
from visreason.tasks.gather import gather_lists

Rows = list[NDArray[Any]]


class RegionTally:
    """Probabilities and true classes of one pass over the data, each region counted once.

    Args:
        classes: their names, the background first.
        frequencies: how many regions of each class there are in training.

    Example:
        >>> import torch
        >>> tally = RegionTally(["-", "cup", "plate"], [0, 3, 9])
        >>> batch = RegionBatch(sizes=torch.tensor([[8, 8]]), boxes=torch.zeros(2, 4), labels=torch.tensor([1, 2]),
        ...                     image_rows=torch.tensor([0, 0]), image_index=torch.tensor([7]))
        >>> scores = torch.tensor([[0.0, 2.0, 1.0], [0.0, 4.0, 3.0]])
        >>> tally.add(batch, RegionOutput(scores, scores[None], ("backbone",), (None,), torch.ones(2, 1)))
        >>> tally.metrics()["per_instance_ac"], tally.predictions().images.tolist()
        (0.5, [7, 7])
    """

    def __init__(self, classes: Sequence[str], frequencies: Sequence[int]) -> None:
        self.classes = classes
        self.frequencies = frequencies
        self.names: tuple[str, ...] = ()
        self._probabilities: Rows = []
        self._labels: Rows = []
        self._images: Rows = []
        self._losses: Rows = []
        self._hits: Rows = []

    def add(self, batch: Any, output: Any) -> None:
        """Take what the model says of a batch of regions.

        Raises:
            DataError: the regions' true classes are not known.
        """
        assert isinstance(batch, RegionBatch)
        assert isinstance(output, RegionOutput)
        if batch.labels is None or batch.image_index is None:
            raise DataError("these regions have no true classes, so nothing can be measured.")
        logits_RK = output.logits.float()
        self.names = output.names
        named_PR = output.predictions[:, :, 1:].argmax(dim=2) + 1
        losses_R = functional.cross_entropy(logits_RK, batch.labels, reduction="none")
        kept = {
            "_probabilities": logits_RK.softmax(dim=1),
            "_labels": batch.labels,
            "_images": batch.image_index[batch.image_rows],
            "_losses": losses_R,
            "_hits": (named_PR == batch.labels).T,
        }
        for name, tensor in kept.items():
            getattr(self, name).append(tensor.cpu().numpy())

    def merge(self, ranks: int) -> None:
        """Bring together what `ranks` processes have collected."""
        (told,) = gather_lists(ranks, [self.names])
        self.names = next(filter(None, told), ())  # a process may have had no images
        names = ("_probabilities", "_labels", "_images", "_losses", "_hits")
        for name, whole in zip(
            names, gather_lists(ranks, *(getattr(self, name) for name in names)), strict=True
        ):
            setattr(self, name, whole)

    def predictions(self) -> RegionPredictions:
        """Everything that scores are made of."""
        return RegionPredictions(
            np.concatenate(self._probabilities),
            np.concatenate(self._labels),
            np.concatenate(self._images),
            np.asarray(self.frequencies, np.int64),
            np.asarray(self.classes),
        )

    def loss(self) -> float:
        """Mean cross entropy of the final prediction."""
        return float(np.concatenate(self._losses).mean())

    def by_prediction(self) -> dict[str, Interval]:
        """How many regions each prediction names rightly: the backbone's own, and every iteration's."""
        hits_NP, images_N = np.concatenate(self._hits), np.concatenate(self._images)
        return {
            name: clustered_fraction(hits_NP[:, place], images_N) for place, name in enumerate(self.names)
        }

    def metrics(self) -> dict[str, Any]:
        """Loss, and the four figures of the literature."""
        scores = self.predictions().score()
        return {
            "loss": self.loss(),
            "per_instance_ap": scores.instances.ap.value,
            "per_instance_ac": scores.instances.ac.value,
            "per_class_ap": scores.classes.ap.value,
            "per_class_ac": scores.classes.ac.value,
        }
