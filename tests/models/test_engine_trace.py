"""What a trace says of a program's maps."""

import torch

from visreason.models.engine_trace import explain, heat
from visreason.nn.functions import Functions
from visreason.nn.program_tree import Grammar

LANGUAGE = Functions(("scene", "red", "union"), (0, 1, 2))


def test_heat_is_the_mean_strength_of_a_cell_and_at_most_one():
    assert heat(torch.tensor([[[2.0, 0.0], [1.0, -4.0]], [[0.0, 0.0], [1.0, 0.0]]])) == (
        (0.5, 0.0),
        (0.5, 1.0),
    )


def test_a_map_of_nothing_is_nothing():
    assert heat(torch.zeros(2, 1, 2)) == ((0.0, 0.0),)


def test_steps_follow_the_tree_and_symbols_have_clevr_ieps_names():
    grammar = Grammar(LANGUAGE, symbol_modules=True)
    trees = [grammar.tree(row) for row in ([6, 4, 5, 2], [4])]
    maps = [[((float(node), 0.0),) for node, _ in enumerate(tree.numbers)] for tree in trees]
    first, second = explain("module-network", LANGUAGE, trees, maps, torch.tensor([[0.0, 2.0], [1.0, 0.0]]))
    assert [(step.name, step.reads) for step in first.steps] == [
        ("scene", ()),
        ("scene", ()),
        ("<END>", (1,)),
        ("red", (2,)),
        ("union", (0, 3)),
    ]
    assert [step.grid for step in first.steps] == maps[0]
    assert [one.index for one in first.answers] == [1, 0]
    assert [step.name for step in second.steps] == ["scene"]
