"""Batches whose images are rendered from the scenes at the moment they are needed, with nothing stored.

A GPU renders a thousand small images in hardly more time than ten, because it waits for the processor to name the
next of some 20,000 small operations; so batches are rendered several at a time, ahead of training.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import torch

from visreason.clevr.packed import PackedScene
from visreason.data.samples import Sample, collate, shared_subjects
from visreason.errors import UsageError
from visreason.nn.batch import Batch
from visreason.render.renderer import Renderer


class RenderingCollate:
    """Collates samples of a `visreason.data.inputs.SceneView`, rendering each scene once.

    To be called in the training process itself (no loader workers), because the images are made on the device
    that trains; the batch is then already there.

    Args:
        size: height and width of the images, which show the whole 3:2 picture as resized CLEVR images do.
        device: where to render.
        ahead: how many scenes are rendered together, if one batch has fewer; None takes what the device does in one
            pass, and no more than a batch on a CPU.

    Raises:
        UsageError: a sample does not carry its scene.
    """

    def __init__(
        self, size: tuple[int, int], device: str | torch.device = "cpu", *, ahead: int | None = None
    ) -> None:
        height, width = size
        self.renderer = Renderer(width, height, device=device)
        on_cpu = self.renderer.device.type == "cpu"
        self.ahead = ahead or (1 if on_cpu else self.renderer.scenes_per_pass)

    def __call__(self, samples: Sequence[Sample]) -> Batch:
        """A batch with rendered images, on the device; samples of one subject share theirs."""
        return next(self.batches([samples]))

    def batches(self, groups: Iterable[Sequence[Sample]]) -> Iterator[Batch]:
        """The batches of several groups of samples, rendered `ahead` scenes at a time."""
        waiting: list[Sequence[Sample]] = []
        scenes: dict[int, PackedScene] = {}
        for group in groups:
            waiting.append(group)
            scenes |= _scenes_of(group)
            if len(scenes) >= self.ahead:
                yield from self._rendered(waiting, scenes)
                waiting, scenes = [], {}
        if waiting:
            yield from self._rendered(waiting, scenes)

    def _rendered(
        self, groups: Sequence[Sequence[Sample]], scenes: dict[int, PackedScene]
    ) -> Iterator[Batch]:
        """The batches of groups that are about these scenes."""
        rgb = self.renderer.render(list(scenes.values())).rgb
        place = {index: row for row, index in enumerate(scenes)}
        for samples in groups:
            sharing, image_rows = shared_subjects(samples)
            seen = torch.tensor([place[sample.image_index] for sample in sharing]).to(rgb.device)
            batch = replace(collate(samples), image_rows=image_rows).to(rgb.device)
            yield replace(batch, images=rgb[seen].permute(0, 3, 1, 2).float().div_(255))


def _scenes_of(samples: Sequence[Sample]) -> dict[int, PackedScene]:
    """The scenes of samples by image; those of one image carry the same scene."""
    found = {}
    for sample in samples:
        if sample.seen.scene is None:
            raise UsageError("only samples that carry their scene can be rendered. Use a SceneView.")
        found[sample.image_index] = sample.seen.scene
    return found
