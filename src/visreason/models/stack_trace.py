"""What a Stack Neural Module Network did, step by step: the module, its words, what it looked at, the stack."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch import Tensor

from visreason.models.output import Output, likeliest
from visreason.nn.batch import Batch
from visreason.nn.controller import Plan
from visreason.nn.stack_modules import StackStep
from visreason.nn.stack_moves import DESCRIBE_ONE, DESCRIBE_TWO, NO_OP, POPS, PUSHES
from visreason.trace.schema import Step, Trace, numbers, table

if TYPE_CHECKING:
    from visreason.models.stack_nmn import StackNmn

NAMES = ("no-op", "find", "transform", "filter", "and", "or", "scene", "describe one", "describe two")


def explain(
    model: "StackNmn", batch: Batch, plan: Plan, steps: Sequence[StackStep], output: Output
) -> list[Trace]:
    """One trace a question: a step for each step of the network, with the module that ran furthest.

    `addressing` has the weights of all modules. A step's map is the softmax of the map on top of the stack, which is
    what the next module attends to; describing and doing nothing have none. `reads` follows the stack as the likeliest
    modules use it.
    """
    grid = (model.image.height, model.image.width)
    answers = likeliest(output.logits) if output.logits.shape[1] else [()] * len(batch)
    maps = [one.top.detach().float().softmax(dim=1).unflatten(1, grid).cpu() for one in steps]  # type: ignore[no-untyped-call]
    weights = [one.weights_BM.detach().float().cpu() for one in steps]
    attention_BTW = plan.attention_BTW.detach().float().cpu()
    pointers = [one.pointer_BS.detach().float().cpu() for one in steps]
    return [
        Trace(
            family="stack-nmn",
            steps=_steps(
                [one[row] for one in weights],
                [one[row] for one in maps],
                [one[row] for one in pointers],
                attention_BTW[row, :, : int(batch.lengths[row])],
            ),
            answers=answers[row],
        )
        for row in range(len(batch))
    ]


def _steps(
    weights: Sequence[Tensor], maps: Sequence[Tensor], pointers: Sequence[Tensor], words_TW: Tensor
) -> tuple[Step, ...]:
    """The steps of one question."""
    held: list[int] = []
    steps = []
    for place, (weight_M, map_hw, pointer_S) in enumerate(zip(weights, maps, pointers, strict=True)):
        module = int(weight_M.argmax())
        taken = held[len(held) - POPS[module] :] if POPS[module] else []
        held = [*held[: len(held) - POPS[module]], *[place] * PUSHES[module]] if module != NO_OP else held
        looks = module not in (NO_OP, DESCRIBE_ONE, DESCRIBE_TWO)
        steps.append(
            Step(
                name=NAMES[module],
                weight=float(f"{float(weight_M[module]):.6g}"),
                text_attention=numbers(words_TW[place].tolist()),
                grid=table(map_hw.tolist()) if looks else None,
                reads=tuple(taken),
                addressing=_mixture(weight_M),
                value=f"{int(pointer_S.argmax())} on the stack",
            )
        )
    return tuple(steps)


def _mixture(weight_M: Tensor) -> tuple[tuple[str, float], ...]:
    """Every module with its weight, the heaviest first."""
    return tuple(sorted(zip(NAMES, numbers(weight_M.tolist()), strict=True), key=lambda one: -one[1]))
