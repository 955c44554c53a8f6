"""Many programs at once where every node has weights of its own, mixed from a memory.

Nodes that differ in their weights cannot share a call by function, nor can equal parts be merged; but weights of one
shape can be mixed in one product, and nodes of one height (the longest way down to an image) can be computed in one
convolution with a group for each. A batch of CLEVR's programs takes two products and some thirty calls.

Shape legend: B programs, I images, n nodes of one call, N of all, V symbols, D channels, h x w cells.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from visreason.nn.execution import Call, Schedule, execute
from visreason.nn.module_memory import Memory, one_input_module, two_input_module
from visreason.nn.program_tree import Tree

Place = tuple[int, int]
"""A node: its program, and its place in the program's tree."""


@dataclass(frozen=True, slots=True)
class MixedSchedule:
    """Calls by height, and whose they are.

    Attributes:
        schedule: the calls, numbered from 0 in their order.
        places: of each call, the n nodes.
    """

    schedule: Schedule
    places: tuple[tuple[Place, ...], ...]


def plan_by_height(trees: Sequence[Tree], image_rows: Sequence[int], images: int) -> MixedSchedule:
    """A call for every height and number of inputs; functions that read nothing read their image.

    Args:
        trees: the programs.
        image_rows: the image of each.
        images: I.

    Example:
        >>> exist, both = Tree((4, 5), ((), (0,)), (1, 0)), Tree((4, 4, 6), ((), (), (0, 1)), (1, 2, 0))
        >>> planned = plan_by_height([exist, both], [0, 1], images=2)
        >>> planned.places
        (((0, 0), (1, 0), (1, 1)), ((0, 1),), ((1, 2),))
        >>> [call.sources for call in planned.schedule.calls]
        [((0, 1, 1),), ((2,),), ((3,), (4,))]
    """
    calls: dict[tuple[int, bool], list[Place]] = defaultdict(list)
    for row, tree in enumerate(trees):
        heights: list[int] = []
        for node, inputs in enumerate(tree.inputs):
            heights.append(1 + max((heights[one] for one in inputs), default=-1))
            calls[heights[-1], len(inputs) == 2].append((row, node))
    ordered = [calls[key] for key in sorted(calls)]
    results: list[list[int]] = [[0] * len(tree.inputs) for tree in trees]
    made, done = [], images
    for number, places in enumerate(ordered):
        sources = [
            [results[row][one] for one in trees[row].inputs[node]] or [image_rows[row]]
            for row, node in places
        ]
        made.append(Call(number, tuple(zip(*sources, strict=True))))
        for row, node in places:
            results[row][node], done = done, done + 1
    return MixedSchedule(
        Schedule(tuple(made), tuple(map(tuple, results))), tuple(tuple(places) for places in ordered)
    )


def execute_mixed(
    planned: MixedSchedule,
    images_IDHW: Tensor,
    memory: Memory,
    addresses_NV: Tensor,
    told: Callable[[Tensor], Tensor | None] = lambda _: None,
) -> list[Tensor]:
    """Make the calls, each node with the mixture of rows under its own address; every result `[D, h, w]`.

    Args:
        planned: what to call.
        images_IDHW: the images' maps.
        memory: the rows.
        addresses_NV: of every node, call after call.
        told: what maps hold as a whole, for memories with a context.
    """
    sizes = [len(places) for places in planned.places]
    arities = [len(call.sources) for call in planned.schedule.calls]
    rows_of_call: dict[int, Tensor] = {}
    addresses = torch.split(addresses_NV, sizes)
    for arity in sorted(set(arities)):
        chosen = [number for number, one in enumerate(arities) if one == arity]
        rows = memory.mix(torch.cat([addresses[number] for number in chosen]), arity)
        rows_of_call |= zip(chosen, torch.split(rows, [sizes[number] for number in chosen]), strict=True)

    def apply(number: int, inputs: tuple[Tensor, ...]) -> Tensor:
        if len(inputs) == 2:
            return two_input_module(*inputs, rows_of_call[number])
        return one_input_module(inputs[0], rows_of_call[number], told(inputs[0]))

    return execute(planned.schedule, images_IDHW, apply)
