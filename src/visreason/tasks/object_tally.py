"""What a pass over images collects of detected objects, and how right it is.

Shape legend: M true objects, F attributes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from visreason.data.object_targets import DETECTED
from visreason.errors import DataError
from visreason.metrics.intervals import Interval, clustered_fraction
from visreason.models import Output
from visreason.nn.batch import Batch
from visreason.nn.object_grid import CellScores, TrueCells, detection_loss
from visreason.tasks.gather import gather_lists


class ObjectTally:
    """True objects and what their cells say of them, and cells that say there is one.

    An object counts as found when its cell is likelier than not to hold a centre; what its cell says it is counts
    whether it is found or not, so that seeing and naming are measured apart.

    Args:
        value_counts: how many values each attribute has.
        grid: rows and columns of cells.
    """

    def __init__(self, value_counts: Sequence[int], grid: tuple[int, int]) -> None:
        self.value_counts, self.grid = tuple(value_counts), grid
        self.images: list[int] = []
        self.found: list[bool] = []
        self.right: list[list[bool]] = []
        self.claimed_images: list[int] = []
        self.claimed: list[bool] = []
        self.losses: list[float] = []
        self.sizes: list[int] = []

    def add(self, batch: Batch, output: Output) -> None:
        """Take what the model says of a batch."""
        true = true_cells(batch, self.grid)
        scores_BKhw = output.logits.float().view(len(batch), -1, *self.grid)
        found = CellScores.of(scores_BKhw, self.value_counts)
        assert batch.image_index is not None
        here_Bhw = found.presence_Bhw > 0
        named = [true.pick(scores).argmax(dim=1) for scores in found.values]
        right_MF = torch.stack(named, dim=1) == true.values_MF
        self.images += batch.image_index[true.image_M].tolist()
        self.found += here_Bhw[true.image_M, true.row_M, true.column_M].tolist()
        self.right += right_MF.tolist()
        self.claimed_images += batch.image_index[here_Bhw.nonzero()[:, 0]].tolist()
        self.claimed += true.present_Bhw[here_Bhw].tolist()
        self.losses.append(float(detection_loss(found, true)) * len(true.image_M))
        self.sizes.append(len(true.image_M))

    def merge(self, ranks: int) -> None:
        """Bring together what `ranks` processes have collected."""
        names = ("images", "found", "right", "claimed_images", "claimed", "losses", "sizes")
        for name, whole in zip(
            names, gather_lists(ranks, *(getattr(self, name) for name in names)), strict=True
        ):
            setattr(self, name, whole)

    def metrics(self) -> dict[str, Any]:
        """The loss, and the value of every share."""
        return {"loss": sum(self.losses) / max(1, sum(self.sizes))} | {
            name: one.value for name, one in self.shares().items()
        }

    def shares(self) -> Mapping[str, Interval]:
        """Of the true objects, which share is found and named right in everything (`objects_right`), found
        (`recall`), and named right by each attribute; of the cells that claim one, which share has one (`precision`).
        """
        whole = [there and all(row) for there, row in zip(self.found, self.right, strict=True)]
        by_attribute = dict(zip(DETECTED, zip(*self.right, strict=True), strict=True))
        shares = {"objects_right": whole, "recall": self.found} | by_attribute
        said = {name: clustered_fraction(hits, self.images) for name, hits in shares.items()}
        claims = (
            clustered_fraction(self.claimed, self.claimed_images)
            if self.claimed
            else Interval(0.0, 0.0, 1.0, 0)
        )
        return said | {"precision": claims}


def true_cells(batch: Batch, grid: tuple[int, int]) -> TrueCells:
    """The batch's objects on a grid.

    Raises:
        DataError: the batch does not say where its objects are.
    """
    if batch.objects is None or batch.object_mask is None:
        raise DataError("these images have no scenes, so their objects are unknown. Give data with scenes.")
    objects: Tensor = batch.objects
    return TrueCells.of(objects, batch.object_mask, *grid)
