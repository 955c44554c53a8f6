"""How regions become a batch: of pixels, or of a frozen backbone's features."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from visreason.data.features.choice import choice_of
from visreason.data.regions.dataset import RegionSample, collate_regions
from visreason.nn.backbone import Backbone, on_device
from visreason.nn.backbones import load_backbone
from visreason.nn.region_batch import RegionBatch
from visreason.tasks.loader import Collate


def region_batches(backbone: Backbone | None) -> Collate:
    """How samples become a batch: of pixels, or of a frozen backbone's features."""
    if backbone is None:
        return collate_regions
    device = on_device()
    network = backbone.to(device)

    def collate(samples: Sequence[RegionSample]) -> RegionBatch:
        batch = collate_regions(samples).to(device)
        assert batch.images is not None
        return replace(batch, images=None, features=network(batch.images))

    return collate


def batches_of_model(inputs: Mapping[str, Any]) -> Collate:
    """How samples become a batch, from what a model file says of its inputs."""
    return region_batches(load_backbone(choice_of(inputs)) if "backbone" in inputs else None)
