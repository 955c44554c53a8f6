"""The memory of modules: rows, mixtures, the modules that rows are, and how they start."""

import pytest
import torch

from visreason.errors import ModelError
from visreason.nn.functions import Functions
from visreason.nn.module_memory import Memory, one_input_module, two_input_module
from visreason.nn.residual import JoiningBlock, ResidualBlock

LANGUAGE = Functions(("union", "scene", "red", "less"), (2, 0, 1, 2))
UNION, SCENE, RED, LESS = range(4, 8)
LAYOUTS = ["per-arity", "overlapping"]
D = 3
KERNEL = 9 * D * D


def address_of(number):
    return torch.nn.functional.one_hot(torch.tensor([number]), LANGUAGE.symbols).double()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("number", [UNION, SCENE, RED, LESS])
def test_reading_one_address_gives_that_row(layout, number):
    memory = Memory(LANGUAGE, D, layout=layout).double()
    row = memory.rows()[number]
    assert len(row) == KERNEL * (4 if LANGUAGE.arity(number) == 2 else 2)
    assert torch.equal(memory.mix(address_of(number), LANGUAGE.arity(number))[0], row)


def test_per_arity_a_mixture_is_one_of_equals():
    memory = Memory(LANGUAGE, D).double()
    address = torch.tensor([[0.1, 0.1, 0.1, 0.1, 0.12, 0.3, 0.1, 0.08]], dtype=torch.float64)
    rows = memory.rows()
    torch.testing.assert_close(memory.mix(address, 2)[0], 0.6 * rows[UNION] + 0.4 * rows[LESS])
    torch.testing.assert_close(memory.mix(address, 1)[0], 0.75 * rows[SCENE] + 0.25 * rows[RED])


def test_overlapping_a_mixture_holds_a_piece_of_everything():
    memory = Memory(LANGUAGE, D, layout="overlapping").double()
    address = torch.rand(2, LANGUAGE.symbols, dtype=torch.float64).softmax(1)
    torch.testing.assert_close(memory.mix(address, 2), address @ memory.shared)
    torch.testing.assert_close(memory.mix(address, 1), address @ memory.shared[:, : 2 * KERNEL])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_gradient_reaches_address_and_rows(layout):
    memory = Memory(LANGUAGE, 2, layout=layout).double()
    x = torch.randn(2, 2, 3, 3, dtype=torch.float64)
    scores = torch.randn(2, LANGUAGE.symbols, dtype=torch.float64, requires_grad=True)

    def of_one(scores, *rows):
        return one_input_module(x, memory.mix(scores.softmax(1), 1))

    def of_two(scores, *rows):
        return two_input_module(x, x.flip(0), memory.mix(scores.softmax(1), 2))

    for function in (of_one, of_two):
        assert torch.autograd.gradcheck(function, (scores, *memory.parameters()))


def test_an_address_of_nothing_that_fits_is_no_number_gone_wrong():
    memory = Memory(LANGUAGE, D).double()
    assert memory.mix(address_of(UNION), arity=1).abs().max() == 0


def test_a_row_is_the_module_whose_kernels_it_holds():
    torch.manual_seed(0)
    one, two = ResidualBlock(D), JoiningBlock(D, joining="3x3")
    for parameter in (*one.parameters(), *two.parameters()):
        if parameter.dim() == 1:
            torch.nn.init.zeros_(parameter)  # rows have no biases
    x, y = torch.randn(2, 4, D, 5, 6).unbind()
    row = torch.cat([one.conv1.weight.flatten(), one.conv2.weight.flatten()])
    torch.testing.assert_close(one_input_module(x, row), one(x))
    kernels = (two.join.weight, two.block.conv1.weight, two.block.conv2.weight)
    row = torch.cat([kernel.flatten() for kernel in kernels])
    torch.testing.assert_close(two_input_module(x, y, row), two(x, y))


