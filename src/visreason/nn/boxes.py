"""Boxes on a grid of cells: which cell a box belongs to, where its corners lie from there, and how boxes overlap.

Shape legend: B boxes, h x w cells. A box is (x, y, width, height) in pixels, its last pixels inside it.
"""

import torch
from torch import Tensor


def encode_boxes(boxes_B4: Tensor, image: tuple[int, int], grid: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """The cell of every box, `[B]`, and its corners from that cell's middle in cells, `[B, 4]`.

    ```
    g = pixel / stride - 1/2;   cell = clamp(round(mean of the two corners' g));   offset = (x1, y1, x2, y2) - cell
    ```

    with x2 = x1 + width - 1, y2 = y1 + height - 1; halves are rounded to even. From Hu et al. (ECCV 2018).

    Args:
        boxes_B4: in pixels.
        image: height and width of the image.
        grid: h and w.

    Example:
        >>> encode_boxes(torch.tensor([[344.0, 163, 60, 67]]), (320, 480), (14, 14))[0]
        tensor([122])
    """
    places_B4 = _corners(boxes_B4) / _strides(boxes_B4, image, grid) - 0.5
    middle_B2 = (places_B4[:, :2] + places_B4[:, 2:]) / 2
    most_2 = boxes_B4.new_tensor([grid[1] - 1, grid[0] - 1])
    cell_B2 = torch.minimum(middle_B2.round().clamp_min(0), most_2)
    index_B = (cell_B2[:, 1] * grid[1] + cell_B2[:, 0]).long()
    return index_B, places_B4 - cell_B2.repeat(1, 2)


def decode_boxes(index_B: Tensor, offset_B4: Tensor, image: tuple[int, int], grid: tuple[int, int]) -> Tensor:
    """Boxes in pixels, `[B, 4]`, from what `encode_boxes` gives; arguments as there.

    Example:
        >>> box = torch.tensor([[344.0, 163, 60, 67]])
        >>> decode_boxes(*encode_boxes(box, (320, 480), (14, 14)), (320, 480), (14, 14)).round()
        tensor([[344., 163.,  60.,  67.]])
    """
    cell_B2 = torch.stack([index_B % grid[1], index_B // grid[1]], dim=1).to(offset_B4.dtype)
    corners_B4 = (cell_B2.repeat(1, 2) + offset_B4 + 0.5) * _strides(offset_B4, image, grid)
    return torch.cat([corners_B4[:, :2], corners_B4[:, 2:] - corners_B4[:, :2] + 1], dim=1)


def overlap(one_B4: Tensor, other_B4: Tensor) -> Tensor:
    """Intersection over union of boxes row by row, `[B]`, counted in whole pixels (both edges belong to a box).

    Example:
        >>> overlap(torch.tensor([[0.0, 0, 2, 2]]), torch.tensor([[1.0, 0, 2, 2]]))
        tensor([0.3333])
    """
    one, other = _corners(one_B4), _corners(other_B4)
    inside_B2 = torch.minimum(one[:, 2:], other[:, 2:]) - torch.maximum(one[:, :2], other[:, :2]) + 1
    shared_B = inside_B2.clamp_min(0).prod(dim=1)
    return shared_B / (one_B4[:, 2:].prod(dim=1) + other_B4[:, 2:].prod(dim=1) - shared_B)


def _corners(boxes_B4: Tensor) -> Tensor:
    """First and last pixel, (x1, y1, x2, y2)."""
    return torch.cat([boxes_B4[:, :2], boxes_B4[:, :2] + boxes_B4[:, 2:] - 1], dim=1)


def _strides(like: Tensor, image: tuple[int, int], grid: tuple[int, int]) -> Tensor:
    """Pixels a cell, for x, y, x, y."""
    return like.new_tensor([image[1] / grid[1], image[0] / grid[0]]).repeat(2)
