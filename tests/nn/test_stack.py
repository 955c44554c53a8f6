"""The differentiable stack: pointers, places, and the reference's numbers."""

import numpy as np
import pytest
import torch

from visreason.clevr import layouts
from visreason.nn.stack import move_down, move_up, read, sharpen, start, validity, write
from visreason.nn.stack_moves import POPS, PUSHES


@pytest.fixture
def reference(shared):
    return np.load(shared / "fixtures/snmn_modules.npz")


def test_what_is_written_is_read_again_and_lower_places_stay():
    stack, pointer = start(2, 4, 3, torch.zeros(()))
    first, second = torch.randn(2, 3), torch.randn(2, 3)
    pointer = move_up(pointer, guard=True)
    stack = write(stack, pointer, first)
    pointer = move_up(pointer, guard=True)
    stack = write(stack, pointer, second)
    assert torch.equal(read(stack, pointer), second)
    assert torch.equal(read(stack, move_down(pointer, guard=True)), first)


@pytest.mark.parametrize("places", [2, 3, 4, 5, 6, 7, 9])
def test_any_length_moves_one_place(places):
    for place in range(places):
        pointer = torch.nn.functional.one_hot(torch.tensor([place]), places).float()
        up, down = move_up(pointer, guard=True), move_down(pointer, guard=True)
        assert up.argmax().item() == min(place + 1, places - 1)
        assert down.argmax().item() == max(place - 1, 0)
        assert up.sum() == down.sum() == 1
        assert move_up(pointer, guard=False).sum() == (place < places - 1)
        assert move_down(pointer, guard=False).sum() == (place > 0)


@pytest.mark.parametrize("length", [5, 8])
@pytest.mark.parametrize("guard", [0, 1])
@pytest.mark.parametrize("kind", ["hard", "soft"])
def test_pointers_move_as_in_the_reference(reference, length, guard, kind):
    pointer = torch.from_numpy(reference[f"L{length}/ptr_{kind}"])
    for name, move in (("move_fw", move_up), ("move_bw", move_down)):
        expected = torch.from_numpy(reference[f"L{length}/guard{guard}/{kind}/{name}"])
        torch.testing.assert_close(move(pointer, guard=bool(guard)), expected)


@pytest.mark.parametrize("length", [5, 8])
def test_pointers_sharpen_as_in_the_reference(reference, length):
    given = torch.from_numpy(reference[f"L{length}/sharpen_in"])
    for kind in ("hard", "soft"):
        expected = torch.from_numpy(reference[f"L{length}/sharpen_{kind}"])
        torch.testing.assert_close(sharpen(given, kind, 0.2), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("length", [2, 3, 4, 5, 6, 8, 11])
def test_modules_are_valid_where_the_reference_says(reference, length):
    assert np.array_equal(validity(POPS, PUSHES, length).numpy(), reference[f"validity_L{length}"])


def test_layouts_and_modules_agree_on_what_is_popped_and_pushed():
    assert (layouts.POPS, layouts.PUSHES) == (POPS, PUSHES)
