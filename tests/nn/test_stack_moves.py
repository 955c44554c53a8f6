"""Tables of reading and writing, against the moves that they are made of."""

import pytest
import torch

from visreason.nn.stack import move_down, move_up, read, write
from visreason.nn.stack_moves import (
    AND,
    DESCRIBE_ONE,
    DESCRIBE_TWO,
    FILTER,
    FIND,
    MODULE_COUNT,
    NO_OP,
    OR,
    SCENE,
    TRANSFORM,
    StackMoves,
)


@pytest.fixture(params=[(2, True), (4, True), (5, False)])
def places(request):
    return request.param


def given(places):
    """A blurred pointer, a stack and six maps: of Find, Transform, And, Filter, Or and Scene."""
    numbers = torch.Generator().manual_seed(places)
    pointer = torch.rand(3, places, generator=numbers, dtype=torch.float64)
    pointer = pointer / pointer.sum(dim=1, keepdim=True)
    stack, maps = (torch.randn(3, count, 7, generator=numbers, dtype=torch.float64) for count in (places, 6))
    return pointer, stack, maps


def moved(pointer, *, guard):
    """One up, one down, and one up and down again."""
    up = move_up(pointer, guard=guard)
    return up, move_down(pointer, guard=guard), move_down(up, guard=guard)


def test_the_modules_find_what_moves_and_reads_find(places):
    count, guard = places
    pointer, stack, maps = given(count)
    up, down, back = moved(pointer, guard=guard)
    moves = StackMoves(count, guard=guard, keep=True).double()
    routes = moves.routes(torch.ones(3, 1, MODULE_COUNT, dtype=torch.float64), pointer[:, None])
    found = routes.read_BT4S[:, 0] @ stack + routes.share_BT4[:, 0, :, None] * maps[:, :1]
    pushed = write(stack, up, maps[:, 0])
    expected = (read(stack, pointer), read(pushed, up), read(stack, down), read(pushed, back))
    torch.testing.assert_close(found, torch.stack(expected, dim=1), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("module", range(MODULE_COUNT))
def test_a_module_leaves_what_its_own_writes_leave(places, module, keep):
    count, guard = places
    pointer, stack, maps = given(count)
    up, down, back = moved(pointer, guard=guard)
    nothing, held = torch.zeros_like(stack[:, 0]), (stack, pointer)
    expected_stack, expected_pointer = {
        NO_OP: held,
        FIND: (write(stack, up, maps[:, 0]), up),
        TRANSFORM: (write(stack, pointer, maps[:, 1]), pointer),
        FILTER: (write(write(stack, up, maps[:, 0]), back, maps[:, 3]), back),
        AND: (write(stack, down, maps[:, 2]), down),
        OR: (write(stack, down, maps[:, 4]), down),
        SCENE: (write(stack, up, maps[:, 5]), up),
        DESCRIBE_ONE: held if keep else (write(stack, pointer, nothing), pointer),
        DESCRIBE_TWO: held if keep else (write(stack, down, nothing), down),
    }[module]
    moves = StackMoves(count, guard=guard, keep=keep).double()
    only = torch.eye(MODULE_COUNT, dtype=torch.float64)[[module] * 3]
    routes = moves.routes(only[:, None], pointer[:, None])
    found = routes.keep_BTS[:, 0, :, None] * stack + routes.place_BT6S[:, 0].transpose(1, 2) @ maps
    torch.testing.assert_close(found, expected_stack, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(moves.leave(only, pointer), expected_pointer, rtol=1e-12, atol=1e-12)


def test_a_mixture_is_the_sum_of_its_modules():
    moves = StackMoves(4, guard=True, keep=True).double()
    pointer, weights = given(4)[0], torch.rand(3, MODULE_COUNT, dtype=torch.float64)

    def of(weights):
        routes = moves.routes(weights[:, None], pointer[:, None])
        return routes.keep_BTS[:, 0], routes.place_BT6S[:, 0], moves.leave(weights, pointer)

    ones = [of(one.expand(3, -1)) for one in torch.eye(MODULE_COUNT, dtype=torch.float64)]
    for part, found in enumerate(of(weights)):
        shares = [weights[:, module].view(3, *[1] * (found.dim() - 1)) for module in range(MODULE_COUNT)]
        expected = sum(share * one[part] for share, one in zip(shares, ones, strict=True))
        torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
