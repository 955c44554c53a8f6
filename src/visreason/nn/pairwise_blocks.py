"""Which pairs are computed together, and which of those side by side.

A block is either several questions with the same number of objects, all pairs of each, or some rows of the
pairs of one question.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import prod


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

    @property
    def pairs(self) -> int:
        """How many pairs there are in it."""
        return prod(self.shape)


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


def divide_blocks(blocks: Sequence[Block], parts: int) -> list[list[Block]]:
    """The blocks in at most `parts` runs with about as many pairs each; no two runs share a question.

    Example:
        >>> runs = divide_blocks(list(plan_blocks([2, 2, 2, 3], most_pairs=6)), parts=2)
        >>> [[block.shape for block in run] for run in runs]
        [[(1, 2, 2), (1, 2, 2), (1, 2, 2)], [(1, 2, 3), (1, 1, 3)]]
    """
    runs: list[list[Block]] = []
    total, done = sum(block.pairs for block in blocks), 0
    for block in blocks:
        same = bool(runs) and block.questions.start < runs[-1][-1].questions.stop
        if not same and done * parts >= total * len(runs):
            runs.append([])
        runs[-1].append(block)
        done += block.pairs
    return runs
