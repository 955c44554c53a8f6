"""A predicted program as the steps of a trace: which function, how likely, and which words it came from."""

from visreason.nn.decoding import Decoded
from visreason.nn.functions import Functions
from visreason.nn.program_tree import Grammar
from visreason.trace.schema import Step, numbers


def program_steps(decoded: Decoded, functions: Functions) -> list[tuple[Step, ...]]:
    """The steps of every program in the order of execution, inputs first.

    A step's `weight` is the probability of its function given those written before it, `text_attention` where the
    generator looked as it wrote it. A function that stands in for a missing one has neither.

    Args:
        decoded: the programs.
        functions: their language.

    Example:
        >>> import torch
        >>> language, symbols = Functions(("exist", "scene"), (1, 0)), torch.tensor([[4, 5]])
        >>> scores = torch.nn.functional.one_hot(symbols, 6) * 99.0
        >>> decoded = Decoded(symbols, symbols > 0, torch.tensor([1, 1, 1, 1, 1, 0]), scores, scores)
        >>> [(step.name, step.weight, step.reads) for step in program_steps(decoded, language)[0]]
        [('scene', 1.0, ()), ('exist', 1.0, (0,))]
    """
    chances = decoded.log_probability.exp().tolist()
    looks = None if decoded.attention is None else decoded.attention.tolist()
    columns = decoded.columns.tolist()
    told = []
    for row, tree in enumerate(Grammar(functions).trees(decoded.programs)):
        steps = []
        for number, inputs, place in zip(tree.numbers, tree.inputs, tree.places, strict=True):
            column = None if place is None else columns[row][place]
            steps.append(
                Step(
                    name=functions.name(number),
                    weight=None if column is None else numbers([chances[row][column]])[0],
                    text_attention=None if column is None or looks is None else numbers(looks[row][column]),
                    reads=inputs,
                )
            )
        told.append(tuple(steps))
    return told
