"""The walk over all pairs in blocks, forwards and backwards, that never holds more than one block.

A block is either several questions with the same number of objects, all pairs of each, or some rows of the
pairs of one question. On a CPU it is sized to stay in the cache (one piece is slower: fresh memory costs page
faults), on a GPU to keep it busy. The backward pass computes each block again, so between the two passes only
the inputs are kept.

Shape legend: B questions, N objects, K width of a layer, G of the last, P pairs of a block.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import prod
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

BLOCK_NUMBERS = {"cpu": 2**18}
"""How many numbers one layer of a block holds; other devices take `LARGE_BLOCK_NUMBERS`."""
LARGE_BLOCK_NUMBERS = 2**25


@dataclass(frozen=True, slots=True)
class Block:
    """Pairs (i, j) of the questions `questions`, i in `rows`, j in `range(objects)`."""

    questions: slice
    rows: slice
    objects: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """Questions, rows, columns."""
        return self.questions.stop - self.questions.start, self.rows.stop - self.rows.start, self.objects


def plan_blocks(counts: Sequence[int], most_pairs: int) -> Iterator[Block]:
    """Blocks of at most `most_pairs` pairs (and at least one row) that together hold every pair once.

    Args:
        counts: the number of objects of each question; equal ones stand side by side.
        most_pairs: the size aimed at.

    Example:
        >>> [block.shape for block in plan_blocks([2, 2, 2, 4], most_pairs=8)]
        [(2, 2, 2), (1, 2, 2), (1, 2, 4), (1, 2, 4)]
    """
    start = 0
    for objects, group in groupby(counts):
        stop = start + len(list(group))
        if objects == 0:
            pass
        elif objects**2 <= most_pairs:
            step = most_pairs // objects**2
            for first in range(start, stop, step):
                yield Block(slice(first, min(first + step, stop)), slice(0, objects), objects)
        else:
            step = max(1, most_pairs // objects)
            for question in range(start, stop):
                for row in range(0, objects, step):
                    yield Block(slice(question, question + 1), slice(row, min(row + step, objects)), objects)
        start = stop


def sum_over_pairs(
    column_BNK: Tensor,
    row_BNK: Tensor,
    weights: Sequence[Tensor],
    biases: Sequence[Tensor],
    counts: Sequence[int],
    dtype: torch.dtype,
) -> Tensor:
    """The sum over the pairs of each question of the layers after the first product, `[B, G]`.

    ```
    h_0(i, j) = ReLU(row_i + column_j);  h_l = ReLU(W_l h_{l-1} + b_l);  result = sum_{i, j < count} h_L(i, j)
    ```

    Differentiable once, by everything but `counts`.

    Args:
        column_BNK: `[B, N, K_0]`, the first layer's part of j.
        row_BNK: `[B, N, K_0]`, the first layer's part of i, question and bias included.
        weights: `[K_l, K_{l-1}]` of the later layers.
        biases: of the later layers, `[K_l]` or one a question, `[B, K_l]`.
        counts: the number of objects of each question, the first of its N; equal ones stand side by side.
        dtype: the type to compute the blocks in.
    """
    total: Tensor = _SumOverPairs.apply(  # type: ignore[no-untyped-call]
        tuple(counts), dtype, column_BNK, row_BNK, *weights, *biases
    )
    return total


class _Room:
    """Memory for a few matrices of one block, used again for the next."""

    def __init__(self, slots: int, numbers: int, like: Tensor, dtype: torch.dtype) -> None:
        self.slots = [torch.empty(numbers, dtype=dtype, device=like.device) for _ in range(slots)]

    def matrix(self, layer: int, pairs: int, width: int) -> Tensor:
        """Room for `[P, K]`; a layer takes the place of the one as many layers back as there are slots."""
        return self.slots[layer % len(self.slots)][: pairs * width].view(pairs, width)


class _Walk:
    """The blocks of one pass, the layers in the type to compute in, and the memory that the blocks share."""

    def __init__(
        self, inputs: Sequence[Tensor], counts: Sequence[int], dtype: torch.dtype, *, keep_states: bool
    ) -> None:
        self.column_BNK, self.row_BNK, *layers = inputs
        self.depth = len(layers) // 2
        self.weights = [weight.to(dtype) for weight in layers[: self.depth]]
        self.biases = [bias.to(dtype) for bias in layers[self.depth :]]
        self.widths = [self.column_BNK.shape[2], *(weight.shape[0] for weight in self.weights)]
        self.dtype = dtype
        self.sums = torch.promote_types(dtype, torch.float32)
        most = BLOCK_NUMBERS.get(self.column_BNK.device.type, LARGE_BLOCK_NUMBERS) // max(self.widths)
        self.blocks = list(plan_blocks(counts, max(1, most)))
        self.states = self.room(self.depth + 1 if keep_states else 2)

    def room(self, slots: int) -> _Room:
        """Room for the widest layer of the largest block, so many times."""
        pairs = max((prod(block.shape) for block in self.blocks), default=0)
        return _Room(slots, pairs * max(self.widths), self.column_BNK, self.dtype)

    def compute(self, block: Block) -> list[Tensor]:
        """The states h_0 ... h_L of a block, `[P, K_l]` each; older than two only if states are kept."""
        questions, rows, objects = block.shape
        pairs = prod(block.shape)
        states = [self.states.matrix(layer, pairs, width) for layer, width in enumerate(self.widths)]
        torch.add(
            self.column_BNK[block.questions, None, :objects],
            self.row_BNK[block.questions, block.rows, None],
            out=states[0].view(questions, rows, objects, -1),
        ).relu_()
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            before, after = states[layer], states[layer + 1]
            if bias.dim() == 1 or questions == 1:
                torch.addmm(bias if bias.dim() == 1 else bias[block.questions], before, weight.T, out=after)
            else:
                torch.mm(before, weight.T, out=after)
                after.view(questions, rows * objects, -1).add_(bias[block.questions, None])
            after.relu_()
        return states


class _SumOverPairs(torch.autograd.Function):
    """`sum_over_pairs` with a backward pass that computes the blocks again."""

    @staticmethod
    def forward(ctx: Any, counts: tuple[int, ...], dtype: torch.dtype, *inputs: Tensor) -> Tensor:
        ctx.save_for_backward(*inputs)
        ctx.counts, ctx.dtype = counts, dtype
        walk = _Walk(inputs, counts, dtype, keep_states=False)
        total_BG = inputs[0].new_zeros(len(counts), walk.widths[-1], dtype=walk.sums)
        for block in walk.blocks:
            last_PG = walk.compute(block)[-1]
            total_BG[block.questions] += last_PG.view(block.shape[0], -1, walk.widths[-1]).sum(
                1, dtype=walk.sums
            )
        return total_BG

    @staticmethod
    @once_differentiable  # type: ignore[misc,untyped-decorator,unused-ignore]
    def backward(ctx: Any, grad_BG: Tensor) -> tuple[Tensor | None, ...]:
        inputs: Sequence[Tensor] = ctx.saved_tensors
        walk = _Walk(inputs, ctx.counts, ctx.dtype, keep_states=True)
        slopes = walk.room(2)
        into = [torch.zeros_like(tensor, dtype=walk.sums) for tensor in inputs]
        grad_BG = grad_BG.to(walk.dtype)
        for block in walk.blocks:
            _add_block_gradients(walk, block, grad_BG, slopes, into)
        return None, None, *(grad.to(tensor.dtype) for grad, tensor in zip(into, inputs, strict=True))


def _add_block_gradients(
    walk: _Walk, block: Block, grad_BG: Tensor, slopes: _Room, into: Sequence[Tensor]
) -> None:
    """Add what one block contributes to the gradients by columns, rows, weights and biases (in `into`)."""
    questions, rows, objects = block.shape
    pairs = prod(block.shape)
    states = walk.compute(block)
    into_column, into_row, *into_layers = into
    slope = slopes.matrix(walk.depth, pairs, walk.widths[-1])
    grad_BPG = grad_BG[block.questions, None].expand(-1, rows * objects, -1)
    _through_relu(grad_BPG, states[-1].view(grad_BPG.shape), slope.view(grad_BPG.shape))
    for layer in range(walk.depth, 0, -1):
        into_weight, into_bias = into_layers[layer - 1], into_layers[walk.depth + layer - 1]
        if walk.sums == walk.dtype:
            into_weight.addmm_(slope.T, states[layer - 1])
        else:
            into_weight += torch.mm(slope.T, states[layer - 1])
        if into_bias.dim() == 1:
            into_bias += slope.sum(0, dtype=walk.sums)
        else:
            into_bias[block.questions] += slope.view(questions, rows * objects, -1).sum(1, dtype=walk.sums)
        below = slopes.matrix(layer - 1, pairs, walk.widths[layer - 1])
        torch.mm(slope, walk.weights[layer - 1], out=below)
        slope = _through_relu(below, states[layer - 1], below)
    slope_4d = slope.view(questions, rows, objects, -1)
    into_column[block.questions, :objects] += slope_4d.sum(1, dtype=walk.sums)
    into_row[block.questions, block.rows] += slope_4d.sum(2, dtype=walk.sums)


def _through_relu(grad: Tensor, state: Tensor, out: Tensor) -> Tensor:
    """The gradient where the state is positive, else 0, written to `out` (which may be `grad`)."""
    torch.ops.aten.threshold_backward.grad_input(grad, state, 0, grad_input=out)
    return out
