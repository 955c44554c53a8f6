"""Rows of symbols as trees: the rules that make every row a program, and the strict reading."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from visreason.errors import ModelError
from visreason.nn.functions import END, FIRST_FUNCTION, NULL, START, UNKNOWN, Functions
from visreason.nn.program_tree import Grammar

LANGUAGE = Functions(("scene", "red", "count", "union"), (0, 1, 1, 2))
SCENE, RED, COUNT, UNION = range(FIRST_FUNCTION, LANGUAGE.symbols)


def written(grammar, row):
    """A tree in words, such as `count(red(scene))`."""
    tree, words = grammar.tree(row), []
    for number, inputs in zip(tree.numbers, tree.inputs, strict=True):
        name = LANGUAGE.name(number) if number >= FIRST_FUNCTION else f"symbol{number}"
        words.append(f"{name}({', '.join(words[one] for one in inputs)})" if inputs else name)
    return words[-1]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ((COUNT, RED, SCENE), "count(red(scene))"),
        ((START, COUNT, RED, SCENE, END, NULL), "count(red(scene))"),
        ((UNION, RED, SCENE, SCENE), "union(red(scene), scene)"),
        ((UNION, UNION, SCENE, RED, SCENE, RED, SCENE), "union(union(scene, red(scene)), red(scene))"),
        ((UNION, SCENE, UNION, SCENE, SCENE), "union(scene, union(scene, scene))"),
        ((), "scene"),
        ((NULL, NULL), "scene"),
        ((COUNT,), "count(scene)"),
        ((UNION, NULL, RED), "union(scene, red(scene))"),
        ((COUNT, SCENE, RED, SCENE), "count(scene)"),
        ((COUNT, END, RED), "count(scene)"),
        ((COUNT, UNKNOWN, RED), "count(red(scene))"),
    ],
)
def test_every_row_is_a_program(row, expected):
    assert written(Grammar(LANGUAGE), row) == expected


def test_networks_of_clevr_iep_execute_end_and_unknown():
    grammar = Grammar(LANGUAGE, symbol_modules=True)
    assert written(grammar, (START, UNION, RED, SCENE, END, NULL)) == "union(red(scene), symbol2(scene))"
    assert written(grammar, (UNKNOWN, SCENE)) == "symbol3(scene)"


def test_nodes_come_after_what_they_read_and_know_their_places():
    tree = Grammar(LANGUAGE).tree((START, UNION, RED, SCENE, COUNT))
    assert tree.numbers == (SCENE, RED, SCENE, COUNT, UNION)
    assert tree.inputs == ((), (0,), (), (2,), (1, 3))
    assert tree.places == (3, 2, None, 4, 1)


@given(st.lists(st.integers(0, LANGUAGE.symbols - 1), max_size=40), st.booleans())
def test_any_row_gives_a_tree_that_can_be_executed(row, symbol_modules):
    tree = Grammar(LANGUAGE, symbol_modules).tree(row)
    read = [one for inputs in tree.inputs for one in inputs]
    assert sorted(read) == list(range(len(tree.numbers) - 1))  # each but the root is read once
    for node, (number, inputs) in enumerate(zip(tree.numbers, tree.inputs, strict=True)):
        assert len(inputs) == (LANGUAGE.arity(number) if number >= FIRST_FUNCTION else 1)
        assert all(one < node for one in inputs)
    there = [place for place in tree.places if place is not None]
    assert len(set(there)) == len(there)
    assert all(
        row[place] == number
        for place, number in zip(tree.places, tree.numbers, strict=True)
        if place is not None
    )


def test_a_program_as_long_as_it_likes():
    assert len(Grammar(LANGUAGE).tree((RED,) * 5000).numbers) == 5001


def test_used_marks_what_is_executed():
    rows = torch.tensor([[START, COUNT, SCENE, RED, END], [UNION, SCENE, NULL, NULL, NULL]])
    used = Grammar(LANGUAGE).used(rows)
    assert used.tolist() == [[False, True, True, False, False], [True, True, False, False, False]]


@pytest.mark.parametrize("row", [[COUNT, SCENE, 0, 0], [UNION, RED, SCENE, SCENE]])
def test_strictly_read_a_whole_program_is_itself(row):
    grammar = Grammar(LANGUAGE)
    assert grammar.trees(torch.tensor([row]), strict=True) == [grammar.tree(row)]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([0, 0, 0], "program 1 is empty"),
        ([UNION, SCENE, 0], "closes no tree: after 'union scene' 1 input"),
        ([COUNT, SCENE, RED], "goes on after its tree is closed: .* after 2 of its 3"),
        ([COUNT, 0, SCENE], "holds the symbol 0"),
        ([COUNT, SCENE, END], "holds the symbol 2"),
        ([COUNT, 99, 0], "symbol 99, but this language has the symbols 0 to 7"),
        ([COUNT, -1, 0], "the symbol -1"),
    ],
)
def test_strictly_read_anything_else_is_an_error(row, message):
    programs = torch.tensor([[COUNT, SCENE, 0], row])
    with pytest.raises(ModelError, match=message):
        Grammar(LANGUAGE).trees(programs, strict=True)


def test_a_number_that_is_no_symbol_is_always_an_error():
    with pytest.raises(ModelError, match="another vocabulary"):
        Grammar(LANGUAGE).tree((COUNT, 8))
