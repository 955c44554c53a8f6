"""Are the attributes of objects in what a model's image network sees where they are?

Shape legend: I images, C channels, h x w cells, N objects.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from rich.console import Console
from torch import Tensor, nn
from torch.utils.data import Subset

from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.camera import place_in_image
from visreason.clevr.scene import Scene, SceneObject
from visreason.data.dataset import ClevrQuestions
from visreason.metrics.probe import FOLDS, Probe, linear_probe
from visreason.models import ModelFile
from visreason.nn.batch import Batch
from visreason.tasks.gather import gather_lists
from visreason.tasks.loader import Collate
from visreason.tasks.measuring import measure
from visreason.tasks.starting_weights import image_network
from visreason.tasks.team import Team


def attribute_probes(
    model: ModelFile,
    samples: ClevrQuestions,
    to_batch: Collate,
    scenes: Mapping[int, Scene],
    console: Console,
    *,
    batch_size: int = 64,
    workers: int = 0,
    team: Team | None = None,
) -> Mapping[str, Probe] | None:
    """Read every attribute of every object from the cell of the image network's map that the object's centre is in.

    Args:
        model: any; it is moved to the team's device, or to a GPU where there is one.
        samples: show the model the images.
        to_batch: makes a batch of samples.
        scenes: of the images, by image index.
        console: where progress is shown.
        batch_size: images at once.
        workers: processes that load images.
        team: the processes that share the work; None is this one alone.

    Returns:
        A probe of each attribute; None where the model has no image network of its own (it reads states, a
        backbone's features or the question alone) or there are fewer images than folds.
    """
    network = image_network(model.model)
    _, rows = np.unique(samples.image_numbers, return_index=True)
    if network is None or len(rows) < FOLDS:
        return None
    cells = _ObjectCells(scenes)
    measure(
        _Maps(network),
        Subset(samples, sorted(rows.tolist())),  # type: ignore[arg-type]  # anything with indices will do
        to_batch,
        cells,
        console,
        doing="looking at what the image network sees",
        batch_size=batch_size,
        workers=workers,
        team=team,
    )
    features_NC = np.stack(cells.features)
    return {
        name: linear_probe(features_NC, [getattr(thing, name) for thing in cells.things], cells.images)
        for name in ATTRIBUTES
    }


class _Maps(nn.Module):
    """An image network, asked by the batch."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: Batch) -> Tensor:
        """The maps of its images, `[I, C, h, w]`."""
        maps_ICHW: Tensor = self.network(batch.images)
        return maps_ICHW


class _ObjectCells:
    """What an image network sees where the objects are.

    Args:
        scenes: of the images, by image index.
    """

    def __init__(self, scenes: Mapping[int, Scene]) -> None:
        self.scenes = scenes
        self.features: list[np.ndarray[Any, np.dtype[np.float32]]] = []
        self.things: list[SceneObject] = []
        self.images: list[int] = []

    def add(self, batch: Batch, output: Any) -> None:
        """Take the maps `[I, C, h, w]` of a batch."""
        assert batch.image_index is not None
        maps_ICHW = output.float().cpu().numpy()
        height, width = maps_ICHW.shape[2:]
        for place, index in enumerate(batch.image_index.tolist()):
            for thing in self.scenes[index].objects:
                x, y = place_in_image(thing)
                column = min(max(int(x * width), 0), width - 1)
                row = min(max(int(y * height), 0), height - 1)
                self.features.append(maps_ICHW[place, :, row, column])
                self.things.append(thing)
                self.images.append(index)

    def merge(self, ranks: int) -> None:
        """Bring together what `ranks` processes have collected."""
        self.features, self.things, self.images = gather_lists(ranks, self.features, self.things, self.images)
