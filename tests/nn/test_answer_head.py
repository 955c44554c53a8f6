import pytest
import torch

from visreason.nn.answer_head import AnswerHead


@pytest.mark.parametrize("batch_norm", [True, False])
@pytest.mark.parametrize("widths", [(), (5,), (5, 6)])
def test_slope_is_the_gradient_and_the_head_is_linear_along_it(widths, batch_norm):
    torch.manual_seed(0)
    head = AnswerHead(4, widths, answers=3, dropout=0.5, batch_norm=batch_norm).double()
    for _ in range(3):
        head(
            torch.randn(20, 4).double() * 3 + 1
        )  # so that the running statistics are not those of a fresh layer
    head.eval()
    inputs = torch.randn(6, 4, dtype=torch.float64, requires_grad=True)
    direction = torch.randn(6, 3, dtype=torch.float64)
    (expected,) = torch.autograd.grad((head(inputs) * direction).sum(), inputs)
    assert torch.allclose(head.slope(inputs, direction), expected)
    with torch.inference_mode():
        assert torch.allclose(head.slope(inputs, direction), expected)


@pytest.mark.parametrize("batch_norm", [True, False])
@pytest.mark.parametrize(("widths", "joins"), [((), 0), ((5,), 0), ((5, 6), 1), ((5, 6), 2)])
def test_a_second_input_joins_what_one_layer_reads(widths, joins, batch_norm):
    torch.manual_seed(0)
    head = AnswerHead(4, widths, answers=3, batch_norm=batch_norm, joined=2, joins_at=joins).double().eval()
    inputs = torch.randn(6, 4, dtype=torch.float64, requires_grad=True)
    other = torch.randn(6, 2, dtype=torch.float64, requires_grad=True)
    layers, state = [*head.hidden, head.scores], inputs
    for place, linear in enumerate(layers):
        state = head.norms[place](state) if batch_norm else state
        state = torch.relu(state) if place else state
        state = linear(torch.cat([state, other], 1) if place == joins else state)
    scores = head(inputs, other)
    assert torch.allclose(scores, state)
    direction = torch.randn(6, 3, dtype=torch.float64)
    expected, by_other = torch.autograd.grad((scores * direction).sum(), (inputs, other))
    assert torch.allclose(head.slope(inputs, direction, other), expected)
    assert by_other.abs().sum() > 0


def test_dropout_acts_in_training_only():
    head = AnswerHead(4, (64,), answers=3, dropout=0.5)
    inputs = torch.randn(2, 4)
    assert not torch.equal(head(inputs), head(inputs))
    assert torch.equal(head.eval()(inputs), head(inputs))
