"""Where the nine soft modules read from the stack, where they write to it, and where they leave its pointer.

Every place that a module goes to is one of a few: the pointer's (here), one up, one down, one up and down again (back).
What is read, kept and written is a sum of products of at most two of them, the same for all questions. So the nine
modules' mixture is three products with constant tables, in place of some fifty operations on rows of a few numbers.

Shape legend: B questions, T steps, N = B * T, S places of the stack, M = 9 modules, R = 7 rows: 1, here, up, down,
back, up * up, up * back.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

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
class Routes:
    """What every step reads from the stack, keeps of it and writes to it.

    Attributes:
        read_BT4S: where the four maps are read that the modules find: the top of the stack, the top that Filter sees
            once its Find has pushed, and what lies below each.
        share_BT4: how much of that step's Find each of them has on it beside.
        keep_BTS: how much of the stack stays.
        place_BT6S: where the maps of Find, Transform, And, Filter, Or and Scene go.
    """

    read_BT4S: Tensor
    share_BT4: Tensor
    keep_BTS: Tensor
    place_BT6S: Tensor


class StackMoves(nn.Module):
    """The constant tables of a stack.

    Args:
        places: S.
        guard: a pointer moved beyond an end stays there.
        keep: describing leaves the stack as it is.

    Example:
        >>> moves = StackMoves(3, guard=True, keep=True)
        >>> only_find, pointer = torch.eye(9)[FIND][None], torch.tensor([[0.0, 1.0, 0.0]])
        >>> moves.leave(only_find, pointer).tolist()
        [[0.0, 0.0, 1.0]]
        >>> routes = moves.routes(only_find[:, None], pointer[:, None])
        >>> routes.keep_BTS.tolist(), routes.place_BT6S[0, 0, 0].tolist()
        ([[[1.0, 1.0, 0.0]]], [0.0, 0.0, 1.0])
    """

    moves_SK: Tensor
    read_4R: Tensor
    mix_MK: Tensor
    left_M4: Tensor

    def __init__(self, places: int, *, guard: bool, keep: bool) -> None:
        super().__init__()
        here_SS = torch.eye(places)
        up_SS = move_up(here_SS, guard=guard)
        moves = [here_SS, up_SS, move_down(here_SS, guard=guard), move_down(up_SS, guard=guard)]
        self.register_buffer("moves_SK", torch.cat(moves, dim=1), persistent=False)
        self.register_buffer("read_4R", torch.stack([_row(row) for row in _READ]), persistent=False)
        self.register_buffer("mix_MK", _mixture(keep=keep).flatten(1), persistent=False)
        left_at = _LEFT_AT | {DESCRIBE_TWO: _HERE if keep else _DOWN}
        left_M = torch.tensor([left_at[module] - _HERE for module in range(MODULE_COUNT)])
        self.register_buffer("left_M4", functional.one_hot(left_M, 4).float(), persistent=False)

    def leave(self, weights_BM: Tensor, pointer_BS: Tensor) -> Tensor:
        """Where a step leaves the pointer, `[B, S]`."""
        left_B4 = weights_BM @ self.left_M4.to(weights_BM.dtype)
        return torch.bmm(left_B4[:, None], self._moved(pointer_BS)).squeeze(1)

    def routes(self, weights_BTM: Tensor, pointer_BTS: Tensor) -> Routes:
        """What every step reads, keeps and writes, from the modules' weights and the pointers that steps find."""
        kind, (questions, steps, places) = pointer_BTS.dtype, pointer_BTS.shape
        rows_NRS = self._rows(pointer_BTS.flatten(0, 1))
        read_N4S = self.read_4R.to(kind) @ rows_NRS
        pushed_N2 = rows_NRS[:, _UP_UP:].sum(dim=2)
        share_N4 = torch.stack([torch.zeros_like(pushed_N2), pushed_N2], dim=2)
        table_N7R = (weights_BTM.flatten(0, 1) @ self.mix_MK.to(kind)).view(len(rows_NRS), 7, 7)
        keep_N1S, place_N6S = torch.split(torch.bmm(table_N7R, rows_NRS), [1, 6], dim=1)
        of_steps = (questions, steps)
        return Routes(
            read_N4S.view(*of_steps, 4, places),
            share_N4.view(*of_steps, 4),
            keep_N1S.reshape(*of_steps, places),
            place_N6S.reshape(*of_steps, 6, places),
        )

    def _moved(self, pointer_BS: Tensor) -> Tensor:
        """The pointer here, up, down and back, `[B, 4, S]`."""
        moved_BK = pointer_BS @ self.moves_SK.to(pointer_BS.dtype)
        return moved_BK.view(len(pointer_BS), 4, pointer_BS.shape[1])

    def _rows(self, pointer_BS: Tensor) -> Tensor:
        """The seven rows of a pointer, `[B, R, S]`."""
        moved_B4S = self._moved(pointer_BS)
        products_B2S = moved_B4S[:, _UP - _HERE, None] * moved_B4S[:, _UP - _HERE :: 2]
        return torch.cat([torch.ones_like(pointer_BS[:, None]), moved_B4S, products_B2S], dim=1)


def _row(parts: dict[int, int] | dict[int, float]) -> Tensor:
    """Coefficients of the seven rows."""
    row_R = torch.zeros(7)
    for place, value in parts.items():
        row_R[place] = value
    return row_R


def _mixture(*, keep: bool) -> Tensor:
    """What each module keeps and writes, `[M, 7, R]`."""
    without = dict(_KEPT_WITHOUT)
    if not keep:
        without |= {DESCRIBE_ONE: {_HERE: -1}, DESCRIBE_TWO: {_DOWN: -1}}
    table_M7R = torch.zeros(MODULE_COUNT, 7, 7)
    for module in range(MODULE_COUNT):
        table_M7R[module, 0] = _row({_ONE: 1} | without.get(module, {}))
        for place, written in enumerate(_WRITTEN, start=1):
            table_M7R[module, place] = _row(written.get(module, {}))
    return table_M7R
