"""The nine soft modules, rearranged, against by the book."""

import pytest
import torch

from visreason.nn.stack_modules import StackModules, StackRules
from visreason.nn.stack_modules_plain import PlainStackModules

NAMES = ("NoOp", "Find", "Transform", "Filter", "And", "Or", "Scene", "DescribeOne", "DescribeTwo")
RULES = [
    StackRules(),
    StackRules(places=2, validity="hard"),
    StackRules(places=3, pointer="soft", validity="hard"),
    StackRules(places=5, pointer="soft", guard=False, validity="off", keep=False),
    StackRules(places=8, guard=False, validity="off", keep=False),
    StackRules(places=6, pointer="soft", temperature=0.7),
]


def make(kind, rules, dtype=torch.float64):
    torch.manual_seed(0)
    return kind(size=8, control=6, memory=5, rules=rules).to(dtype)


def given(dtype=torch.float64, steps=5):
    numbers = torch.Generator().manual_seed(1)
    cells = torch.randn(3, 12, 8, generator=numbers, dtype=torch.float64)
    control = torch.randn(3, steps, 6, generator=numbers, dtype=torch.float64)
    weights = (3 * torch.randn(3, steps, 9, generator=numbers, dtype=torch.float64)).softmax(2)
    return [one.to(dtype).requires_grad_() for one in (cells, control, weights)]


def loss_of(steps):
    return sum(one.memory_BK.sin().sum() + one.top.cos().sum() + one.stack_BSP.sin().sum() for one in steps)


@pytest.mark.parametrize("rules", RULES)
@pytest.mark.parametrize(("dtype", "close"), [(torch.float64, 1e-9), (torch.float32, 1e-5)])
def test_rearranged_equals_by_the_book(rules, dtype, close):
    ours, plain = make(StackModules, rules, dtype), make(PlainStackModules, rules, dtype)
    inputs = given(dtype)
    found, expected = ours(*inputs), plain(*inputs)
    for one, other in zip(found, expected, strict=True):
        for field in ("weights_BM", "stack_BSP", "blurred_BS", "pointer_BS", "memory_BK", "top"):
            torch.testing.assert_close(getattr(one, field), getattr(other, field), rtol=close, atol=close)
    slopes = torch.autograd.grad(loss_of(found), [*inputs, *ours.parameters()])
    wanted = torch.autograd.grad(loss_of(expected), [*inputs, *plain.parameters()])
    for one, other in zip(slopes, wanted, strict=True):
        assert (one - other).norm() <= max(close, 10 * close * other.norm())


def test_a_module_that_finds_too_little_gets_no_weight():
    modules = make(StackModules, StackRules(places=4))
    pointer = torch.tensor([[1.0, 0, 0, 0], [0, 0, 0, 1.0]], dtype=torch.float64)
    left = modules.valid(torch.full((2, 9), 1 / 9, dtype=torch.float64), pointer)
    runs = [[name for name, weight in zip(NAMES, row, strict=True) if weight > 0] for row in left]
    assert runs[0] == ["NoOp", "Find", "Scene"]
    assert set(NAMES) - set(runs[1]) == {"Find", "Scene"}
    assert left.sum(dim=1).tolist() == pytest.approx([1, 1])


@pytest.mark.parametrize("rule", ["soft", "hard"])
def test_a_controller_that_is_sure_of_what_may_not_run_still_has_a_gradient(rule: str):
    """And the step goes to those that may run, evenly; without a least weight both are 0 / 0."""
    modules = make(StackModules, StackRules(places=4, validity=rule), torch.float32)
    scores = torch.zeros(2, 9)
    scores[0, NAMES.index("And")] = scores[1, NAMES.index("Find")] = 170
    scores.requires_grad_()
    pointer = torch.tensor([[1.0, 0, 0, 0], [0, 0, 0, 1.0]])
    left = modules.valid(scores.softmax(dim=1), pointer)
    assert left.sum(dim=1).tolist() == pytest.approx([1, 1])
    assert left[0, :2].tolist() == pytest.approx([1 / 3, 1 / 3])
    (slope,) = torch.autograd.grad(left.square().sum(), scores)
    assert slope.isfinite().all()
