"""TensorFlow's `crop_and_resize`: any box of a map, sampled at a grid of points by bilinear interpolation.

The rule is that of `tf.image.crop_and_resize`, number by number. It is not RoIAlign, whose samples lie at the centres
of bins; here the first and last sample lie on the box's edges.

Shape legend: I maps, C channels, H x W cells, N boxes, h x w samples.
"""

import torch
from torch import Tensor


def crop_and_resize(
    maps_ICHW: Tensor, boxes_N4: Tensor, rows_N: Tensor, size: tuple[int, int], *, outside: float = 0.0
) -> Tensor:
    """The inside of every box at h x w points, `[N, C, h, w]`.

    ```
    y(r) = y1 (H - 1) + r (y2 - y1) (H - 1) / (h - 1)      for h > 1;      y(0) = (y1 + y2) (H - 1) / 2     for h = 1
    value = bilinear(map, y, x)    where  0 <= y <= H - 1  and  0 <= x <= W - 1,      `outside` elsewhere
    ```

    Boxes may lie outside the map, have no extent, or be turned over (y1 > y2). The gradient reaches the maps and not
    the boxes.

    Args:
        maps_ICHW: the maps.
        boxes_N4: (y1, x1, y2, x2), of which 0 is the first cell's centre and 1 the last's.
        rows_N: which map each box is of.
        size: h and w.
        outside: the value of samples that lie outside the map.

    Example:
        >>> ramp = torch.arange(4.0).expand(1, 1, 3, 4)
        >>> crop_and_resize(ramp, torch.tensor([[0.0, 0, 1, 0.5]]), torch.tensor([0]), (1, 3)).flatten()
        tensor([0.0000, 0.7500, 1.5000])
    """
    count, channels, height, width = maps_ICHW.shape
    boxes_N4 = boxes_N4.detach()
    y_Nh, seen_y_Nh = _points(boxes_N4[:, 0], boxes_N4[:, 2], height, size[0])
    x_Nw, seen_x_Nw = _points(boxes_N4[:, 1], boxes_N4[:, 3], width, size[1])
    top_Nh, left_Nw = y_Nh.floor(), x_Nw.floor()
    cells = maps_ICHW.permute(0, 2, 3, 1).reshape(count * height * width, channels)
    start_N11 = (rows_N * height * width)[:, None, None]

    def cells_at(row_Nh: Tensor, column_Nw: Tensor) -> Tensor:
        index_Nhw = start_N11 + row_Nh.long()[:, :, None] * width + column_Nw.long()[:, None, :]
        return cells[index_Nhw]

    right_Nw1 = (x_Nw - left_Nw)[:, None, :, None].to(cells.dtype)
    down_Nh1 = (y_Nh - top_Nh)[:, :, None, None].to(cells.dtype)
    upper, lower = (
        torch.lerp(cells_at(row, left_Nw), cells_at(row, x_Nw.ceil()), right_Nw1)
        for row in (top_Nh, y_Nh.ceil())
    )
    seen_Nhw1 = (seen_y_Nh[:, :, None] & seen_x_Nw[:, None, :])[..., None]
    return torch.where(seen_Nhw1, torch.lerp(upper, lower, down_Nh1), outside).permute(0, 3, 1, 2)


def _points(first_N: Tensor, last_N: Tensor, extent: int, samples: int) -> tuple[Tensor, Tensor]:
    """Where the samples lie along one side, in cells, and which of them lie on the map; the others are set to 0.

    The order of the operations is TensorFlow's, because in single precision it decides what lies on the edge.
    """
    if samples > 1:
        step_N1 = ((last_N - first_N) * (extent - 1) / (samples - 1))[:, None]
        steps = torch.arange(samples, device=first_N.device, dtype=first_N.dtype)
        points = first_N[:, None] * (extent - 1) + steps * step_N1
    else:
        points = (0.5 * (first_N + last_N) * (extent - 1))[:, None]
    seen = (points >= 0) & (points <= extent - 1)
    return torch.where(seen, points, 0), seen
