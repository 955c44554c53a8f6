"""A memory of 512 x 38 x 50 read and written by 128 regions, against the literal form that goes region by region.

Literally each region is cropped off the map on its own, and written back as a map of the whole image, `crop_and_resize`
of its patch with the box turned round; these are added up. Ours are products with tables that are made once. Both take
turns on one thread and count in CPU seconds, the least of each; on a GPU it is seconds until the device is done. Memory
is the growth of the process's peak over one writing with its gradient, each in a process of its own.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable

import torch
from torch import Tensor

from visreason.benchmarks.clock import fastest_in_turns
from visreason.benchmarks.memory import peak_memory
from visreason.benchmarks.row import Row
from visreason.nn.crop_and_resize import crop_and_resize
from visreason.nn.region_tables import Grid, RegionTables

SIZE = 7
TOLERANCE = 1e-5
"""How far results and gradients may lie apart, as a share of the literal form's."""


def run(
    rounds: int = 3,
    regions: int = 128,
    channels: int = 512,
    cells: tuple[int, int] = (38, 50),
    measure: bool = True,
) -> list[Row]:
    """Measure reading and writing, forward alone and with the gradient.

    Args:
        rounds: of each; the fastest counts.
        regions: of the image.
        channels: of the memory.
        cells: its height and width.
        measure: memory too, in processes of their own.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        case = Case(regions, channels, cells)
        rows = [_compare(case, what, gradient, rounds) for what in WORKS for gradient in (False, True)]
        made = fastest_in_turns([case.tables], rounds)[0]
        rows.append(Row(name="region-memory.tables", value=1e3 * made, unit="CPU ms, once a batch of boxes"))
        if torch.cuda.is_available():
            on_gpu = Case(regions, channels, cells, "cuda")
            rows += [_compare(on_gpu, what, gradient, rounds) for what in WORKS for gradient in (False, True)]
    finally:
        torch.set_num_threads(threads)
    if measure:
        added = [_added_memory_elsewhere(*flag) for flag in (["--literally"], [])]
        rows.append(
            Row(
                name="region-memory.write.memory",
                memory_ratio=added[1] / added[0],
                value=added[1],
                unit="MiB",
            )
        )
    return rows


class Case:
    """One image, its memory and its regions, all random.

    Args:
        regions: R.
        channels: C.
        cells: H and W.
        device: `"cpu"` or `"cuda"`.
    """

    def __init__(
        self, regions: int, channels: int, cells: tuple[int, int], device: str = "cpu", seed: int = 0
    ) -> None:
        numbers = torch.Generator().manual_seed(seed)
        self.cells, self.device = cells, device
        extent = 16 * torch.tensor([cells[1], cells[0]])
        ends = torch.rand(2, regions, 2, generator=numbers) * extent
        self.boxes = torch.cat([ends.amin(0), ends.amax(0)], dim=1).to(device)
        memory = torch.randn(1, channels, *cells, generator=numbers)
        patches = torch.randn(regions, channels, SIZE, SIZE, generator=numbers)
        # Both forms get what suits them: ours has its channels last, as its convolutions do.
        self.memory, self.patches = memory.to(device), patches.to(device)
        self.memory_rows = self.memory.permute(0, 2, 3, 1).reshape(-1, channels).contiguous()
        self.patch_rows = self.patches.permute(0, 2, 3, 1).reshape(-1, channels).contiguous()

    def tables(self) -> RegionTables:
        """The tables, made anew."""
        sizes = torch.tensor([self.cells], device=self.device)
        rows = torch.zeros(len(self.boxes), dtype=torch.long, device=self.device)
        return RegionTables(self.boxes, rows, Grid(*self.cells, 16, sizes), size=SIZE)


def read_literally(memory_1CHW: Tensor, boxes_R4: Tensor) -> Tensor:
    """The patches `[R, C, P, P]` of boxes in pixels, one after the other."""
    height, width = memory_1CHW.shape[2:]
    turned = boxes_R4[:, [1, 0, 3, 2]] / 16
    normal = turned / turned.new_tensor([height - 1, width - 1]).repeat(2)
    first = torch.zeros(1, dtype=torch.long, device=boxes_R4.device)
    return torch.cat([crop_and_resize(memory_1CHW, box[None], first, (SIZE, SIZE)) for box in normal])


def write_literally(patches_RCPP: Tensor, boxes_R4: Tensor, cells: tuple[int, int]) -> Tensor:
    """The sum `[C, H, W]` of a map of the whole image for every region, made by turning its box round.

    ```
    turned(y1, x1, y2, x2) = (-y1 / dy, -x1 / dx, (H - 1 - y1) / dy, (W - 1 - x1) / dx),   in cells, dy = y2 - y1
    ```
    """
    first = torch.zeros(1, dtype=torch.long, device=boxes_R4.device)
    most = boxes_R4.new_tensor([cells[1] - 1, cells[0] - 1])
    maps = []
    for patch, box in zip(patches_RCPP, boxes_R4 / 16, strict=True):
        extent = (box[2:] - box[:2]).clamp_min(1e-14)
        turned = torch.cat([(-box[:2] / extent).flip(0), ((most - box[:2]) / extent).flip(0)])
        maps.append(crop_and_resize(patch[None], turned[None], first, cells))
    return torch.cat(maps).sum(0)


Forms = tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]]


def _reading(case: Case) -> tuple[Forms, tuple[Tensor, Tensor]]:
    tables = case.tables()
    return (lambda x: read_literally(x, case.boxes), tables.read), (case.memory, case.memory_rows)


def _writing(case: Case) -> tuple[Forms, tuple[Tensor, Tensor]]:
    tables = case.tables()
    return (
        lambda x: write_literally(x, case.boxes, case.cells)[None],
        tables.write,
    ), (case.patches, case.patch_rows)


WORKS: dict[str, Callable[[Case], tuple[Forms, tuple[Tensor, Tensor]]]] = {
    "read": _reading,
    "write": _writing,
}


def _compare(case: Case, what: str, gradient: bool, rounds: int) -> Row:
    """Time of both forms, and whether they do the same."""
    forms, given = WORKS[what](case)

    def work(index: int) -> list[Tensor]:
        x = given[index].requires_grad_(gradient)
        y = forms[index](x)
        # A gradient that is no constant, the same for both in their own layouts.
        return [y, *(torch.autograd.grad(y, x, y.detach().cos()) if gradient else ())]

    literal, ours = ([_as_rows(one) for one in work(index)] for index in (0, 1))
    same = all(
        bool((a - b).norm() <= TOLERANCE * a.norm().clamp_min(1)) for a, b in zip(literal, ours, strict=True)
    )
    with torch.set_grad_enabled(gradient):
        seconds = fastest_in_turns([lambda: work(0), lambda: work(1)], rounds, case.device)
    name = f"region-memory.{what}{'.with-gradient' if gradient else ''}{'.gpu' * (case.device != 'cpu')}"
    return Row(name=name, ratio=seconds[0] / seconds[1], equal=same, value=1e3 * seconds[1], unit="ms")


def _as_rows(tensor: Tensor) -> Tensor:
    """Any layout as `[.., C]` rows."""
    return tensor if tensor.dim() == 2 else tensor.permute(0, 2, 3, 1).flatten(0, 2)


def added_memory(*, literally: bool) -> float:
    """MiB by which the process's peak grows over one writing with its gradient; meant for a fresh process."""
    for regions in (2, 128):  # what PyTorch loads at its first work is not counted
        case = Case(regions, 512, (38, 50))
        forms, given = _writing(case)
        x = given[not literally].requires_grad_()
        before = peak_memory()
        y = forms[not literally](x)
        torch.autograd.grad(y, x, torch.ones_like(y))
    return peak_memory() - before


def _added_memory_elsewhere(*arguments: str) -> float:
    done = subprocess.run([sys.executable, "-m", __name__, *arguments], check=True, capture_output=True)
    return float(json.loads(done.stdout))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Print the MiB that one writing with its gradient adds.")
    parser.add_argument("--literally", action="store_true")
    torch.set_num_threads(1)
    print(json.dumps(added_memory(literally=parser.parse_args().literally)))
