import pytest
import torch

from visreason.nn import pairwise_sum
from visreason.nn.pairwise import PairwiseRelations


@pytest.fixture
def threads(request, monkeypatch):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    monkeypatch.setattr(pairwise_sum, "LEAST_NUMBERS_A_THREAD", 1)
    yield
    torch.set_num_threads(before)


def forward_and_backward(layer, objects, question, mask):
    layer.zero_grad()
    total = layer(objects, question, mask)
    total.square().sum().backward()
    return [total.detach(), *(one.grad.clone() for one in layer.parameters())]


@pytest.mark.parametrize("threads", [1, 3], indirect=True)
@pytest.mark.parametrize("numbers", [8, 100, 2**18])
@pytest.mark.parametrize(
    "options", [{}, {"aggregation": "weighted-sum", "objects": 5}], ids=["sum", "weighted"]
)
@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("injection", [0, 1])
def test_neither_blocks_nor_threads_change_the_result(
    threads, numbers, injection, masked, options, monkeypatch
):
    torch.manual_seed(0)
    layer = PairwiseRelations(3, 2, (8, 8), injection, **options).double()
    objects, question = torch.randn(7, 5, 3).double(), torch.randn(7, 2).double()
    mask = torch.arange(5) < torch.tensor([5, 3, 0, 1, 5, 2, 3])[:, None] if masked else None
    expected = forward_and_backward(layer, objects, question, mask)
    monkeypatch.setattr(pairwise_sum, "CPU_BLOCK_NUMBERS", numbers)
    for ours, theirs in zip(forward_and_backward(layer, objects, question, mask), expected, strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("threads", [2], indirect=True)
@pytest.mark.parametrize(
    "options", [{}, {"aggregation": "weighted-sum", "objects": 9}], ids=["sum", "weighted"]
)
def test_the_same_call_gives_the_same_bits(threads, options):
    torch.manual_seed(0)
    layer = PairwiseRelations(3, 2, (16, 16), **options)
    objects, question = torch.randn(6, 9, 3), torch.randn(6, 2)
    first = forward_and_backward(layer, objects, question, None)
    second = forward_and_backward(layer, objects, question, None)
    assert all(torch.equal(one, other) for one, other in zip(first, second, strict=True))


@pytest.mark.parametrize("threads", [2], indirect=True)
@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode])
def test_works_without_gradients(threads, mode):
    layer = PairwiseRelations(3, 2, (8, 8))
    objects, question = torch.randn(4, 5, 3), torch.randn(4, 2)
    expected = layer(objects, question).detach()
    with mode():
        found = layer(objects, question)
    assert torch.equal(found, expected)


def test_keeps_nothing_between_the_passes_but_its_inputs():
    layer = PairwiseRelations(3, 2, (64, 64))
    objects, question = torch.randn(2, 30, 3), torch.randn(2, 2)
    kept = []

    def keep(tensor):
        kept.append(tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        layer(objects, question)
    assert max(kept) <= 64 * 64  # a weight matrix; a layer of all pairs would be 2 * 30 * 30 * 64


def test_a_second_derivative_is_refused():
    layer = PairwiseRelations(3, 2, (8, 8))
    objects = torch.randn(1, 4, 3, requires_grad=True)
    total = layer(objects, torch.randn(1, 2)).sum()
    with pytest.raises(RuntimeError, match="pairwise_relations_plain"):
        torch.autograd.grad(total, objects, create_graph=True)
