"""The walk over all pairs in blocks, forwards and backwards, that never holds more than one block a thread.

On a CPU a block is sized to stay in the cache (one piece is slower: fresh memory costs page faults) and every
thread walks over questions of its own; on a GPU it is sized to keep it busy. The backward pass computes each
block again up to its last layer, of which it needs the signs alone: between the two passes only the inputs are
kept, and a bit for each of these.

Shape legend: B questions, N objects, K width of a layer, G of the last, P pairs of a block; W is B where every
question has pair weights of its own, and 1 where all share them.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor

from visreason.nn import products
from visreason.nn.pairwise_blocks import Block, divide_blocks, plan_blocks
from visreason.nn.signs import Signs
from visreason.nn.threads import on_threads

CPU_BLOCK_NUMBERS = 2**18
"""How many numbers the widest layer of a block holds on a CPU: 1 MiB in float32."""
OTHER_BLOCK_NUMBERS = 2**25
"""The same on a GPU."""
LEAST_NUMBERS_A_THREAD = 2**16
"""Less work than this is not worth another thread."""


def sum_over_pairs(
    column_BNK: Tensor,
    row_BNK: Tensor,
    weights: Sequence[Tensor],
    biases: Sequence[Tensor],
    counts: Sequence[int],
    dtype: torch.dtype,
    pair_weights_WNN: Tensor | None = None,
) -> Tensor:
    """The sum over the pairs of each question of the layers after the first product, `[B, G]`.

    ```
    h_0(i, j) = ReLU(row_i + column_j);  h_l = ReLU(W_l h_{l-1} + b_l);  result = sum_{i, j < count} a_ij h_L(i, j)
    ```

    with a = 1 where no pair weights are given.

    Differentiable once, by everything but `counts`.

    Args:
        column_BNK: `[B, N, K_0]`, the first layer's part of j.
        row_BNK: `[B, N, K_0]`, the first layer's part of i, question and bias included.
        weights: `[K_l, K_{l-1}]` of the later layers.
        biases: of the later layers, `[K_l]` or one a question, `[B, K_l]`.
        counts: the number of objects of each question, the first of its N; equal ones stand side by side.
        dtype: the type to compute the blocks in; sums are in float32 or better.
        pair_weights_WNN: a, of all questions or of each.
    """
    weighted = () if pair_weights_WNN is None else (pair_weights_WNN,)
    total: Tensor = _SumOverPairs.apply(  # type: ignore[no-untyped-call]
        tuple(counts), dtype, column_BNK, row_BNK, *weights, *biases, *weighted
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
    """The blocks of one pass, by threads, and the layers in the type to compute in.

    Args:
        inputs: of `_SumOverPairs`.
        counts: objects of each question.
        dtype: to compute in.
        parts: the blocks of another pass, to walk over these again.
    """

    def __init__(
        self,
        inputs: Sequence[Tensor],
        counts: Sequence[int],
        dtype: torch.dtype,
        parts: list[list[Block]] | None = None,
    ) -> None:
        self.column_BNK, self.row_BNK, *layers = inputs
        self.depth = len(layers) // 2
        self.weights = [weight.to(dtype) for weight in layers[: self.depth]]
        self.biases = [bias.to(dtype) for bias in layers[self.depth : 2 * self.depth]]
        self.pair_weights = layers[-1] if len(layers) > 2 * self.depth else None
        self.widths = [self.column_BNK.shape[2], *(weight.shape[0] for weight in self.weights)]
        self.dtype = dtype
        self.sums = torch.promote_types(dtype, torch.float32)
        self.parts = self._divide(counts) if parts is None else parts
        self.largest = max((block.pairs for part in self.parts for block in part), default=0)

    def _divide(self, counts: Sequence[int]) -> list[list[Block]]:
        """All pairs in blocks, for each thread its own."""
        on_cpu, widest = self.column_BNK.device.type == "cpu", max(self.widths)
        pairs = sum(count**2 for count in counts)
        threads = min(torch.get_num_threads(), pairs * widest // LEAST_NUMBERS_A_THREAD) if on_cpu else 1
        most = (CPU_BLOCK_NUMBERS if on_cpu else OTHER_BLOCK_NUMBERS) // widest
        blocks = list(plan_blocks(counts, max(1, min(most, pairs // max(1, threads)))))
        return divide_blocks(blocks, max(1, threads))

    def room(self, slots: int) -> _Room:
        """Room for the widest layer of the largest block, so many times."""
        return _Room(slots, self.largest * max(self.widths), self.column_BNK, self.dtype)

    def weights_of(self, block: Block) -> Tensor | None:
        """What the pairs of a block weigh, `[W, P, 1]`, W the block's questions or 1; None: all alike."""
        if self.pair_weights is None:
            return None
        return _part_of(self.pair_weights, block).flatten(1)[..., None]

    def compute(self, block: Block, room: _Room, depth: int) -> list[Tensor]:
        """The states h_0 ... h_depth of a block, `[P, K_l]` each; the last as many as the room has slots."""
        questions, rows, objects = block.shape
        widths = self.widths[: depth + 1]
        states = [room.matrix(layer, block.pairs, width) for layer, width in enumerate(widths)]
        torch.add(
            self.column_BNK[block.questions, None, :objects],
            self.row_BNK[block.questions, block.rows, None],
            out=states[0].view(questions, rows, objects, -1),
        ).relu_()
        for layer in range(depth):
            weight, bias = self.weights[layer], self.biases[layer]
            before, room_of_it = states[layer], states[layer + 1]
            if bias.dim() == 1 or questions == 1:
                bias_K = bias if bias.dim() == 1 else bias[block.questions][0]
                states[layer + 1] = products.linear(before, weight, bias_K, relu=True, out=room_of_it)
            else:
                after = products.linear(before, weight, out=room_of_it)
                after.view(questions, rows * objects, -1).add_(bias[block.questions, None])
                states[layer + 1] = after.relu_()
        return states


