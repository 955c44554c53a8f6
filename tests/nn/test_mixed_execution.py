"""Programs whose nodes have weights of their own: all at once against one node after the other."""

import pytest
import torch

from visreason.nn.functions import Functions
from visreason.nn.mixed_execution import execute_mixed, plan_by_height
from visreason.nn.module_memory import Memory, one_input_module, two_input_module
from visreason.nn.program_tree import Grammar

LANGUAGE = Functions(("scene", "red", "count", "union", "less"), (0, 1, 1, 2, 2))
ROWS = [[6, 5, 4], [8, 6, 4, 6, 5, 4], [7, 7, 4, 5, 4, 7, 4, 7, 4, 4], [4], [8, 6]]
IMAGE_ROWS = [0, 0, 1, 2, 1]


@pytest.fixture
def trees():
    return [Grammar(LANGUAGE).tree(row) for row in ROWS]


@pytest.mark.parametrize(
    ("layout", "context"), [("per-arity", False), ("per-arity", True), ("overlapping", False)]
)
def test_equals_one_node_after_the_other_with_gradients(trees, layout, context):
    torch.manual_seed(0)
    memory = Memory(LANGUAGE, 4, layout=layout, context=context).double()
    if context:
        torch.nn.init.normal_(memory.context)
    images = torch.randn(3, 4, 3, 5, dtype=torch.float64, requires_grad=True)
    planned = plan_by_height(trees, IMAGE_ROWS, images=3)
    places = [place for call in planned.places for place in call]
    addresses = torch.rand(len(places), LANGUAGE.symbols, dtype=torch.float64).softmax(1).requires_grad_()
    leaves = [images, addresses, *memory.parameters()]

    def told(maps):
        return maps.mean(dim=(2, 3)) if context else None

    results = execute_mixed(planned, images, memory, addresses, told)
    together = torch.stack([results[row[-1]] for row in planned.schedule.results])
    fast = torch.autograd.grad(together.square().sum(), leaves)

    address_of = dict(zip(places, addresses, strict=True))
    roots = []
    for row, tree in enumerate(trees):
        maps = []
        for node, inputs in enumerate(tree.inputs):
            weights = memory.mix(address_of[row, node][None], len(inputs))[0]
            read = [maps[one] for one in inputs] or [images[IMAGE_ROWS[row], None]]
            if len(read) == 2:
                maps.append(two_input_module(*read, weights))
            else:
                maps.append(one_input_module(*read, weights, told(*read)))
        roots.append(maps[-1])
    literal = torch.cat(roots)
    torch.testing.assert_close(together, literal)
    for found, expected in zip(fast, torch.autograd.grad(literal.square().sum(), leaves), strict=True):
        torch.testing.assert_close(found, expected)


def test_every_node_is_computed_once_and_after_what_it_reads(trees):
    planned = plan_by_height(trees, IMAGE_ROWS, images=3)
    places = [place for call in planned.places for place in call]
    assert sorted(places) == [
        (row, node) for row, tree in enumerate(trees) for node in range(len(tree.numbers))
    ]
    made = 3
    for number, call in enumerate(planned.schedule.calls):
        assert call.number == number
        assert all(source < made for sources in call.sources for source in sources)
        made += len(planned.places[number])


def test_there_are_at_most_two_calls_a_height(trees):
    deep = [Grammar(LANGUAGE).tree([5] * height + [4]) for height in range(1, 12)]
    assert len(plan_by_height(deep, [0] * 11, images=1).places) == 12
    assert (
        len(plan_by_height(trees, IMAGE_ROWS, images=3).places) == 6
    )  # heights 0 to 3; two kinds at 1 and 2