def test_a_row_with_context_is_the_module_whose_context_it_holds():
    torch.manual_seed(0)
    one, memory = ResidualBlock(D, context=True), Memory(LANGUAGE, D, context=True)
    for bias in (one.conv1.bias, one.conv2.bias):
        torch.nn.init.zeros_(bias)
    torch.nn.init.normal_(one.context.weight)
    parts = (one.conv1.weight, one.conv2.weight, one.context.weight)
    row = torch.cat([part.detach().flatten() for part in parts])
    x, whole = torch.randn(4, D, 5, 6), torch.randn(4, D)
    torch.testing.assert_close(one_input_module(x, row, whole), one(x, whole))
    torch.testing.assert_close(one_input_module(x, row.expand(4, -1), whole), one(x, whole))
    assert len(memory.rows()[RED]) == len(row)
    assert torch.equal(memory.mix(address_of(RED).float(), 1)[0], memory.rows()[RED])
    assert not memory.rows()[RED][-D * D :].any(), "at first the context says nothing"
    assert len(memory.rows()[UNION]) == 4 * KERNEL


def test_rows_that_overlap_have_no_room_for_a_context():
    with pytest.raises(ModelError, match="per-arity"):
        Memory(LANGUAGE, D, layout="overlapping", context=True)


def test_maps_with_rows_of_their_own_are_as_if_alone():
    torch.manual_seed(0)
    x, y = torch.randn(2, 5, D, 4, 6, dtype=torch.float64).unbind()
    ones, twos = torch.randn(5, 2 * KERNEL).double(), torch.randn(5, 4 * KERNEL).double()
    alone = [one_input_module(x[n : n + 1], ones[n]) for n in range(5)]
    torch.testing.assert_close(one_input_module(x, ones), torch.cat(alone))
    alone = [two_input_module(x[n : n + 1], y[n : n + 1], twos[n]) for n in range(5)]
    torch.testing.assert_close(two_input_module(x, y, twos), torch.cat(alone))


def test_rows_start_like_convolutions_of_the_same_fan_in():
    dim = 16
    memory = Memory(LANGUAGE, dim)
    for number, parts in ((RED, (1, 1)), (UNION, (2, 1, 1))):
        kernels = memory.rows()[number].split([9 * dim * dim * inputs for inputs in parts])
        for kernel, inputs in zip(kernels, parts, strict=True):
            bound = torch.nn.Conv2d(inputs * dim, dim, 3).weight.abs().max().item()
            assert kernel.abs().max().item() == pytest.approx(bound, rel=0.02)


def test_published_rows_start_so_small_that_two_inputs_are_nearly_lost():
    dim, x = 32, torch.rand(1, 32, 4, 4)
    published, ours = (Memory(LANGUAGE, dim, initial=initial) for initial in ("published", "fan-in"))
    assert published.one_input.abs().max().item() == pytest.approx(1 / (3 * dim), rel=0.01)
    kept = [two_input_module(x, x, memory.rows()[UNION]).mean() / x.mean() for memory in (published, ours)]
    assert kept[0] < 0.1 < kept[1]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_all_rows_share_one_gradient(layout):
    memory = Memory(LANGUAGE, D, layout=layout)
    rows = memory.rows()
    torch.stack([rows[SCENE].sum(), 2 * rows[RED].sum(), 3 * rows[LESS].sum()]).sum().backward()
    found = {number: set() for number in rows}
    slopes = {id(one): one.grad for one in memory.parameters()}
    if layout == "overlapping":
        per_row = {number: slopes[id(memory.shared)][number] for number in rows}
    else:
        per_row = {SCENE: memory.one_input.grad[0], RED: memory.one_input.grad[1]}
        per_row |= {UNION: memory.two_inputs.grad[0], LESS: memory.two_inputs.grad[1]}
    found = {number: slope[: len(rows[number])].unique().tolist() for number, slope in per_row.items()}
    assert found == {UNION: [0.0], SCENE: [1.0], RED: [2.0], LESS: [3.0]}
