"""Are the attributes of objects in what a model's image network sees where they are?

Shape legend: I images, C channels, h x w cells, N objects.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.scene import Scene
from visreason.data.dataset import ClevrQuestions
from visreason.metrics.probe import FOLDS, Probe, linear_probe
from visreason.models import ModelFile
from visreason.tasks.loader import Collate, batches, in_order
from visreason.tasks.starting_weights import image_network

_FRAME = (480, 320)
"""Width and height of the images that a scene's pixels are given in."""


def attribute_probes(
    model: ModelFile,
    samples: ClevrQuestions,
    to_batch: Collate,
    scenes: Mapping[int, Scene],
    *,
    batch_size: int = 64,
    workers: int = 0,
) -> Mapping[str, Probe] | None:
    """Read every attribute of every object from the cell of the image network's map that the object's centre is in.

    Args:
        model: any; it is moved to a GPU where there is one.
        samples: show the model the images.
        to_batch: makes a batch of samples.
        scenes: of the images, by image index.
        batch_size: images at once.
        workers: processes that load images.

    Returns:
        A probe of each attribute; None where the model has no image network of its own (it reads states, a
        backbone's features or the question alone) or there are fewer images than folds.
    """
    network = image_network(model.model)
    _, rows = np.unique(samples.image_numbers, return_index=True)
    if network is None or len(rows) < FOLDS:
        return None
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network = network.to(device)
    order = sorted(rows.tolist())
    groups: list[Sequence[int]] = [[order[i] for i in group] for group in in_order(len(order), batch_size)]
    features: list[np.ndarray] = []
    things, images = [], []
    with torch.inference_mode():
        for batch in batches(samples, to_batch, groups, workers):
            assert batch.images is not None
            assert batch.image_index is not None
            maps_ICHW = network(batch.images.to(device)).float().cpu().numpy()
            height, width = maps_ICHW.shape[2:]
            for place, index in enumerate(batch.image_index.tolist()):
                for thing in scenes[index].objects:
                    x, y, _ = thing.pixel
                    column = min(max(int(x / _FRAME[0] * width), 0), width - 1)
                    row = min(max(int(y / _FRAME[1] * height), 0), height - 1)
                    features.append(maps_ICHW[place, :, row, column])
                    things.append(thing)
                    images.append(index)
    return {
        name: linear_probe(np.stack(features), [getattr(thing, name) for thing in things], images)
        for name in ATTRIBUTES
    }
