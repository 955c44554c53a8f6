"""Products whose gradients are added up once, against autograd."""

import gc
import weakref

import pytest
import torch
from torch.nn import functional

from visreason.nn.knowledge import Knowledge


def make(*shape):
    return torch.randn(*shape, dtype=torch.float64, requires_grad=True)


@pytest.fixture
def given():
    torch.manual_seed(0)
    return make(2, 9, 4), make(2, 3, 9), make(2, 3, 4), make(4)


def ours(cells, maps, vectors, weight):
    knowledge = Knowledge(cells)
    found = knowledge.match(knowledge.attend(maps) * vectors, weight)
    return knowledge.attend(found.softmax(2)).sin().sum() + found.sum()


def plain(cells, maps, vectors, weight):
    product = cells[:, None] * (maps @ cells * vectors)[:, :, None]
    found = functional.normalize(product, dim=3) @ weight
    return (found.softmax(2) @ cells).sin().sum() + found.sum()


def test_values_and_gradients_equal_the_plain_form(given):
    assert ours(*given).item() == pytest.approx(plain(*given).item(), rel=1e-12)
    for one, other in zip(
        torch.autograd.grad(ours(*given), given), torch.autograd.grad(plain(*given), given), strict=True
    ):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


def test_a_second_walk_back_starts_anew(given):
    loss = ours(*given)
    first = torch.autograd.grad(loss, given, retain_graph=True)
    second = torch.autograd.grad(loss, given)
    assert all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


def test_cells_that_need_no_gradient_get_none(given):
    cells, *rest = given
    slopes = torch.autograd.grad(ours(cells.detach(), *rest), rest)
    expected = torch.autograd.grad(plain(cells.detach(), *rest), rest)
    for one, other in zip(slopes, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-10, atol=1e-12)


def test_nothing_is_kept_when_nobody_holds_it(given):
    gc.disable()
    try:
        knowledge = Knowledge(given[0])
        held = weakref.ref(knowledge)
        knowledge.match(given[2], given[3]).sum().backward()
        del knowledge
        assert held() is None
    finally:
        gc.enable()


def test_a_vector_of_zeros_matches_nothing(given):
    cells, _, vectors, weight = given
    assert Knowledge(cells).match(torch.zeros_like(vectors), weight).abs().max() == 0
