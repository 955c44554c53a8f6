"""Rows of program symbols as trees: who reads whose result.

Shape legend: B programs, P steps of the longest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from visreason.errors import ModelError
from visreason.nn.functions import END, FIRST_FUNCTION, NULL, START, UNKNOWN, Functions


@dataclass(frozen=True, slots=True)
class Tree:
    """A program as a tree, its nodes in the order of execution: inputs first, the root last.

    Attributes:
        numbers: the function of each node.
        inputs: which earlier nodes each reads, first input first.
        places: the column that each node had in its row; None for an input that was missing there.
    """

    numbers: tuple[int, ...]
    inputs: tuple[tuple[int, ...], ...]
    places: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Grammar:
    """How rows of symbols are read as programs in prefix order (the root first, then its inputs' subtrees).

    Every row is a program, by the rules of Johnson et al., "Inferring and Executing Programs for Visual Reasoning"
    (2017): what is missing, and NULL, is the function that reads nothing (`scene`); what follows the closed tree
    is not read; START is passed over.

    Attributes:
        functions: the language.
        symbol_modules: END and UNKNOWN are functions of one input, as in clevr-iep, whose networks have modules
            for them. Otherwise END is read like NULL and UNKNOWN is passed over.

    Example:
        >>> grammar = Grammar(Functions(("scene", "exist", "union"), (0, 1, 2)))
        >>> grammar.tree((5, 6, 4, 4))
        Tree(numbers=(4, 4, 6, 5), inputs=((), (), (0, 1), (2,)), places=(2, 3, 1, 0))
        >>> grammar.tree((5, 6, 4, 0)).places
        (2, None, 1, 0)
    """

    functions: Functions
    symbol_modules: bool = False

    @property
    def leaf(self) -> int:
        """The function that stands in for what is missing: the first that reads nothing."""
        return FIRST_FUNCTION + self.functions.arities.index(0)

    def tree(self, row: Sequence[int]) -> Tree:
        """The tree of one row, whatever it holds.

        Raises:
            ModelError: a number that is no symbol of the language.
        """
        return _parse(tuple(row), self.functions.arities, self.symbol_modules)

    def trees(self, programs_BP: Tensor, *, strict: bool = False) -> list[Tree]:
        """The tree of every row; with `strict` each must be one whole program.

        Raises:
            ModelError: a number that is no symbol; with `strict`, a row that is empty, closes no tree, has symbols
                after its tree, or holds START, END or UNKNOWN.
        """
        rows = programs_BP.tolist()
        return [self._whole(row, index) if strict else self.tree(row) for index, row in enumerate(rows)]

    def used(self, programs_BP: Tensor) -> Tensor:
        """Which symbols are executed, bool `[B, P]`: what follows a closed tree is not, nor are START and NULL."""
        used_BP = torch.zeros_like(programs_BP, dtype=torch.bool, device="cpu")
        for row, tree in enumerate(self.trees(programs_BP)):
            used_BP[row, [place for place in tree.places if place is not None]] = True
        return used_BP.to(programs_BP.device)

    def _whole(self, row: list[int], index: int) -> Tree:
        """The tree of a row that must be a program and nothing more."""
        length = next((place for place in range(len(row), 0, -1) if row[place - 1] != NULL), 0)
        if length == 0:
            raise ModelError(
                f"program {index} is empty: the data do not tell it. Give questions with programs, or a model "
                "that predicts them."
            )
        kept = next((symbol for symbol in row[:length] if symbol < FIRST_FUNCTION), None)
        if kept is not None:
            raise ModelError(
                f"program {index} holds the symbol {kept}, which is no function. Programs are functions in "
                f"prefix order, numbered from {FIRST_FUNCTION}, and zeros only behind them."
            )
        tree = self.tree(row)
        words = " ".join(self.functions.name(number) for number in row[:length])
        if None in tree.places:
            raise ModelError(
                f"program {index} closes no tree: after '{words}' {tree.places.count(None)} input(s) are "
                "missing. Give the whole program, in prefix order."
            )
        if len(tree.numbers) < length:
            raise ModelError(
                f"program {index} goes on after its tree is closed: '{words}' is a whole program after "
                f"{len(tree.numbers)} of its {length} functions. Give one program a row, in prefix order."
            )
        return tree


@lru_cache(maxsize=1 << 16)
def _parse(row: tuple[int, ...], arities: tuple[int, ...], symbol_modules: bool) -> Tree:
    """Walk the row once, keeping a stack of functions whose inputs are not all there."""
    leaf = FIRST_FUNCTION + arities.index(0)
    numbers: list[int] = []
    inputs: list[tuple[int, ...]] = []
    places: list[int | None] = []
    waiting: list[
        tuple[int, int | None, list[int], int]
    ] = []  # function, place, inputs so far, inputs wanted
    position = 0
    while not numbers or waiting:
        number, place, position = _next(row, position, leaf, symbol_modules)
        if number >= FIRST_FUNCTION + len(arities) or number < NULL:
            raise ModelError(
                f"a program holds the symbol {number}, but this language has the symbols 0 to "
                f"{FIRST_FUNCTION + len(arities) - 1}. Was it written with another vocabulary?"
            )
        waiting.append(
            (number, place, [], arities[number - FIRST_FUNCTION] if number >= FIRST_FUNCTION else 1)
        )
        while waiting and len(waiting[-1][2]) == waiting[-1][3]:
            number, place, read, _ = waiting.pop()
            numbers.append(number)
            inputs.append(tuple(read))
            places.append(place)
            if waiting:
                waiting[-1][2].append(len(numbers) - 1)
    return Tree(tuple(numbers), tuple(inputs), tuple(places))


def _next(
    row: tuple[int, ...], position: int, leaf: int, symbol_modules: bool
) -> tuple[int, int | None, int]:
    """The next function, the column it was found in, and where to go on."""
    passed_over = (START,) if symbol_modules else (START, UNKNOWN)
    while position < len(row) and row[position] in passed_over:
        position += 1
    missing = (NULL,) if symbol_modules else (NULL, END)
    if position >= len(row) or row[position] in missing:
        return leaf, None, position + 1
    return row[position], position, position + 1
