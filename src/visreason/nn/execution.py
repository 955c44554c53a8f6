"""Many programs at once: every function is applied to whatever is ready for it, and nothing is computed twice.

Executed one by one, the programs of 64 questions call some 700 small modules. Here equal parts of programs about one
image become one node, and nodes of one function are computed together. Which function is called next decides how many
calls that takes: about 80 for 64 questions of CLEVR, where going by depth takes 190.

Shape legend: I images, D channels, h x w cells, n nodes of one call.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

import torch
from torch import Tensor

from visreason.nn.program_tree import Tree

Node = tuple[int, tuple[int, ...]]
"""A function and the nodes it reads. The first I nodes are the images; functions that read nothing read theirs."""


@dataclass(frozen=True, slots=True)
class Call:
    """One function applied to n nodes at once.

    Attributes:
        number: the function.
        sources: for each of its inputs, the n results it reads.
    """

    number: int
    sources: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Calls in an order in which they can be made.

    Attributes:
        calls: results 0 to I - 1 are the images; call after call gives the next ones.
        results: for each program, which result each node of its tree is; the root's is the last.
    """

    calls: tuple[Call, ...]
    results: tuple[tuple[int, ...], ...]


def plan(trees: Sequence[Tree], image_rows: Sequence[int], images: int) -> Schedule:
    """A schedule of few calls for programs about images.

    Of the functions with nodes that are ready, the next call is the one for which

    ```
    ready nodes / nodes left to compute  *  mean distance of the ready nodes to their roots
    ```

    is largest: a call waits while most of its nodes are still to come, and what much depends on goes first.

    Args:
        trees: the programs.
        image_rows: the image of each.
        images: I.

    Example:
        >>> exist = Tree(numbers=(4, 5), inputs=((), (0,)), places=(1, 0))
        >>> schedule = plan([exist, exist, exist], [0, 0, 1], images=2)
        >>> schedule.calls
        (Call(number=4, sources=((0, 1),)), Call(number=5, sources=((2, 3),)))
        >>> schedule.results
        ((2, 4), (2, 4), (3, 5))
    """
    nodes, rows = _merge(trees, image_rows, images)
    readers: list[list[int]] = [[] for _ in range(images + len(nodes))]
    missing, left = [0] * len(readers), defaultdict[int, int](int)
    for node, (number, inputs) in enumerate(nodes, start=images):
        left[number] += 1
        missing[node] = len(inputs)
        for source in inputs:
            readers[source].append(node)
    distance = [1] * len(readers)
    for node in range(len(readers) - 1, images - 1, -1):
        for source in nodes[node - images][1]:
            distance[source] = max(distance[source], distance[node] + 1)
    result_of, calls = list(range(len(readers))), list[Call]()
    ready: dict[int, list[int]] = {}
    reach = defaultdict[int, int](int)  # the sum of a function's ready nodes' distances
    chosen: Sequence[int] = range(images)
    done = images
    while True:
        for reader in chain.from_iterable([readers[node] for node in chosen]):
            missing[reader] -= 1
            if not missing[reader]:
                number = nodes[reader - images][0]
                ready.setdefault(number, []).append(reader)
                reach[number] += distance[reader]
        if not ready:
            return Schedule(tuple(calls), tuple(tuple(result_of[node] for node in row) for row in rows))
        number = max(ready, key=lambda one: reach[one] / left[one])
        chosen = ready.pop(number)
        left[number] -= len(chosen)
        reach[number] = 0
        inputs_n = [[result_of[source] for source in nodes[node - images][1]] for node in chosen]
        calls.append(Call(number, tuple(zip(*inputs_n, strict=True))))
        for node in chosen:
            result_of[node], done = done, done + 1


def execute(
    schedule: Schedule, images_IDHW: Tensor, apply: Callable[[int, tuple[Tensor, ...]], Tensor]
) -> list[Tensor]:
    """Make the calls; every result `[D, h, w]`, as the schedule counts them.

    Maps are taken apart once a call and put together once a call, so a step's cost in bookkeeping grows with the calls
    and not with the nodes, forward and backward.

    Args:
        schedule: what to call.
        images_IDHW: the images' maps.
        apply: a function's number and its inputs, each `[n, D, h, w]`, to `[n, D, h, w]`.
    """
    results = list(images_IDHW.unbind(0))
    for call in schedule.calls:
        inputs = tuple(torch.stack([results[one] for one in source]) for source in call.sources)
        results += apply(call.number, inputs).unbind(0)
    return results


def _merge(
    trees: Sequence[Tree], image_rows: Sequence[int], images: int
) -> tuple[list[Node], list[list[int]]]:
    """The different nodes of all trees, numbered from `images` on, and the nodes of each tree."""
    numbers: dict[Node, int] = {}
    rows = []
    for tree, image in zip(trees, image_rows, strict=True):
        row: list[int] = []
        for number, inputs in zip(tree.numbers, tree.inputs, strict=True):
            node = (number, tuple(row[one] for one in inputs) or (image,))
            row.append(numbers.setdefault(node, images + len(numbers)))
        rows.append(row)
    return list(numbers), rows
