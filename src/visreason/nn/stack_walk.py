"""The maps on the stack of a Stack Neural Module Network, step by step, with their gradient written out.

What a step reads, keeps and writes (`visreason.nn.stack_moves`) depends on the text alone, so it is known for all steps
before the first map is made. What is left is a chain of a few products a step. autograd would walk some fifty small
operations of it at every step, and that, not the arithmetic, would be most of the time; here what the steps need not
wait for one another for is done for all at once.

Shape legend: B questions, T steps, S places of the stack, P cells, D numbers a cell.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from visreason.nn.knowledge import SMALLEST, Knowledge, Tape
from visreason.nn.stack_moves import Routes

_TRANSFORM, _AND, _OR, _SCENE = 1, 2, 4, 5
"""Where these modules' maps lie among a step's six; And and Filter are neighbours, as are their readings."""


def walk_stack(
    knowledge: Knowledge,
    routes: Routes,
    find_BTP: Tensor,
    scene_BP: Tensor,
    transform_BTD: Tensor,
    weight_D: Tensor,
    bias_1: Tensor,
) -> tuple[Tensor, Tensor]:
    """The stack after every step, `[B, T, S, P]`, and what its top and the map below attended to, `[B, T, 2, D]`.

    ```
    here, below, here', below' = read stack + share Find      (primed: as Filter sees them, its Find pushed)
    top, other = sum_P softmax(here) cells, sum_P softmax(below) cells
    maps = Find, match(cells, transform * top), min(here, below), min(here', below'), max(here, below), Scene
    stack = keep * stack + place^T maps
    ```

    Args:
        knowledge: the cells.
        routes: of every step.
        find_BTP: every step's map of Find.
        scene_BP: the map of Scene.
        transform_BTD: what Transform multiplies with what is attended.
        weight_D: of Transform's match.
        bias_1: of Transform's match.

    Example:
        >>> from visreason.nn.stack_moves import StackMoves
        >>> knowledge, moves = Knowledge(torch.randn(2, 9, 4)), StackMoves(3, guard=True, keep=True)
        >>> routes = moves.routes(torch.rand(2, 5, 9), torch.rand(2, 5, 3))
        >>> maps, vectors = torch.randn(2, 5, 9), torch.randn(2, 5, 4)
        >>> stacks, attended = walk_stack(
        ...     knowledge, routes, maps, maps[:, 0], vectors, torch.randn(4), torch.zeros(1)
        ... )
        >>> stacks.shape, attended.shape
        (torch.Size([2, 5, 3, 9]), torch.Size([2, 5, 2, 4]))
    """
    of_steps = (
        find_BTP,
        transform_BTD,
        routes.read_BT4S,
        routes.share_BT4,
        routes.keep_BTS,
        routes.place_BT6S,
    )
    stack_TBSP, attended_TB2D = _Walk.apply(  # type: ignore[no-untyped-call]
        knowledge.root, knowledge.tape, scene_BP, weight_D, bias_1, *(one.transpose(0, 1) for one in of_steps)
    )
    return stack_TBSP.transpose(0, 1), attended_TB2D.transpose(0, 1)


class _Walk(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        root: Tensor,
        tape: Tape,
        scene_BP: Tensor,
        weight_D: Tensor,
        bias_1: Tensor,
        find_TBP: Tensor,
        transform_TBD: Tensor,
        read_TB4S: Tensor,
        share_TB4: Tensor,
        keep_TBS: Tensor,
        place_TB6S: Tensor,
    ) -> tuple[Tensor, Tensor]:
        """Walk the steps; what has the size of maps is kept."""
        (steps, questions, places), cells = keep_TBS.shape, find_TBP.shape[2]
        cells_BPD, squares_BPD = tape.read(squared=False), tape.read(squared=True)
        maps_TB6P = find_TBP.new_empty(steps, questions, 6, cells)
        maps_TB6P[:, :, 0], maps_TB6P[:, :, _SCENE] = find_TBP, scene_BP
        stacks_UBSP = find_TBP.new_zeros(steps + 1, questions, places, cells)
        found_TB4P = share_TB4[..., None] * find_TBP[:, :, None]
        attention, attended, asked, raw, squared = [], [], [], [], []
        for step, (maps_B6P, stack_BSP) in enumerate(zip(maps_TB6P, stacks_UBSP, strict=False)):
            found_B4P = found_TB4P[step].baddbmm_(read_TB4S[step], stack_BSP)
            here_B2P, below_B2P = found_B4P[:, :2], found_B4P[:, 2:]
            attention.append(found_B4P[:, ::2].softmax(dim=2))
            attended.append(torch.bmm(attention[-1], cells_BPD))
            asked.append(transform_TBD[step] * attended[-1][:, 0])
            raw.append(torch.bmm(cells_BPD, _upright(asked[-1] * weight_D))[:, :, 0])
            squared.append(torch.bmm(squares_BPD, _upright(asked[-1].square()))[:, :, 0])
            maps_B6P[:, _TRANSFORM] = torch.addcmul(bias_1, raw[-1], squared[-1].clamp_min(SMALLEST).rsqrt_())
            torch.minimum(here_B2P, below_B2P, out=maps_B6P[:, _AND:_OR])
            torch.maximum(here_B2P[:, 0], below_B2P[:, 0], out=maps_B6P[:, _OR])
            kept_BSP = torch.mul(keep_TBS[step, :, :, None], stack_BSP, out=stacks_UBSP[step + 1])
            kept_BSP.baddbmm_(place_TB6S[step].transpose(1, 2), maps_B6P)
        attended_TB2D = torch.stack(attended)
        ctx.tape = tape
        ctx.save_for_backward(
            *(root, weight_D, find_TBP, transform_TBD, read_TB4S, share_TB4, keep_TBS, place_TB6S),
            *(maps_TB6P, stacks_UBSP, found_TB4P, attended_TB2D),
            *map(torch.stack, (attention, asked, raw, squared)),
        )
        return stacks_UBSP[1:], attended_TB2D

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor | None, ...]:
        """Walk back; then what every step left goes to the coefficients, vectors and cells in one product each."""
        root, weight_D, find_TBP, transform_TBD, read_TB4S, share_TB4, keep_TBS, place_TB6S = (
            ctx.saved_tensors[:8]
        )
        maps_TB6P, stacks_UBSP, found_TB4P, attended_TB2D, attention_TB2P, asked_TBD, raw_TBP, squared_TBP = (
            ctx.saved_tensors[8:]
        )
        tape: Tape = ctx.tape
        cells_BPD, squares_BPD = tape.read(squared=False), tape.read(squared=True)
        to_stacks_TBSP, to_attended_TB2D = slopes[0].clone(), slopes[1].clone()
        to_maps_TB6P, to_found_TB4P = torch.empty_like(maps_TB6P), torch.empty_like(found_TB4P)
        to_raw_TBP, to_squared_TBP = torch.empty_like(raw_TBP), torch.empty_like(squared_TBP)
        summed_TBD, to_asked_TBD = torch.empty_like(asked_TBD), torch.empty_like(asked_TBD)
        of_here_TB2P = _share_of_the_less(found_TB4P[:, :, :2], found_TB4P[:, :, 2:])
        length_TBP = squared_TBP.clamp_min(SMALLEST).rsqrt_()
        by_square_TBP = -0.5 * raw_TBP * length_TBP.square() * (squared_TBP >= SMALLEST)
        for step in range(len(find_TBP) - 1, -1, -1):
            to_stack_BSP, to_found_B4P = to_stacks_TBSP[step], to_found_TB4P[step]
            to_maps_B6P = torch.bmm(place_TB6S[step], to_stack_BSP, out=to_maps_TB6P[step])
            to_raw_BP = torch.mul(to_maps_B6P[:, _TRANSFORM], length_TBP[step], out=to_raw_TBP[step])
            to_squared_BP = torch.mul(to_raw_BP, by_square_TBP[step], out=to_squared_TBP[step])
            summed_BD = torch.bmm(to_raw_BP[:, None], cells_BPD)[:, 0]
            of_squares_BD = torch.bmm(to_squared_BP[:, None], squares_BPD)[:, 0]
            summed_TBD[step] = summed_BD
            to_asked_BD = to_asked_TBD[step]
            torch.addcmul(summed_BD * weight_D, of_squares_BD, asked_TBD[step], value=2, out=to_asked_BD)
            to_attended_TB2D[step, :, 0].addcmul_(to_asked_BD, transform_TBD[step])
            to_attention_BP2 = torch.bmm(cells_BPD, to_attended_TB2D[step].transpose(1, 2))
            to_or_B1P = to_maps_B6P[:, _OR, None]
            to_less_B2P = to_maps_B6P[:, _AND:_OR].clone()
            to_less_B2P[:, :1] -= to_or_B1P  # max(here, below) = here + below - min(here, below)
            torch.mul(to_less_B2P, of_here_TB2P[step], out=to_found_B4P[:, :2])
            torch.sub(to_less_B2P, to_found_B4P[:, :2], out=to_found_B4P[:, 2:])
            to_found_B4P[:, ::2] += (
                _softmax_back(to_attention_BP2.transpose(1, 2), attention_TB2P[step]) + to_or_B1P
            )
            if step:
                to_stacks_TBSP[step - 1].addcmul_(keep_TBS[step, :, :, None], to_stack_BSP)
                to_stacks_TBSP[step - 1].baddbmm_(read_TB4S[step].transpose(1, 2), to_found_B4P)
        for maps_TBP, vectors_TBD, squared in (
            (to_raw_TBP, asked_TBD * weight_D, False),
            (to_squared_TBP, asked_TBD.square(), True),
            (attention_TB2P[:, :, 0], to_attended_TB2D[:, :, 0], False),
            (attention_TB2P[:, :, 1], to_attended_TB2D[:, :, 1], False),
        ):
            tape.add(maps_TBP.transpose(0, 1), vectors_TBD.transpose(0, 1), squared=squared)
        before_TBSP = stacks_UBSP[:-1]
        return (
            torch.zeros_like(root),
            None,
            to_maps_TB6P[:, :, _SCENE].sum(dim=0),
            (summed_TBD * asked_TBD).sum(dim=(0, 1)),
            to_maps_TB6P[:, :, _TRANSFORM].sum()[None],
            to_maps_TB6P[:, :, 0] + (share_TB4[..., None] * to_found_TB4P).sum(dim=2),
            to_asked_TBD * attended_TB2D[:, :, 0],
            to_found_TB4P @ before_TBSP.transpose(2, 3),
            (to_found_TB4P @ find_TBP[..., None]).squeeze(3),
            (to_stacks_TBSP * before_TBSP).sum(dim=3),
            maps_TB6P @ to_stacks_TBSP.transpose(2, 3),
        )


def _share_of_the_less(one: Tensor, other: Tensor) -> Tensor:
    """How much of the gradient of `minimum(one, other)` goes to `one`: all, nothing, or half where they are equal."""
    return torch.heaviside(other - one, one.new_full((), 0.5))


def _softmax_back(slope_BKP: Tensor, softmax_BKP: Tensor) -> Tensor:
    """The gradient of what `softmax(dim=2)` was taken of."""
    weighed_BKP = softmax_BKP * slope_BKP
    return weighed_BKP.addcmul_(softmax_BKP, weighed_BKP.sum(dim=2, keepdim=True), value=-1)


def _upright(vectors_BD: Tensor) -> Tensor:
    """Vectors as columns, `[B, D, 1]`; with `[:, :, None]`, whose last stride is 1, MKL takes another, slower way."""
    return vectors_BD[:, None].transpose(1, 2)
