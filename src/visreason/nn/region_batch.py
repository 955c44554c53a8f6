"""What models of regions read: images with boxes in them, as tensors.

Shape legend: I images, R regions of all of them, H x W pixels of the largest image, C x h x w features.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Self

import torch
from torch import Tensor

from visreason.errors import ModelError


@dataclass(slots=True, kw_only=True)
class RegionBatch:
    """I images of any sizes side by side, and the R regions in them.

    Attributes:
        sizes: Long `[I, 2]`, height and width of each image as it was resized, in pixels.
        boxes: float `[R, 4]`, (x1, y1, x2, y2) in pixels of the resized image, edges of the box and not indices of
            pixels.
        image_rows: Long `[R]`, which image each region lies in, ascending.
        images: float `[I, 3, H, W]`, red, green and blue in [0, 1]; smaller images are padded with zeros at the bottom
            and on the right.
        features: float `[I, C, h, w]`, a frozen backbone's features of the padded images.
        labels: Long `[R]`, the true class from 1; 0 where it is not known.
        image_index: Long `[I]`, which image of the data this is.

    Example:
        >>> batch = RegionBatch(
        ...     sizes=torch.tensor([[40, 60], [50, 50]]),
        ...     boxes=torch.tensor([[0.0, 0, 20, 20], [5, 5, 60, 40], [9, 9, 30, 30]]),
        ...     image_rows=torch.tensor([0, 0, 1]),
        ... )
        >>> len(batch), batch.regions
        (2, 3)
        >>> batch.select(torch.tensor([1])).boxes
        tensor([[ 9.,  9., 30., 30.]])
    """

    sizes: Tensor
    boxes: Tensor
    image_rows: Tensor
    images: Tensor | None = None
    features: Tensor | None = None
    labels: Tensor | None = None
    image_index: Tensor | None = None

    def __len__(self) -> int:
        """The number of images."""
        return self.sizes.shape[0]

    @property
    def regions(self) -> int:
        """The number of regions."""
        return self.boxes.shape[0]

    def map(self, function: Callable[[Tensor], Tensor]) -> Self:
        """A batch with `function` applied to every tensor that is there."""
        values: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        return type(self)(**{name: function(one) for name, one in values.items() if one is not None})

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Self:
        """The same batch on `device`."""
        return self.map(lambda tensor: tensor.to(device, non_blocking=non_blocking))

    def pin_memory(self) -> Self:
        """The same batch in page-locked memory; PyTorch's data loader calls this when asked to pin."""
        return self.map(torch.Tensor.pin_memory)

    def select(self, images: Tensor) -> Self:
        """The images (Long, or bool `[I]`) with their regions, as a batch of their own that is padded as before."""
        chosen = images.nonzero().flatten() if images.dtype == torch.bool else images
        rows, regions = (chosen[:, None] == self.image_rows).nonzero(as_tuple=True)
        of_regions = ("boxes", "labels")
        values = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "image_rows"}
        kept = {
            name: one[regions if name in of_regions else chosen]
            for name, one in values.items()
            if one is not None
        }
        return type(self)(image_rows=rows, **kept)

    def check(self) -> None:
        """See that the tensors fit one another.

        Raises:
            ModelError: shapes that do not fit, or regions that are not in the order of their images.
        """
        count, regions = len(self), self.regions
        shapes = {
            "sizes": (self.sizes, (count, 2)),
            "boxes": (self.boxes, (regions, 4)),
            "image_rows": (self.image_rows, (regions,)),
            "labels": (self.labels, (regions,)),
        }
        for name, (tensor, wanted) in shapes.items():
            if tensor is not None and tuple(tensor.shape) != wanted:
                raise ModelError(
                    f"{name} of {count} images with {regions} regions must be {wanted}; got {tuple(tensor.shape)}."
                )
        rows = self.image_rows
        if regions and (int(rows.min()) < 0 or int(rows.max()) >= count or bool((rows.diff() < 0).any())):
            raise ModelError(
                f"image_rows must be ascending numbers of the {count} images; got {rows.tolist()[:8]}."
            )
