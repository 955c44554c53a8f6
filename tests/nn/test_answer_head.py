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


def test_dropout_acts_in_training_only():
    head = AnswerHead(4, (64,), answers=3, dropout=0.5)
    inputs = torch.randn(2, 4)
    assert not torch.equal(head(inputs), head(inputs))
    assert torch.equal(head.eval()(inputs), head(inputs))