class _SumOverPairs(torch.autograd.Function):
    """`sum_over_pairs` with a backward pass that computes the blocks again."""

    @staticmethod
    def forward(ctx: Any, counts: tuple[int, ...], dtype: torch.dtype, *inputs: Tensor) -> Tensor:
        """Walk over the blocks once and keep the inputs, and the signs of the last layer."""
        ctx.save_for_backward(*inputs)
        ctx.counts, ctx.dtype = counts, dtype
        walk = _Walk(inputs, counts, dtype)
        total_BG = inputs[0].new_zeros(len(counts), walk.widths[-1], dtype=walk.sums)
        learns = any(ctx.needs_input_grad) and walk.pair_weights is None  # those need the last layer itself

        def add(blocks: list[Block]) -> list[Signs | None]:
            room, signs = walk.room(2), []
            for block in blocks:
                last_PG = walk.compute(block, room, walk.depth)[-1]
                signs.append(Signs(last_PG) if learns else None)
                last_BPG = last_PG.view(block.shape[0], -1, walk.widths[-1])
                weights_WP1 = walk.weights_of(block)
                if weights_WP1 is not None:
                    last_BPG = last_BPG * weights_WP1
                total_BG[block.questions] += last_BPG.sum(1, dtype=walk.sums)
            return signs

        ctx.signs, ctx.parts = on_threads([partial(add, part) for part in walk.parts]), walk.parts
        return total_BG

    @staticmethod
    def backward(ctx: Any, grad_BG: Tensor) -> tuple[Tensor | None, ...]:
        """Walk over the blocks again: compute each, then go back through it."""
        if torch.is_grad_enabled():
            raise RuntimeError(
                "pairwise_relations is differentiable once; take pairwise_relations_plain for second ones."
            )
        inputs: Sequence[Tensor] = ctx.saved_tensors
        walk = _Walk(inputs, ctx.counts, ctx.dtype, ctx.parts)
        grads = [torch.zeros_like(tensor, dtype=walk.sums) for tensor in inputs]
        layers, pairs = 2 + walk.depth, 2 + 2 * walk.depth
        shared = [
            2 <= index < layers or tensor.dim() == 1 or (index == pairs and len(tensor) == 1)
            for index, tensor in enumerate(inputs)
        ]
        grad_BG = grad_BG.to(walk.dtype)

        def add(blocks: list[Block], signs: list[Signs | None]) -> list[Tensor]:
            mine = [torch.zeros_like(all_) if own else all_ for all_, own in zip(grads, shared, strict=True)]
            states, slopes = walk.room(walk.depth + 1), walk.room(2)
            for block, of_last in zip(blocks, signs, strict=True):
                _add_block_gradients(walk, block, grad_BG, of_last, (states, slopes), mine)
            return mine

        tasks = [partial(add, part, signs) for part, signs in zip(walk.parts, ctx.signs, strict=True)]
        for part in on_threads(tasks):
            for grad, own, addend in zip(grads, shared, part, strict=True):
                if own:  # what belongs to one question, its own thread has added already
                    grad += addend
        return None, None, *(grad.to(tensor.dtype) for grad, tensor in zip(grads, inputs, strict=True))


