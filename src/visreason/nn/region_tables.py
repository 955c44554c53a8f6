"""Reading regions off a map of cells and writing them back, as sparse linear maps that are made once.

The boxes of an image do not change while a model reasons about it. So where each sample of a region lies on the map,
and what each cell takes back, are put into tables once a batch of boxes; every later reading or writing is one sparse
product. Literally (Chen et al., "Iterative Visual Reasoning Beyond Convolutions", CVPR 2018) a writing makes a map of
the whole image for each region, `[R, C, H, W]`, and adds them up; nothing of that size is made here.

Shape legend: I images, R regions, H x W cells of the largest image, P x P samples of a region, C channels. Maps are
rows of cells `[I * H * W, C]`, regions rows of samples `[R * P * P, C]`, both in reading order.
"""

from typing import Literal, NamedTuple, Self

import torch
from torch import Tensor

from visreason.nn.region_batch import RegionBatch
from visreason.nn.sparse_map import SparseMap

Writing = Literal["centres", "covered"]
"""Which cells a region writes to: those whose centres it covers, or all it touches, each as far as it covers it."""

Edges = Literal["zero", "clamp"]
"""What samples beyond the map's outermost cell centres read: nothing, or the nearest cells."""


class Grid(NamedTuple):
    """The cells of a batch of images.

    Attributes:
        height: H, of the padded map.
        width: W.
        stride: pixels a cell, in both directions.
        sizes_I2: Long, the height and width in cells of each image.
    """

    height: int
    width: int
    stride: int
    sizes_I2: Tensor

    @classmethod
    def of(cls, batch: RegionBatch, height: int, width: int, stride: int) -> Self:
        """The grid of a batch: an image of h pixels has ceil(h / stride) cells."""
        return cls(height, width, stride, -(-batch.sizes // stride))

    def inside(self) -> Tensor | None:
        """`[I, 1, H, W]`, 1 in the cells of each image and 0 in its padding; None where no image has any."""
        if bool((self.sizes_I2 == self.sizes_I2.new_tensor([self.height, self.width])).all()):
            return None
        rows_H = torch.arange(self.height, device=self.sizes_I2.device)
        columns_W = torch.arange(self.width, device=self.sizes_I2.device)
        rows_IH, columns_IW = rows_H < self.sizes_I2[:, :1], columns_W < self.sizes_I2[:, 1:]
        return (rows_IH[:, :, None] & columns_IW[:, None, :])[:, None].float()


class RegionTables:
    """Reading and writing of the regions of a batch.

    Reading is `crop_and_resize` of the box in cells, box / stride, at P x P samples; each image ends at its own last
    cell, however far the batch is padded. Writing turns this round: cell r takes from region n

    ```
    centres: bilinear(patch_n, at (P - 1) (r - y1) / (y2 - y1))   where  y1 <= r <= y2,  weight 1
    covered: the same at the nearest point of the patch,          weight |[r - 1/2, r + 1/2] within [y1, y2]|
    ```

    and so along x, the weights multiplied. A region that covers no cell's centre writes nothing by "centres".

    Args:
        boxes_R4: (x1, y1, x2, y2) in pixels.
        image_rows_R: Long, the image of each region.
        grid: the cells.
        size: P.
        writing: which cells a region writes to.
        edges: what samples beyond the outermost cells' centres read.
        dtype: of the tables and of all sums made with them.

    Attributes:
        count: `[I * H * W]`, how many regions write to each cell (by "covered" the sum of their weights).

    Example:
        >>> grid = Grid(4, 6, 16, torch.tensor([[4, 6]]))
        >>> tables = RegionTables(torch.tensor([[16.0, 0, 48, 32]]), torch.tensor([0]), grid, size=2)
        >>> tables.read(torch.arange(24.0)[:, None]).flatten()
        tensor([ 1.,  3., 13., 15.])
        >>> tables.average(torch.ones(4, 1)).view(4, 6)
        tensor([[0., 1., 1., 1., 0., 0.],
                [0., 1., 1., 1., 0., 0.],
                [0., 1., 1., 1., 0., 0.],
                [0., 0., 0., 0., 0., 0.]])
    """

    count: Tensor

    def __init__(
        self,
        boxes_R4: Tensor,
        image_rows_R: Tensor,
        grid: Grid,
        *,
        size: int = 7,
        writing: Writing = "centres",
        edges: Edges = "zero",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.grid, self.size, self.image_rows_R = grid, size, image_rows_R
        self.cells = len(grid.sizes_I2) * grid.height * grid.width
        self.samples = len(boxes_R4) * size * size
        self._dtype = dtype
        self._start_R = image_rows_R * grid.height * grid.width
        box_R4 = (
            boxes_R4.detach().double() / grid.stride
        )  # edges fall on cells' centres often: decide them exactly
        extents_R2 = grid.sizes_I2[image_rows_R]
        across = _Side(box_R4[:, 0], box_R4[:, 2], extents_R2[:, 1], grid.width)
        down = _Side(box_R4[:, 1], box_R4[:, 3], extents_R2[:, 0], grid.height)
        self._read = self._reading(down, across, edges)
        self._write = self._writing(down, across, writing)

    def read(self, cells_NC: Tensor) -> Tensor:
        """The samples of every region, `[R * P * P, C]`, of maps `[I * H * W, C]`."""
        return self._read(cells_NC)

    def write(self, samples_MC: Tensor) -> Tensor:
        """The sum over regions of what they write, `[I * H * W, C]`, of their samples `[R * P * P, C]`."""
        return self._write(samples_MC)

    def average(self, samples_MC: Tensor) -> Tensor:
        """What regions write, averaged over those that write to a cell; 0 where none does."""
        return self._write(samples_MC) / self.count.clamp_min(1e-14)[:, None]

    def shares(self, strength_M: Tensor) -> Tensor:
        """How much of its average each cell has of each region, `[I * H * W, R]`; of that size, so for explanations.

        Args:
            strength_M: what each of the R * P * P samples weighs.
        """
        region_M = torch.arange(self.samples, device=strength_M.device) // self.size**2
        apart_MR = strength_M.new_zeros(self.samples, self.samples // self.size**2)
        apart_MR[torch.arange(self.samples, device=strength_M.device), region_M] = strength_M
        return self.average(apart_MR)

    def _reading(self, down: "_Side", across: "_Side", edges: Edges) -> SparseMap:
        """The four cells around each sample, with their shares."""
        rows, columns = down.samples(self.size, edges), across.samples(self.size, edges)
        sample_RPP = torch.arange(self.samples, device=self._start_R.device).view(-1, self.size, self.size)
        entries = []
        for row_RP, share_down_RP in rows:
            for column_RP, share_across_RP in columns:
                cell_RP1 = self._start_R[:, None, None] + row_RP[:, :, None] * self.grid.width
                cell_RPP = cell_RP1 + column_RP[:, None, :]
                share_RPP = share_down_RP[:, :, None] * share_across_RP[:, None, :]
                entries.append((sample_RPP.flatten(), cell_RPP.flatten(), share_RPP.flatten()))
        return self._map(entries, (self.samples, self.cells))

    def _writing(self, down: "_Side", across: "_Side", writing: Writing) -> SparseMap:
        """The four samples around each covered cell, with their shares; counts the regions of each cell besides."""
        weight_RH, rows = down.cells(self.size, writing)
        weight_RW, columns = across.cells(self.size, writing)
        region_Z, row_Z, column_Z = (weight_RH[:, :, None] * weight_RW[:, None, :]).nonzero(as_tuple=True)
        cell_Z = self._start_R[region_Z] + row_Z * self.grid.width + column_Z
        weight_Z = weight_RH[region_Z, row_Z] * weight_RW[region_Z, column_Z]
        self.count = weight_Z.new_zeros(self.cells).index_add_(0, cell_Z, weight_Z).to(self._dtype)
        entries = []
        for i_RH, share_down_RH in rows:
            for j_RW, share_across_RW in columns:
                i_Z, j_Z = i_RH[region_Z, row_Z], j_RW[region_Z, column_Z]
                share_Z = share_down_RH[region_Z, row_Z] * share_across_RW[region_Z, column_Z] * weight_Z
                entries.append((cell_Z, (region_Z * self.size + i_Z) * self.size + j_Z, share_Z))
        return self._map(entries, (self.cells, self.samples))

    def _map(self, entries: list[tuple[Tensor, Tensor, Tensor]], shape: tuple[int, int]) -> SparseMap:
        rows_Z, columns_Z, values_Z = (torch.cat(parts) for parts in zip(*entries, strict=True))
        return SparseMap(rows_Z, columns_Z, values_Z.to(self._dtype), shape)


Taps = tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]
"""The two neighbours of each point and their shares."""


class _Side(NamedTuple):
    """All regions along one direction, in cells.

    Attributes:
        first_R: where each box begins.
        last_R: where it ends.
        extent_R: the cells of its image.
        cells_of_map: H or W.
    """

    first_R: Tensor
    last_R: Tensor
    extent_R: Tensor
    cells_of_map: int

    def samples(self, size: int, edges: Edges) -> Taps:
        """The two cells next to each of P samples; a sample that lies outside the image has no share in any."""
        part_P = torch.linspace(0, 1, size, dtype=torch.double, device=self.first_R.device)
        point_RP = torch.lerp(self.first_R[:, None], self.last_R[:, None], part_P)
        most_R1 = (self.extent_R[:, None] - 1).double()
        inside_RP = point_RP.clamp_min(0).minimum(most_R1)
        seen_RP = torch.ones_like(point_RP) if edges == "clamp" else (point_RP == inside_RP).double()
        return _taps(inside_RP, most_R1.long(), seen_RP)

    def cells(self, size: int, writing: Writing) -> tuple[Tensor, Taps]:
        """The weight of every cell `[R, H]`, and the two samples that it lies between."""
        cell_H = torch.arange(self.cells_of_map, device=self.first_R.device).double()
        first_R1, last_R1 = self.first_R[:, None], self.last_R[:, None]
        length_R1 = (last_R1 - first_R1).clamp_min(1e-14)
        point_RH = (cell_H - first_R1) * (size - 1) / length_R1
        if writing == "centres":
            weight_RH = ((point_RH >= 0) & (point_RH <= size - 1)).double()
        else:
            ends_RH = torch.minimum(cell_H + 0.5, last_R1) - torch.maximum(cell_H - 0.5, first_R1)
            weight_RH = ends_RH.clamp_min(0)
        weight_RH = weight_RH * (cell_H < self.extent_R[:, None])
        most = torch.full_like(self.extent_R, size - 1)[:, None]
        return weight_RH, _taps(point_RH.clamp(0, size - 1), most, torch.ones_like(point_RH))


def _taps(point: Tensor, most: Tensor, weight: Tensor) -> Taps:
    """The neighbours below and above each point, which is in 0 .. most, and their shares of the weight."""
    below = point.floor()
    share = point - below
    index = below.long()
    return (index, (1 - share) * weight), (torch.minimum(index + 1, most), share * weight)
