"""A memory that lies over the image: regions read it, are classified from it, and write to it.

The local module of Chen et al., "Iterative Visual Reasoning Beyond Convolutions" (CVPR 2018). Between two writings
every region is classified by what the memory holds around it; then all regions write at once what they have become.

Shape legend: I images, R regions, H x W cells of the largest image, P x P samples of a region, S numbers a cell of
memory, C channels of the backbone, K classes, D numbers a region.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from visreason.nn.precision import widened
from visreason.nn.region_layers import convolution, linear
from visreason.nn.region_tables import Grid, RegionTables


@dataclass(frozen=True, slots=True, kw_only=True)
class SpatialMemoryConfig:
    """The size of a spatial memory; the defaults are the published ones.

    Attributes:
        size: S.
        hidden: D, the width of both layers that read a region's memory.
        context: convolve the memory before regions are read from it, so that they see beyond themselves.
        start: the side of the learned map that the memory starts from, resized to each image; 0 starts from zeros.
    """

    size: int = 512
    hidden: int = 4096
    context: bool = True
    start: int = 20


class Written(NamedTuple):
    """A memory after a writing.

    Attributes:
        memory_NS: the rows of cells, N = I * H * W.
        change_MS: what each region wrote, its samples, M = R * P * P.
    """

    memory_NS: Tensor
    change_MS: Tensor


class SpatialMemory(nn.Module):
    """The layers that read and write a spatial memory; the memory itself, `[I * H * W, S]`, is handed around.

    ```
    predict:  a = Conv(M);  A = a + Conv(ReLU(Conv(ReLU(a))));  m = MLP(read A);  scores = W m,  confidence = w . m
    update:   x = ReLU(Conv(ReLU(W_s scores + Conv1x1(crop) [+ W_f fed])));   o = read M
              z, u = sigmoid(Conv(x) + Conv(o));   c = ReLU(Conv(x) + Conv(z o))
              M <- M + average over regions of write(u (c - o))
    ```

    The gates z and u are maps of one channel. Scores and crops come without their gradients.

    Args:
        channels: C, of the crops.
        crop: P.
        classes: K.
        config: the sizes.
        biases: give the layers that read scores, the memory's side of the gates and the confidence a bias too, as the
            PyTorch port does.
        fed: numbers a region that an update is told besides.
    """

    def __init__(
        self,
        channels: int,
        crop: int,
        classes: int,
        config: SpatialMemoryConfig,
        *,
        biases: bool = False,
        fed: int = 0,
    ) -> None:
        super().__init__()
        size, self.config, self.crop = config.size, config, crop
        self.start = nn.Parameter(torch.zeros(size, config.start, config.start)) if config.start else None
        self.context: nn.ModuleList = nn.ModuleList(
            [convolution(size, size) for _ in range(3 if config.context else 0)]
        )
        self.read_layers = nn.Sequential(
            linear(crop**2 * size, config.hidden),
            nn.ReLU(inplace=True),
            linear(config.hidden, config.hidden),
            nn.ReLU(inplace=True),
        )
        self.scores = linear(config.hidden, classes, small=True)
        self.confidence = linear(config.hidden, 1, small=True, bias=biases)
        self.of_scores = linear(classes, size, small=True, bias=biases)
        self.of_crop = convolution(channels, size, side=1)
        self.fed = linear(fed, size, small=True, bias=biases) if fed else None
        self.joined = convolution(size, size)
        self.candidate_of_input = convolution(size, size, small=True)
        self.gates_of_input = convolution(size, 2, small=True)
        self.candidate_of_memory = convolution(size, size, small=True, bias=False)
        self.gates_of_memory = convolution(size, 2, small=True, bias=biases)

    def begin(self, grid: Grid, like: Tensor) -> Tensor:
        """The memory `[I * H * W, S]` before anything is written; of the precision and device of `like`."""
        images, size = len(grid.sizes_I2), self.config.size
        if self.start is None:
            return widened(like.new_zeros(images * grid.height * grid.width, size))
        down_IHs = _resize(self.config.start, grid.sizes_I2[:, 0], grid.height)
        across_IWs = _resize(self.config.start, grid.sizes_I2[:, 1], grid.width)
        return torch.einsum("ihy,cyx,iwx->ihwc", down_IHs, self.start, across_IWs).reshape(-1, size)

    def project(self, crop_MC: Tensor) -> Tensor:
        """The part of every update's input that is the same each time, `[R, S, P, P]`, of the regions' samples."""
        projected_RSPP: Tensor = self.of_crop(self._patches(crop_MC.detach()))
        return projected_RSPP

    def see(self, memory_NS: Tensor, tables: RegionTables, inside: Tensor | None) -> Tensor:
        """What the regions know from the memory, `[R, D]`.

        Args:
            memory_NS: the memory.
            tables: where the regions lie.
            inside: 1 in the images' cells and 0 in padding (`Grid.inside`).
        """
        grid = tables.grid
        if self.context:
            map_ISHW = memory_NS.view(-1, grid.height, grid.width, self.config.size).permute(0, 3, 1, 2)
            first, second, third = self.context
            straight = _within(first(map_ISHW), inside)
            map_ISHW = straight + third(_within(torch.relu(second(torch.relu(straight))), inside))
            memory_NS = map_ISHW.permute(0, 2, 3, 1).reshape(-1, self.config.size)
        samples_RX = tables.read(memory_NS).view(-1, self.crop**2 * self.config.size)
        seen_RD: Tensor = self.read_layers(samples_RX)
        return seen_RD

    def update(
        self,
        memory_NS: Tensor,
        tables: RegionTables,
        scores_RK: Tensor,
        projected_RSPP: Tensor,
        fed_RF: Tensor | None = None,
    ) -> Written:
        """The memory after all regions have written.

        Args:
            memory_NS: the memory.
            tables: where the regions lie.
            scores_RK: what each is thought to be.
            projected_RSPP: of `project`.
            fed_RF: what else each is told.
        """
        told_RS = self.of_scores(scores_RK.detach())
        if fed_RF is not None and self.fed is not None:
            told_RS = told_RS + self.fed(fed_RF)
        x_RSPP = torch.relu(self.joined(torch.relu(told_RS[:, :, None, None] + projected_RSPP)))
        old_RSPP = self._patches(tables.read(memory_NS))
        gates_R2PP = torch.sigmoid(self.gates_of_input(x_RSPP) + self.gates_of_memory(old_RSPP))
        reset_R1PP, change_R1PP = gates_R2PP.chunk(2, dim=1)
        new_RSPP = torch.relu(
            self.candidate_of_input(x_RSPP) + self.candidate_of_memory(reset_R1PP * old_RSPP)
        )
        change_RSPP = change_R1PP * (new_RSPP - old_RSPP)
        change_MS = change_RSPP.permute(0, 2, 3, 1).reshape(-1, self.config.size)
        return Written(memory_NS + tables.average(change_MS), change_MS)

    def _patches(self, samples_MC: Tensor) -> Tensor:
        """Rows of samples as `[R, C, P, P]` with the channels last in memory, at no cost."""
        side = self.crop
        return samples_MC.view(-1, side, side, samples_MC.shape[1]).permute(0, 3, 1, 2)


def _within(map_ISHW: Tensor, inside: Tensor | None) -> Tensor:
    """The map with zeros in the padding, as if each image ended there."""
    return map_ISHW if inside is None else map_ISHW * inside.to(map_ISHW.dtype)


def _resize(side: int, extents_I: Tensor, most: int) -> Tensor:
    """Resizing of `side` points to each image's extent along one direction, `[I, most, side]`, 0 beyond it.

    Point r takes from place `r side / extent`, between the two points around it: TensorFlow 1's bilinear resizing.
    """
    place_IH = torch.arange(most, device=extents_I.device) * (side / extents_I[:, None])
    lower_IH = place_IH.floor()
    share_IH = place_IH - lower_IH
    inside_IH = place_IH < side
    lower, upper = (index.long().clamp_max(side - 1) for index in (lower_IH, lower_IH + 1))
    points = torch.arange(side, device=extents_I.device)
    weight_IHs = (lower[..., None] == points) * (1 - share_IH)[..., None]
    weight_IHs = weight_IHs + (upper[..., None] == points) * share_IH[..., None]
    return weight_IHs * inside_IH[..., None]