def _add_block_gradients(
    walk: _Walk,
    block: Block,
    grad_BG: Tensor,
    signs: Signs | None,
    rooms: tuple[_Room, _Room],
    into: Sequence[Tensor],
) -> None:
    """Add what one block contributes to the gradients by columns, rows, weights, biases, and pair weights where there
    are some (in `into`); `signs` are those of the last layer, which is computed again without them."""
    questions, rows, objects = block.shape
    room, slopes = rooms
    states = walk.compute(block, room, walk.depth if signs is None else max(0, walk.depth - 1))
    into_column, into_row, *into_layers = into
    slope = slopes.matrix(walk.depth, block.pairs, walk.widths[-1])
    grad_BPG = grad_BG[block.questions, None].expand(-1, rows * objects, -1)
    if signs is not None:
        signs.keep(grad_BPG, out=slope.view(grad_BPG.shape))
    else:
        last_BPG, weights_WP1 = states[-1].view(grad_BPG.shape), walk.weights_of(block)
        assert weights_WP1 is not None
        by_pair_B1P = torch.bmm(grad_BPG[:, :1], last_BPG.transpose(1, 2))
        into_pairs = _part_of(into[-1], block)
        into_pairs += by_pair_B1P.view(block.shape).sum_to_size(into_pairs.shape)
        grad_BPG = torch.mul(grad_BPG, weights_WP1, out=slope.view(grad_BPG.shape))
        _through_relu(grad_BPG, last_BPG, slope.view(grad_BPG.shape))
    for layer in range(walk.depth, 0, -1):
        into_weight, into_bias = into_layers[layer - 1], into_layers[walk.depth + layer - 1]
        into_weight += products.slope_of_weight(slope, states[layer - 1])
        if into_bias.dim() == 1:
            into_bias += slope.sum(0, dtype=walk.sums)
        else:
            into_bias[block.questions] += slope.view(questions, rows * objects, -1).sum(1, dtype=walk.sums)
        below = slopes.matrix(layer - 1, block.pairs, walk.widths[layer - 1])
        below = products.slope_of_read(slope, walk.weights[layer - 1], out=below)
        slope = _through_relu(below, states[layer - 1], below)
    slope_4d = slope.view(questions, rows, objects, -1)
    into_column[block.questions, :objects] += slope_4d.sum(1, dtype=walk.sums)
    into_row[block.questions, block.rows] += slope_4d.sum(2, dtype=walk.sums)


def _part_of(pair_weights_WNN: Tensor, block: Block) -> Tensor:
    """A block's share of the pair weights (a view), `[W, R, C]` with W the block's questions or 1."""
    shared = len(pair_weights_WNN) == 1
    return pair_weights_WNN[slice(None) if shared else block.questions, block.rows, : block.objects]


def _through_relu(grad: Tensor, state: Tensor, out: Tensor) -> Tensor:
    """The gradient where the state is positive, else 0, written to `out` (which may be `grad`)."""
    torch.ops.aten.threshold_backward.grad_input(grad, state, 0, grad_input=out)
    return out
