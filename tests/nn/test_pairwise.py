from typing import Any

import pytest
import torch

from visreason.errors import ModelError
from visreason.nn.pairwise import PairwiseRelations, pair_states, pairwise_relations, pairwise_relations_plain

MASK = torch.tensor([[1, 1, 0, 1], [1, 0, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 1, 1]]).bool()
WEIGHTED = {"aggregation": "weighted-sum", "objects": 4}
DEPTHS = [(depth, injection) for depth in (1, 2, 4) for injection in range(depth + 1)]


def build(depth: int, injection: int, **options: Any) -> PairwiseRelations:
    torch.manual_seed(depth * 10 + injection)
    return PairwiseRelations(3, 2, (5, 7, 4, 6)[:depth], injection, **options).double()


def inputs() -> tuple[torch.Tensor, torch.Tensor]:
    numbers = torch.Generator().manual_seed(1)
    objects = torch.randn(5, 4, 3, generator=numbers, dtype=torch.float64, requires_grad=True)
    question = torch.randn(5, 2, generator=numbers, dtype=torch.float64, requires_grad=True)
    return objects, question


@pytest.mark.parametrize("mask", [None, MASK], ids=["all", "masked"])
@pytest.mark.parametrize(("depth", "injection"), DEPTHS)
def test_equals_the_plain_formula_with_gradients(depth, injection, mask):
    layer, (objects, question) = build(depth, injection), inputs()
    arguments = (objects, question, *layer.parameters_of(depth), injection, mask)
    fast, plain = pairwise_relations(*arguments), pairwise_relations_plain(*arguments)
    torch.testing.assert_close(fast, plain, rtol=1e-12, atol=1e-12)
    upstream = torch.randn_like(plain)
    leaves = [objects, *layer.parameters(), *([question] if injection < depth else [])]
    for ours, theirs in zip(
        torch.autograd.grad(fast, leaves, upstream), torch.autograd.grad(plain, leaves, upstream), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("mask", [None, MASK], ids=["all", "masked"])
@pytest.mark.parametrize(("depth", "injection"), DEPTHS)
def test_a_weighted_sum_equals_the_plain_formula_with_gradients(depth, injection, mask):
    layer, (objects, question) = build(depth, injection, **WEIGHTED), inputs()
    arguments = (objects, question, *layer.parameters_of(depth), injection, mask, layer.pair_weights)
    fast, plain = pairwise_relations(*arguments), pairwise_relations_plain(*arguments)
    torch.testing.assert_close(fast, plain, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(layer(objects, question, mask), plain, rtol=1e-12, atol=1e-12)
    upstream = torch.randn_like(plain)
    leaves = [objects, *layer.parameters(), *([question] if injection < depth else [])]
    assert any(leaf is layer.pair_weights for leaf in leaves)
    for ours, theirs in zip(
        torch.autograd.grad(fast, leaves, upstream), torch.autograd.grad(plain, leaves, upstream), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("weights", [None, torch.randn(4, 4, dtype=torch.float64)], ids=["sum", "weighted"])
@pytest.mark.parametrize("injection", [0, 1, 2])
def test_gradcheck(injection, weights):
    layer, (objects, question) = build(2, injection), inputs()
    more = () if weights is None else (weights.clone().requires_grad_(),)

    def function(objects, question, *parameters):
        of_layers, of_pairs = parameters[:4], (parameters[4] if weights is not None else None)
        layers = of_layers[::2], of_layers[1::2]
        return pairwise_relations(objects, question, *layers, injection, MASK, of_pairs)

    assert torch.autograd.gradcheck(function, (objects, question, *layer.parameters(), *more))


def test_pairs_are_column_then_row_and_the_question_comes_last():
    objects = torch.tensor([[[1.0], [2.0]]])
    pairs = pair_states(objects, torch.tensor([[9.0]]), [], [], 0)
    assert pairs[0, 1, 0].tolist() == [1.0, 2.0]  # row 1, column 0
    weight = torch.tensor([[100.0, 10.0, 1.0]])
    state = pair_states(objects, torch.tensor([[9.0]]), [weight], [torch.zeros(1)], 0)
    assert state[0, 1, 0].tolist() == [129.0]


def test_padding_changes_nothing_whatever_it_holds():
    layer, (objects, question) = build(4, 2), inputs()
    filled = objects.detach().clone()
    filled[~MASK] = 1e3
    assert torch.allclose(layer(objects, question, MASK), layer(filled, question, MASK))
    short = layer(objects[:1, [0, 1, 3]], question[:1])
    assert torch.allclose(layer(objects, question, MASK)[:1], short)


def test_no_object_gives_zero_and_the_mean_divides_by_pairs():
    layer, mean, (objects, question) = build(2, 0), build(2, 0, aggregation="mean"), inputs()
    total, average = layer(objects, question, MASK), mean(objects, question, MASK)
    assert torch.equal(total[2], torch.zeros_like(total[2]))
    assert torch.allclose(average[0], total[0] / 9)
    assert torch.equal(average[2], torch.zeros_like(total[2]))
    assert torch.allclose(mean(objects, question), layer(objects, question) / 16)


@pytest.mark.parametrize(
    "options", [{}, {"aggregation": "weighted-sum", "objects": 12}], ids=["sum", "weighted"]
)
@pytest.mark.parametrize("injection", [0, 1, 2])
def test_autocast_is_as_close_as_the_plain_formula_in_bfloat16(injection, options):
    torch.manual_seed(0)
    layer = PairwiseRelations(8, 16, (64, 64), injection, **options)
    objects, question = torch.randn(3, 12, 8), torch.randn(3, 16)
    exact = layer(objects, question)
    arguments = (objects, question, *layer.parameters_of(2), injection, None, layer.pair_weights)
    with torch.autocast("cpu", torch.bfloat16):
        ours, plain = pairwise_relations(*arguments), pairwise_relations_plain(*arguments)
    assert ours.dtype == torch.float32
    assert (ours - exact).norm() <= 1.1 * (plain.float() - exact).norm() + 1e-6
    ours.sum().backward()
    assert all(torch.isfinite(one.grad).all() for one in layer.parameters())


@pytest.mark.parametrize(("widths", "injection"), [((), 0), ((4,), 2), ((4,), -1)])
def test_impossible_layers_are_refused(widths, injection):
    with pytest.raises(ModelError, match="injection layer from 0"):
        PairwiseRelations(3, 2, widths, injection)


def test_pair_weights_belong_to_places_and_a_network_may_start_from_the_plain_sum():
    plain, ones, (objects, question) = build(2, 0), build(2, 0, **WEIGHTED, pair_weights="ones"), inputs()
    ones.load_state_dict(plain.state_dict(), strict=False)
    assert torch.allclose(ones(objects, question, MASK), plain(objects, question, MASK))
    with torch.no_grad():
        ones.pair_weights[:] = 0
        ones.pair_weights[2, 1] = -3
    pair = plain.states(objects, question)[:, 2, 1]
    assert torch.allclose(ones(objects, question), -3 * pair)
    assert torch.allclose(ones(objects, question, MASK), -3 * pair * (MASK[:, 2] & MASK[:, 1])[:, None])


def test_published_pair_weights_are_drawn_between_minus_one_and_one():
    layer = PairwiseRelations(3, 2, (5,), aggregation="weighted-sum", objects=64)
    weights = layer.pair_weights.detach()
    assert weights.shape == (64, 64)
    assert weights.abs().max() <= 1
    assert abs(weights.mean()) < 0.05
    assert weights.std().item() == pytest.approx(3**-0.5, rel=0.05)


def test_more_objects_than_weights_are_refused_and_fewer_are_not():
    layer, (objects, question) = build(1, 0, aggregation="weighted-sum", objects=3), inputs()
    with pytest.raises(ModelError, match=r"there are 4 objects .* weights for the pairs of 3"):
        layer(objects, question)
    assert layer(objects[:, :2], question).shape == (5, 5)


@pytest.mark.parametrize("options", [{"aggregation": "weighted-sum"}, {"aggregation": "sum", "objects": 4}])
def test_a_weighted_sum_and_nothing_else_needs_the_number_of_objects(options):
    with pytest.raises(ModelError, match="a weighted sum, and nothing else"):
        build(1, 0, **options)


def test_cuda_agrees_with_the_cpu():
    if not torch.cuda.is_available():
        pytest.skip("no GPU")
    layer, (objects, question) = build(4, 2), inputs()
    expected = layer(objects, question, MASK)
    found = layer.cuda()(objects.cuda(), question.cuda(), MASK.cuda())
    assert torch.allclose(found.cpu(), expected)
