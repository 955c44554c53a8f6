"""Where the nine soft modules read from the stack, where they write to it, and where they leave its pointer.

Every place that a module goes to is one of a few: the pointer's (here), one up, one down, one up and down again (back).
What is read, kept and written is a sum of products of at most two of them, the same for all questions. So the nine
modules' mixture is three products with constant tables, in place of some fifty operations on rows of a few numbers.

Shape legend: B questions, S places of the stack, P cells, M = 9 modules, R = 7 rows: 1, here, up, down, back, up * up,
up * back.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from visreason.nn.stack import move_down, move_up

POPS = (0, 0, 1, 1, 2, 2, 0, 1, 2)
PUSHES = (0, 1, 1, 1, 1, 1, 1, 1, 1)
"""Of NoOp, Find, Transform, Filter, And, Or, Scene, DescribeOne, DescribeTwo, in this order everywhere."""
MODULE_COUNT = len(POPS)
NO_OP, FIND, TRANSFORM, FILTER, AND, OR, SCENE, DESCRIBE_ONE, DESCRIBE_TWO = range(MODULE_COUNT)

_ONE, _HERE, _UP, _DOWN, _BACK, _UP_UP, _UP_BACK = range(7)
_READ = ({_HERE: 1}, {_UP: 1, _UP_UP: -1}, {_DOWN: 1}, {_BACK: 1, _UP_BACK: -1})
"""The top of the stack; what Filter finds of the stack where its Find has pushed; and what lies below each."""
_KEPT_WITHOUT: dict[int, dict[int, float]] = {
    FIND: {_UP: -1},
    TRANSFORM: {_HERE: -1},
    FILTER: {_UP: -1, _BACK: -1, _UP_BACK: 1},
    AND: {_DOWN: -1},
    OR: {_DOWN: -1},
    SCENE: {_UP: -1},
}
"""What a module writes over, beside the 1 of all that it keeps."""
_WRITTEN: tuple[dict[int, dict[int, float]], ...] = (
    {FIND: {_UP: 1}, FILTER: {_UP: 1, _UP_BACK: -1}},  # the map of Find
    {TRANSFORM: {_HERE: 1}},
    {AND: {_DOWN: 1}},
    {FILTER: {_BACK: 1}},
    {OR: {_DOWN: 1}},
    {SCENE: {_UP: 1}},
)
"""Which module writes each of the six maps, and where."""
_LEFT_AT = {
    NO_OP: _HERE,
    FIND: _UP,
    TRANSFORM: _HERE,
    FILTER: _BACK,
    AND: _DOWN,
    OR: _DOWN,
    SCENE: _UP,
    DESCRIBE_ONE: _HERE,
}
"""Where a module leaves the pointer; DescribeTwo does so here where it keeps the stack, and else one down."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a step's modules find on the stack.

    Attributes:
        here_B2P: the top of the stack, and that of Filter once its Find has pushed.
        below_B2P: what lies below each.
    """

    here_B2P: Tensor
    below_B2P: Tensor


class StackMoves(nn.Module):
    """The constant tables of a stack.

    Args:
        places: S.
        guard: a pointer moved beyond an end stays there.
        keep: describing leaves the stack as it is.

    Example:
        >>> moves = StackMoves(3, guard=True, keep=True)
        >>> rows = moves.rows(torch.tensor([[0.0, 1.0, 0.0]]))
        >>> rows[0, _UP].tolist(), rows[0, _BACK].tolist()
        ([0.0, 0.0, 1.0], [0.0, 1.0, 0.0])
        >>> only_find = torch.eye(9)[FIND][None]
        >>> keep, place, pointer = moves.mix(only_find, rows)
        >>> keep.tolist(), place[0, 0].tolist(), pointer.tolist()
        ([[1.0, 1.0, 0.0]], [0.0, 0.0, 1.0], [[0.0, 0.0, 1.0]])
    """

    moves_SK: Tensor
    read_4R: Tensor
    mix_MK: Tensor

    def __init__(self, places: int, *, guard: bool, keep: bool) -> None:
        super().__init__()
        here_SS = torch.eye(places)
        up_SS = move_up(here_SS, guard=guard)
        moves = [here_SS, up_SS, move_down(here_SS, guard=guard), move_down(up_SS, guard=guard)]
        self.register_buffer("moves_SK", torch.cat(moves, dim=1), persistent=False)
        self.register_buffer("read_4R", torch.stack([_row(row) for row in _READ]), persistent=False)
        self.register_buffer("mix_MK", _mixture(keep=keep).flatten(1), persistent=False)

    def rows(self, pointer_BS: Tensor) -> Tensor:
        """The seven rows of a pointer, `[B, R, S]`."""
        moved_BK = pointer_BS @ self.moves_SK.to(pointer_BS.dtype)
        moved_B4S = moved_BK.view(len(pointer_BS), 4, pointer_BS.shape[1])
        products_B2S = moved_B4S[:, _UP - 1, None] * moved_B4S[:, _UP - 1 :: 2]
        return torch.cat([torch.ones_like(pointer_BS[:, None]), moved_B4S, products_B2S], dim=1)

    def read(self, rows_BRS: Tensor, stack_BSP: Tensor, find_BP: Tensor) -> Found:
        """What the modules find; `find_BP` is what Filter's Find pushes before it looks."""
        read_B4P = torch.bmm(self.read_4R.to(rows_BRS.dtype) @ rows_BRS, stack_BSP)
        pushed_B2 = rows_BRS[:, _UP_UP:].sum(dim=2)
        share_B4 = torch.stack([torch.zeros_like(pushed_B2), pushed_B2], dim=2).flatten(1)
        found_B4P = torch.addcmul(read_B4P, share_B4[:, :, None], find_BP[:, None])
        return Found(found_B4P[:, :2], found_B4P[:, 2:])

    def mix(self, weights_BM: Tensor, rows_BRS: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """How much of the stack stays, `[B, S]`, where the six maps go, `[B, 6, S]`, and the pointer, `[B, S]`.

        The maps are those of Find, Transform, And, Filter, Or and Scene.
        """
        table_B8R = (weights_BM @ self.mix_MK.to(weights_BM.dtype)).view(len(weights_BM), 8, 7)
        mixed_B8S = torch.bmm(table_B8R, rows_BRS)
        return mixed_B8S[:, 0], mixed_B8S[:, 1:7], mixed_B8S[:, 7]


def _row(parts: dict[int, int] | dict[int, float]) -> Tensor:
    """Coefficients of the seven rows."""
    row_R = torch.zeros(7)
    for place, value in parts.items():
        row_R[place] = value
    return row_R


def _mixture(*, keep: bool) -> Tensor:
    """What each module keeps, writes, and leaves as the pointer, `[M, 8, R]`."""
    without, left_at = dict(_KEPT_WITHOUT), _LEFT_AT | {DESCRIBE_TWO: _HERE if keep else _DOWN}
    if not keep:
        without |= {DESCRIBE_ONE: {_HERE: -1}, DESCRIBE_TWO: {_DOWN: -1}}
    table_M8R = torch.zeros(MODULE_COUNT, 8, 7)
    for module in range(MODULE_COUNT):
        table_M8R[module, 0] = _row({_ONE: 1} | without.get(module, {}))
        for place, written in enumerate(_WRITTEN, start=1):
            table_M8R[module, place] = _row(written.get(module, {}))
        table_M8R[module, 7] = _row({left_at[module]: 1})
    return table_M8R
