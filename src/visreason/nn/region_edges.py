"""Edges between the regions of an image: who lies left of, right of, above and below whom, and who covers whom.

Chen et al., "Iterative Visual Reasoning Beyond Convolutions" (CVPR 2018).

Shape legend: I images, R regions of all of them, n regions of the image that has most, E kinds of edges, D numbers.
"""

import torch
from torch import Tensor

from visreason.nn.precision import widened

KINDS = ("left", "right", "above", "below", "overlap")
"""The kinds of edges: where the other region lies, and how far the two cover each other."""


class RegionEdges:
    """The weights of edges between the regions of each image, rows that sum to 1 (or 0 where there is no such edge).

    ```
    left:     A_ij = kappa(|centre_i - centre_j|)   where j's centre lies left of i's,     kappa(x) = exp(-x / reach)
    right, above, below: likewise;    overlap: A_ij = intersection over union of i and j, i != j
    ```

    The paper names the kernel and its reach of 50 pixels; that directions go by centres and distances are straight
    lines is ours. No region has an edge to one of another image.

    Args:
        boxes_R4: (x1, y1, x2, y2).
        image_rows_R: Long, the image of each region, ascending.
        images: I.
        reach: the distance in pixels at which an edge weighs 1 / e.

    Attributes:
        slots_R: where each region stands among I * n places.
        weights_IEnn: the edges.

    Example:
        >>> boxes = torch.tensor([[0.0, 0, 10, 10], [20, 0, 30, 10], [0, 0, 10, 10]])
        >>> edges = RegionEdges(boxes, torch.tensor([0, 0, 1]), 2)
        >>> edges.weights_IEnn[0, KINDS.index("right")]
        tensor([[0., 1.],
                [0., 0.]])
        >>> edges.gather(torch.tensor([[1.0], [2.0], [4.0]]))[:, :2].flatten(1)
        tensor([[0., 2.],
                [1., 0.],
                [0., 0.]])
    """

    def __init__(self, boxes_R4: Tensor, image_rows_R: Tensor, images: int, reach: float = 50.0) -> None:
        counts_I = image_rows_R.bincount(minlength=images)
        self.images, self.most = images, int(counts_I.max()) if len(boxes_R4) else 0
        first_I = counts_I.cumsum(0) - counts_I
        within_R = torch.arange(len(boxes_R4), device=boxes_R4.device) - first_I[image_rows_R]
        self.slots_R = image_rows_R * self.most + within_R
        boxes_In4 = self.spread(widened(boxes_R4))
        there_In = self.spread(widened(torch.ones_like(boxes_R4[:, :1])))[..., 0]
        pair_I1nn = (there_In[:, :, None] * there_In[:, None, :])[:, None]
        weights_IEnn = _weights(boxes_In4, reach) * pair_I1nn
        self.weights_IEnn = weights_IEnn / weights_IEnn.sum(-1, keepdim=True).clamp_min(1e-14)

    def spread(self, regions_RD: Tensor) -> Tensor:
        """Rows of regions as `[I, n, D]`, zeros where an image has fewer."""
        places = regions_RD.new_zeros(self.images * self.most, regions_RD.shape[1])
        return places.index_copy(0, self.slots_R, regions_RD).view(
            self.images, self.most, regions_RD.shape[1]
        )

    def collect(self, places_InD: Tensor) -> Tensor:
        """Back to rows of regions, `[R, D]`."""
        return places_InD.reshape(self.images * self.most, places_InD.shape[2])[self.slots_R]

    def gather(self, regions_RD: Tensor) -> Tensor:
        """What every region hears along every kind of edge, `[R, E, D]`: `sum_j A_ij x_j`."""
        kinds, size = self.weights_IEnn.shape[1], regions_RD.shape[1]
        weights = self.weights_IEnn.flatten(1, 2).to(regions_RD.dtype)
        heard_IEnD = (weights @ self.spread(regions_RD)).view(self.images, kinds, self.most, size)
        heard_InED = heard_IEnD.transpose(1, 2).reshape(self.images, self.most, kinds * size)
        return self.collect(heard_InED).view(-1, kinds, size)


def _weights(boxes_In4: Tensor, reach: float) -> Tensor:
    """The edges before their rows are normalised, `[I, E, n, n]`."""
    first, last = boxes_In4[..., :2], boxes_In4[..., 2:]
    centres_In2 = (first + last) / 2
    apart_Inn2 = centres_In2[:, None] - centres_In2[:, :, None]  # from i to j
    near_Inn = (-apart_Inn2.norm(dim=-1) / reach).exp()
    ways = [apart_Inn2[..., 0] < 0, apart_Inn2[..., 0] > 0, apart_Inn2[..., 1] < 0, apart_Inn2[..., 1] > 0]
    shared_Inn2 = torch.minimum(last[:, None], last[:, :, None]) - torch.maximum(
        first[:, None], first[:, :, None]
    )
    shared_Inn = shared_Inn2.clamp_min(0).prod(-1)
    area_In = (last - first).clamp_min(0).prod(-1)
    union_Inn = area_In[:, None] + area_In[:, :, None] - shared_Inn
    overlap_Inn = shared_Inn / union_Inn.clamp_min(1e-14)
    others = 1 - torch.eye(boxes_In4.shape[1], device=boxes_In4.device)
    return torch.stack([*(near_Inn * way for way in ways), overlap_Inn * others], dim=1)
