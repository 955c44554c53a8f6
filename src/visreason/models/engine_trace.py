"""What every function of a program saw: its map over the image.

Shape legend: B questions, A answers, D channels, h x w cells.
"""

from collections.abc import Sequence

from torch import Tensor

from visreason.models.output import likeliest
from visreason.nn.functions import FIRST_FUNCTION, Functions
from visreason.nn.program_tree import Tree
from visreason.trace.schema import Step, Table, Trace, table

SYMBOLS = ("<NULL>", "<START>", "<END>", "<UNK>")
"""What clevr-iep calls the symbols that are no functions; its networks execute two of them."""


def explain(
    family: str,
    functions: Functions,
    trees: Sequence[Tree],
    maps: Sequence[Sequence[Table]],
    logits_BA: Tensor,
) -> list[Trace]:
    """One trace a question: its program's functions in the order of execution, inputs first.

    Args:
        family: the name of the model family.
        functions: the language.
        trees: the programs.
        maps: of each program, what is shown of each node.
        logits_BA: the answers' scores.
    """
    return [
        Trace(
            family=family,
            steps=tuple(
                Step(name=name_of(functions, number), grid=grid, reads=inputs)
                for number, inputs, grid in zip(tree.numbers, tree.inputs, shown, strict=True)
            ),
            answers=answers,
        )
        for tree, shown, answers in zip(trees, maps, likeliest(logits_BA), strict=True)
    ]


def heat(map_DHW: Tensor) -> Table:
    """A map as one number a cell, the largest 1: its mean absolute activation over channels.

    In trained networks it narrows from filter to filter to what is left. (Gradient times activation shows what speaks
    for the answer, which is in the same place at every step.)

    Example:
        >>> import torch
        >>> heat(torch.tensor([[[1.0, 0.0]], [[3.0, -1.0]]]))
        ((1.0, 0.25),)
    """
    strength_HW = map_DHW.detach().float().abs().mean(dim=0)
    return table((strength_HW / strength_HW.max().clamp_min(1e-12)).tolist())


def name_of(functions: Functions, number: int) -> str:
    """A symbol in words."""
    return functions.name(number) if number >= FIRST_FUNCTION else SYMBOLS[number]
