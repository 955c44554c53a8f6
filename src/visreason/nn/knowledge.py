"""Products with the cells of an image that are needed many times, and whose gradients are added up only once.

A Stack Neural Module Network reads the same cells some forty times an answer. Each reading gives the cells a gradient
that is an outer product; autograd would write each out in full and add them up. Here the factors are kept and
multiplied in one product when the last reading has been walked back. Weights that every step multiplies with are such
cells too.

Shape legend: B questions, P cells, D numbers a cell, K vectors or maps.
"""

from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

SMALLEST = 1e-24
"""The least squared length that is divided by: that of `torch.nn.functional.normalize`."""


class Knowledge:
    """The cells of every question's image, `[B, P, D]`, to be read many times.

    Args:
        cells_BPD: the cells.

    Attributes:
        tape: the cells as functions read them that write out their gradient, and leave its factors there.
        root: what such a function takes, and returns a gradient of 0 for, so that it is walked back before the cells.

    Example:
        >>> cells = torch.randn(2, 9, 4)
        >>> knowledge = Knowledge(cells)
        >>> maps, vectors = torch.rand(2, 3, 9), torch.randn(2, 3, 4)
        >>> torch.allclose(knowledge.attend(maps), maps @ cells, atol=1e-5)
        True
        >>> knowledge.match(vectors, torch.ones(4)).shape
        torch.Size([2, 3, 9])
    """

    def __init__(self, cells_BPD: Tensor) -> None:
        self.tape = Tape(cells_BPD.detach())
        self.root: Tensor = _Root.apply(cells_BPD, self.tape)  # type: ignore[no-untyped-call]

    @property
    def cells(self) -> Tensor:
        """The cells, without their gradient."""
        return self.tape.cells_BPD

    def attend(self, maps_BKP: Tensor) -> Tensor:
        """The sums of cells that maps weight, `[B, K, D]`."""
        sums_BKD: Tensor = _Attend.apply(maps_BKP, self.root, self.tape)  # type: ignore[no-untyped-call]
        return sums_BKD

    def dot(self, vectors_BKD: Tensor) -> Tensor:
        """Every vector times every cell, `[B, K, P]`."""
        return self._product(vectors_BKD, squared=False)

    def match(self, vectors_BKD: Tensor, weight_D: Tensor) -> Tensor:
        """How well each cell fits each vector, `[B, K, P]`.

        ```
        weight . normalise(cell * vector) = (cell . (weight * vector)) / |cell * vector|
        ```

        with |cell * vector|^2 = cell^2 . vector^2, so that no `[B, K, P, D]` is ever made.
        """
        raw_BKP = self.dot(vectors_BKD * weight_D)
        length_BKP = self._product(vectors_BKD.square(), squared=True).clamp_min(SMALLEST).rsqrt()
        return raw_BKP * length_BKP

    def _product(self, vectors_BKD: Tensor, *, squared: bool) -> Tensor:
        """Vectors times cells, or times their squares, `[B, K, P]`."""
        product_BKP: Tensor = _Product.apply(vectors_BKD, self.root, self.tape, squared)  # type: ignore[no-untyped-call]
        return product_BKP


class Tape:
    """The cells, their squares, and the factors of their gradients so far."""

    def __init__(self, cells_BPD: Tensor) -> None:
        self.cells_BPD = cells_BPD
        self.factors: dict[bool, list[tuple[Tensor, Tensor]]] = {False: [], True: []}

    @cached_property
    def squares(self) -> Tensor:
        """The squares of the cells."""
        return self.cells_BPD.square()

    def read(self, *, squared: bool) -> Tensor:
        """The cells, or their squares."""
        return self.squares if squared else self.cells_BPD

    def add(self, maps_BKP: Tensor, vectors_BKD: Tensor, *, squared: bool) -> None:
        """Take the factors of a gradient of the cells, or of their squares: `sum_K maps vectors`."""
        self.factors[squared].append((maps_BKP, vectors_BKD))

    def gradient(self) -> Tensor:
        """The gradient of the cells, from all factors; they are then forgotten."""
        of_cells, of_squares = self.factors[False], self.factors[True]
        self.factors = {False: [], True: []}
        if of_squares:
            maps_BPK, vectors_BKD = _joined(of_squares)
            total_BPD = torch.bmm(maps_BPK, 2 * vectors_BKD).mul_(self.cells_BPD)
            return total_BPD.baddbmm_(*_joined(of_cells)) if of_cells else total_BPD
        return torch.bmm(*_joined(of_cells)) if of_cells else torch.zeros_like(self.cells_BPD)


def _joined(factors: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """All factors as two, `[B, P, K]` and `[B, K, D]`."""
    maps_BKP, vectors_BKD = (torch.cat(side, dim=1) for side in zip(*factors, strict=True))
    return maps_BKP.transpose(1, 2), vectors_BKD


class _Root(torch.autograd.Function):
    """Stands for the cells in the graph: every reading depends on it, so its gradient is asked for last."""

    @staticmethod
    def forward(ctx: Any, cells_BPD: Tensor, tape: Tape) -> Tensor:
        ctx.tape = tape
        return cells_BPD.new_zeros(())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None]:
        return ctx.tape.gradient(), None


class _Attend(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, maps_BKP: Tensor, root: Tensor, tape: Tape) -> Tensor:
        ctx.tape = tape
        ctx.save_for_backward(maps_BKP, root)
        return torch.bmm(maps_BKP, tape.cells_BPD)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, Tensor, None]:
        maps_BKP, root = ctx.saved_tensors
        slope_BKD = slopes[0].contiguous()
        ctx.tape.add(maps_BKP.detach(), slope_BKD, squared=False)
        return torch.bmm(slope_BKD, ctx.tape.cells_BPD.transpose(1, 2)), torch.zeros_like(root), None


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, vectors_BKD: Tensor, root: Tensor, tape: Tape, squared: bool) -> Tensor:
        ctx.tape, ctx.squared = tape, squared
        ctx.save_for_backward(vectors_BKD, root)
        return torch.bmm(vectors_BKD, tape.read(squared=squared).transpose(1, 2))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, Tensor, None, None]:
        vectors_BKD, root = ctx.saved_tensors
        slope_BKP = slopes[0].contiguous()
        ctx.tape.add(slope_BKP, vectors_BKD.detach(), squared=ctx.squared)
        to_vectors_BKD = torch.bmm(slope_BKP, ctx.tape.read(squared=ctx.squared))
        return to_vectors_BKD, torch.zeros_like(root), None, None
