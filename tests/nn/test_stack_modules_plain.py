"""The nine soft modules by the book against the reference, and on maps of two cells reckoned by hand."""

import numpy as np
import pytest
import torch

from visreason.nn.stack_modules import StackRules
from visreason.nn.stack_modules_plain import PlainStackModules
from visreason.nn.stack_moves import AND, DESCRIBE_ONE, FIND, MODULE_COUNT, NO_OP, OR

NAMES = ("NoOp", "Find", "Transform", "Filter", "And", "Or", "Scene", "DescribeOne", "DescribeTwo")


@pytest.mark.parametrize("length", [5, 8])
@pytest.mark.parametrize("guard", [0, 1])
@pytest.mark.parametrize("pointer", ["hard", "soft"])
def test_every_module_does_what_the_references_does(shared, length, guard, pointer):
    numbers = np.load(shared / "fixtures/snmn_modules.npz")
    weights = torch.load(shared / "fixtures/snmn_vqa.pt", weights_only=True)
    cells, control, memory = (torch.from_numpy(numbers[name]) for name in ("kb", "control", "memory"))
    stack = torch.from_numpy(numbers[f"L{length}/att_stack"]).flatten(1, 2).transpose(1, 2)
    state = (stack, torch.from_numpy(numbers[f"L{length}/ptr_{pointer}"]), memory)
    for keep in (True, False):
        rules = StackRules(places=length, guard=bool(guard), keep=keep)
        modules = PlainStackModules(cells.shape[-1], control.shape[-1], memory.shape[-1], rules)
        modules.load_state_dict(renamed(weights))
        results = modules.every_module(cells.flatten(1, 2), control, state)
        for name, result in zip(NAMES, results, strict=True):
            ending = "_nokeep" if name.startswith("Describe") and not keep else ""
            key = f"L{length}/guard{guard}/{pointer}/{name}{ending}"
            found = (result[0].transpose(1, 2).reshape(3, 4, 5, length), result[1], result[2])
            for part, one in zip(("stack", "ptr", "mem"), found, strict=True):
                expected = torch.from_numpy(numbers[f"{key}/{part}"])
                torch.testing.assert_close(one, expected, rtol=1e-4, atol=1e-5, msg=f"{key}/{part}")


def renamed(weights):
    """The reference's module weights by our names."""
    places = {
        "find_ci": "find.vector",
        "find_conv": "find.weight",
        "transform_ci": "transform.vector",
        "transform_conv": "transform.weight",
        "scene_conv": "scene",
        "describeone_ci": "describe_one.vector",
        "describeone_mem": "describe_one.describe",
        "describetwo_ci": "describe_two.vector",
        "describetwo_mem": "describe_two.describe",
    }
    found = {}
    for name, one in weights.items():
        if name.startswith("nmn."):
            _, place, part = name.split(".")
            found[f"{places[place]}.{part}"] = one.flatten(1) if one.dim() == 4 else one
    return found


def on_two_maps(keep=True):
    """What every module makes of a stack that holds the maps (1, 4) and (3, 2), with the second on top."""
    torch.manual_seed(0)
    modules = PlainStackModules(size=4, control=3, memory=2, rules=StackRules(places=4, keep=keep))
    stack = torch.tensor([[[0.0, 0.0], [1.0, 4.0], [3.0, 2.0], [0.0, 0.0]]])
    state = (stack, torch.tensor([[0.0, 0.0, 1.0, 0.0]]), torch.ones(1, 2))
    with torch.no_grad():
        return state, modules.every_module(torch.randn(1, 2, 4), torch.randn(1, 3), state)


def test_two_maps_are_joined_below_and_the_pointer_goes_there():
    _, results = on_two_maps()
    assert len(results) == MODULE_COUNT
    for module, joined in ((AND, [1.0, 2.0]), (OR, [3.0, 4.0])):
        stack, pointer, memory = results[module]
        assert stack[0, 1].tolist() == joined
        assert pointer.tolist() == [[0.0, 1.0, 0.0, 0.0]]
        assert not memory.any()


def test_finding_pushes_and_doing_nothing_keeps_all():
    state, results = on_two_maps()
    stack, pointer, _ = results[FIND]
    assert torch.equal(stack[:, :3], state[0][:, :3])
    assert stack[0, 3].all()
    assert pointer.tolist() == [[0.0, 0.0, 0.0, 1.0]]
    assert all(map(torch.equal, results[NO_OP], state))


@pytest.mark.parametrize("keep", [True, False])
def test_describing_fills_the_memory_and_empties_the_top_unless_it_is_kept(keep):
    state, results = on_two_maps(keep)
    stack, pointer, memory = results[DESCRIBE_ONE]
    assert stack[0, 2].tolist() == ([3.0, 2.0] if keep else [0.0, 0.0])
    assert torch.equal(pointer, state[1])
    assert not torch.equal(memory, state[2])
