"""Which symbol may come next, so that a program written from the root down closes a tree in time.

A program in prefix order is a stack of inputs that are still owed: writing a function pays the topmost debt and owes
the function's own inputs instead. It is complete when nothing is owed. A function may be written if it gives the type
that is asked for and if all that is then owed can still be paid with the symbols that are left.

Shape legend: B programs, D places of the stack, V symbols, K types.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from visreason.errors import ModelError
from visreason.nn.functions import END, FIRST_FUNCTION, Functions

NEVER = 10**6
"""How many functions it takes to pay a debt that cannot be paid."""


@dataclass(frozen=True, slots=True)
class Stack:
    """What B programs still owe.

    Attributes:
        types: Long `[B, D]`, the types owed, the next one to pay topmost.
        depths: Long `[B]`, how many are owed; 0: the program is complete.
        owed: Long `[B]`, the fewest functions that pay all of them.
    """

    types: Tensor
    depths: Tensor
    owed: Tensor


class Continuations(nn.Module):
    """What may follow in B programs at once, under the rules of a language.

    Args:
        functions: the language.
        inputs: of each function, the type of each input; empty for a language without types, where any function
            fits anywhere.
        outputs: of each function, the type it gives; empty with `inputs`.
        roots: the types in which a program may end; empty: any.

    Raises:
        ModelError: types that do not fit the functions, or that no program can have.

    Example:
        >>> language = Functions(("scene", "count", "union"), (0, 1, 2))
        >>> rules = Continuations(language, ((), ("set",), ("set", "set")), ("set", "number", "set"), ("number",))
        >>> stack = rules.start(1, longest=4)
        >>> [language.name(one + 4) for one in range(3) if rules.permitted(stack, left=4)[0, one + 4]]
        ['count']
        >>> stack = rules.write(stack, torch.tensor([language.number("count")]))
        >>> [language.name(one + 4) for one in range(3) if rules.permitted(stack, left=3)[0, one + 4]]
        ['scene', 'union']
    """

    def __init__(
        self,
        functions: Functions,
        inputs: tuple[tuple[str, ...], ...] = (),
        outputs: tuple[str, ...] = (),
        roots: tuple[str, ...] = (),
    ) -> None:
        super().__init__()
        if not inputs and not outputs:
            inputs, outputs = (
                tuple(("any",) * arity for arity in functions.arities),
                ("any",) * len(functions.names),
            )
        _check(functions, inputs, outputs, roots)
        types = sorted(set(outputs))
        costs = _cheapest(inputs, outputs)
        needs = [min(NEVER, 1 + sum(costs.get(one, NEVER) for one in each)) for each in inputs]
        ends = [gives in roots or not roots for gives in outputs]
        self.shortest = min(need for need, end in zip(needs, ends, strict=True) if end)
        if self.shortest >= NEVER:
            raise ModelError(
                f"no program ends in {', '.join(roots) or 'anything'}: its inputs lack a function that reads nothing."
            )
        root = len(types)  # a type of its own, which functions of several types give
        fits_KV = torch.zeros(root + 1, functions.symbols, dtype=torch.bool)
        reads_V2 = torch.zeros(functions.symbols, 2, dtype=torch.long)
        for number, (each, gives, end) in enumerate(
            zip(inputs, outputs, ends, strict=True), start=FIRST_FUNCTION
        ):
            fits_KV[types.index(gives), number] = True
            fits_KV[root, number] = end
            for place, one in enumerate(
                reversed(each)
            ):  # the first input is written first, so it lies on top
                reads_V2[number, place] = types.index(one) if one in types else root
        self.fits_KV: Tensor
        self.reads_V2: Tensor
        self.needs_V: Tensor
        self.costs_K: Tensor
        self.arities_V: Tensor
        tables = {
            "fits_KV": fits_KV,
            "reads_V2": reads_V2,
            "needs_V": torch.tensor([NEVER] * FIRST_FUNCTION + needs),
            "costs_K": torch.tensor([costs[one] for one in types] + [self.shortest]),
            "arities_V": torch.tensor([1] * FIRST_FUNCTION + list(functions.arities)),
        }
        for name, table in tables.items():
            self.register_buffer(name, table, persistent=False)

    def start(self, programs: int, longest: int) -> Stack:
        """What so many empty programs owe: each a root.

        Args:
            programs: B.
            longest: the most functions of a program.

        Raises:
            ModelError: no program is so short.
        """
        if longest < self.shortest:
            raise ModelError(
                f"programs of at most {longest} functions are asked for, the shortest of this language have "
                f"{self.shortest}."
            )
        types_BD = self.needs_V.new_full((programs, longest + 2), len(self.costs_K) - 1)
        depths_B = self.needs_V.new_ones(programs)
        return Stack(types_BD, depths_B, depths_B * self.costs_K[-1])

    def permitted(self, stack: Stack, left: int) -> Tensor:
        """Which symbols may come next, bool `[B, V]`: at least one a program, and END once it is complete.

        Args:
            stack: what the programs owe.
            left: how many functions may still be written.
        """
        top_B = stack.types.gather(1, (stack.depths - 1).clamp_min(0)[:, None])[:, 0]
        after_BV = (stack.owed - self.costs_K[top_B])[:, None] + self.needs_V
        open_B1 = stack.depths[:, None] > 0
        permitted_BV = self.fits_KV[top_B] & (after_BV <= left) & open_B1
        permitted_BV[:, END] = ~open_B1[:, 0]
        return permitted_BV

    def write(self, stack: Stack, symbols_B: Tensor) -> Stack:
        """What the programs owe after one more symbol each; complete programs stay as they are."""
        open_B = stack.depths > 0
        place_B1 = (stack.depths - 1).clamp_min(0)[:, None]
        top_B = stack.types.gather(1, place_B1)[:, 0]
        places_B2 = torch.cat([place_B1, place_B1 + 1], dim=1)
        types_BD = stack.types.scatter(1, places_B2, self.reads_V2[symbols_B])
        depths_B = stack.depths - 1 + self.arities_V[symbols_B]
        owed_B = stack.owed - self.costs_K[top_B] + self.needs_V[symbols_B] - 1
        return Stack(
            types_BD, torch.where(open_B, depths_B, stack.depths), torch.where(open_B, owed_B, stack.owed)
        )


def _check(
    functions: Functions,
    inputs: tuple[tuple[str, ...], ...],
    outputs: tuple[str, ...],
    roots: tuple[str, ...],
) -> None:
    """Types for every function, as many as it reads, and roots that some function gives."""
    count = len(functions.names)
    if len(inputs) != count or len(outputs) != count:
        raise ModelError(
            f"there are {count} functions but {len(inputs)} rows of input types and {len(outputs)} output types; "
            "give one of each a function, or none at all."
        )
    for name, arity, each in zip(functions.names, functions.arities, inputs, strict=True):
        if len(each) != arity:
            raise ModelError(f"{name} reads {arity} inputs, but {len(each)} input types are given: {each}.")
    if not set(roots) <= set(outputs):
        unknown = ", ".join(sorted(set(roots) - set(outputs)))
        raise ModelError(
            f"programs may end in {unknown}, which no function gives. Choose among {set(outputs)}."
        )


def _cheapest(inputs: tuple[tuple[str, ...], ...], outputs: tuple[str, ...]) -> dict[str, int]:
    """The fewest functions that give each type, their inputs included."""
    costs = dict.fromkeys(outputs, NEVER)
    for _ in costs:  # each round settles at least one more type
        for each, gives in zip(inputs, outputs, strict=True):
            costs[gives] = min(costs[gives], 1 + sum(costs.get(one, NEVER) for one in each))
    return costs
