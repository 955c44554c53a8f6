"""Batches whose images are rendered from the scenes at the moment they are needed, with nothing stored."""

from collections.abc import Sequence
from dataclasses import replace

import torch

from visreason.data.samples import Sample, collate, shared_subjects
from visreason.errors import UsageError
from visreason.nn.batch import Batch
from visreason.render.renderer import Renderer


class RenderingCollate:
    """Collates samples of a `visreason.data.inputs.SceneView`, rendering each scene of the batch once.

    To be called in the training process itself (no loader workers), because the images are made on the device
    that trains; the batch is then already there.

    Args:
        size: height and width of the images, which show the whole 3:2 picture as resized CLEVR images do.
        device: where to render.

    Raises:
        UsageError: a sample does not carry its scene.
    """

    def __init__(self, size: tuple[int, int], device: str | torch.device = "cpu") -> None:
        height, width = size
        self.renderer = Renderer(width, height, device=device)

    def __call__(self, samples: Sequence[Sample]) -> Batch:
        """A batch with rendered images, on the device; samples of one subject share theirs."""
        scenes = {sample.image_index: sample.seen.scene for sample in samples}
        there = [scene for scene in scenes.values() if scene is not None]
        if len(there) != len(scenes):
            raise UsageError("only samples that carry their scene can be rendered. Use a SceneView.")
        images = self.renderer.render(there).rgb.permute(0, 3, 1, 2).float().div_(255)
        sharing, image_rows = shared_subjects(samples)
        place = {index: row for row, index in enumerate(scenes)}
        seen = torch.tensor([place[sample.image_index] for sample in sharing], device=self.renderer.device)
        batch = replace(collate(samples), image_rows=image_rows).to(self.renderer.device)
        return replace(batch, images=images[seen])
