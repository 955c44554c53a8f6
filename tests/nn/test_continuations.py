import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visreason.clevr.functions import ANSWER_TYPES, FUNCTIONS, TOKENS
from visreason.clevr.program_forms import ARITIES, from_prefix
from visreason.errors import ModelError
from visreason.nn.continuations import Continuations
from visreason.nn.functions import END, FIRST_FUNCTION, Functions

LANGUAGE = Functions(("scene", "red", "count", "union", "less"), (0, 1, 1, 2, 2))
INPUTS = ((), ("set",), ("set",), ("set", "set"), ("number", "number"))
OUTPUTS = ("set", "set", "number", "set", "truth")
ROOTS = ("number", "truth")


def type_of(row: list[int]) -> tuple[str, list[int]] | None:
    """What a prefix sequence gives, and what is left of it; None where it is no typed program."""
    if not row:
        return None
    index, rest = row[0] - FIRST_FUNCTION, row[1:]
    for wanted in INPUTS[index]:
        found = type_of(rest)
        if found is None or found[0] != wanted:
            return None
        rest = found[1]
    return OUTPUTS[index], rest


def whole_programs(length: int) -> set[tuple[int, ...]]:
    """Every typed program of so many functions, by trying all sequences."""
    numbers = range(FIRST_FUNCTION, LANGUAGE.symbols)
    found = {row: type_of(list(row)) for row in itertools.product(numbers, repeat=length)}
    return {row for row, kind in found.items() if kind is not None and kind[0] in ROOTS and not kind[1]}


def test_what_is_permitted_is_every_program_and_nothing_else():
    longest = 6
    rules = Continuations(LANGUAGE, INPUTS, OUTPUTS, ROOTS)
    written: set[tuple[int, ...]] = set()
    unfinished = [((), rules.start(1, longest))]
    while unfinished:
        row, stack = unfinished.pop()
        permitted = rules.permitted(stack, longest - len(row))[0].nonzero()[:, 0].tolist()
        assert permitted, row
        if permitted == [END]:
            written.add(row)
            continue
        unfinished += [((*row, symbol), rules.write(stack, torch.tensor([symbol]))) for symbol in permitted]
    assert written == set().union(*(whole_programs(length) for length in range(1, longest + 1)))


def clevr_rules() -> tuple[Functions, Continuations]:
    signatures = [FUNCTIONS[name.split("[")[0]] for name in TOKENS]
    language = Functions(TOKENS, tuple(ARITIES[name] for name in TOKENS))
    inputs = tuple(tuple(map(str, one.inputs)) for one in signatures)
    outputs = tuple(str(one.output) for one in signatures)
    return language, Continuations(language, inputs, outputs, tuple(map(str, ANSWER_TYPES)))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), longest=st.integers(2, 30))
def test_random_programs_of_clevr_type_check_and_are_short_enough(seed, longest):
    language, rules = clevr_rules()
    numbers = torch.Generator().manual_seed(seed)
    stack, rows = rules.start(4, longest), []
    for step in range(longest):
        permitted = rules.permitted(stack, longest - step)
        rows.append(torch.multinomial(permitted.float(), 1, generator=numbers)[:, 0])
        stack = rules.write(stack, rows[-1])
    assert stack.depths.tolist() == [0] * 4
    for row in torch.stack(rows, dim=1).tolist():
        from_prefix([language.name(symbol) for symbol in row if symbol != END])


def test_without_types_only_the_number_of_inputs_counts():
    rules = Continuations(LANGUAGE)
    stack = rules.start(1, longest=2)
    assert rules.permitted(stack, left=2)[0].nonzero()[:, 0].tolist() == [4, 5, 6]
    assert rules.permitted(stack, left=1)[0].nonzero()[:, 0].tolist() == [4]
    assert rules.shortest == 1


def test_a_complete_program_ends_whatever_is_written_after_it():
    rules = Continuations(LANGUAGE, INPUTS, OUTPUTS, ROOTS)
    stack = rules.start(2, longest=6)
    for symbols in ([6, 6], [4, 5], [0, 4], [END, 0]):
        stack = rules.write(stack, torch.tensor(symbols))
    assert stack.depths.tolist() == stack.owed.tolist() == [0, 0]
    assert rules.permitted(stack, left=2)[:, END].all()


@pytest.mark.parametrize(
    ("types", "words"),
    [
        ({"inputs": INPUTS}, "give one of each a function"),
        (
            {"inputs": ((), (), ("set",), ("set",) * 2, ("set",) * 2), "outputs": OUTPUTS},
            "red reads 1 inputs",
        ),
        ({"inputs": INPUTS, "outputs": OUTPUTS, "roots": ("colour",)}, "may end in colour"),
        (
            {
                "inputs": ((), ("tree",), ("set",), ("set",) * 2, ("set",) * 2),
                "outputs": OUTPUTS,
                "roots": ("x",),
            },
            "may end in x",
        ),
        (
            {
                "inputs": ((), ("none",), ("none",), ("set", "none"), ("number",) * 2),
                "outputs": OUTPUTS,
                "roots": ("truth",),
            },
            "no program ends in truth",
        ),
    ],
)
def test_types_that_no_program_can_have(types, words):
    with pytest.raises(ModelError, match=words):
        Continuations(LANGUAGE, **types)


def test_a_budget_below_the_shortest_program():
    with pytest.raises(
        ModelError, match="at most 1 functions are asked for, the shortest of this language have 2"
    ):
        Continuations(LANGUAGE, INPUTS, OUTPUTS, ROOTS).start(1, longest=1)
