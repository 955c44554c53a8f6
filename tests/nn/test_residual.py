import pytest
import torch
from torch.nn import functional

from visreason.nn.residual import JoiningBlock, ResidualBlock


@pytest.mark.parametrize("residual", [True, False])
@pytest.mark.parametrize("batch_norm", [True, False])
def test_follows_the_formula(residual, batch_norm):
    torch.manual_seed(0)
    block = ResidualBlock(4, batch_norm=batch_norm, residual=residual).eval()
    x = torch.randn(3, 4, 5, 6)
    scale = 1 / (1 + 1e-5) ** 0.5 if batch_norm else 1.0  # fresh running statistics: mean 0, variance 1
    inner = functional.conv2d(x, block.conv1.weight, block.conv1.bias, padding=1) * scale
    outer = functional.conv2d(inner.relu(), block.conv2.weight, block.conv2.bias, padding=1) * scale
    torch.testing.assert_close(block(x), (outer + x if residual else outer).relu())


def test_context_joins_what_the_first_convolution_sees():
    torch.manual_seed(0)
    block = ResidualBlock(4, context=True)
    x, whole = torch.randn(3, 4, 5, 6), torch.randn(3, 4)
    torch.testing.assert_close(block(x, whole), block(x, 0 * whole))  # at first nothing is told
    torch.nn.init.normal_(block.context.weight)
    told = (whole @ block.context.weight.T)[:, :, None, None]
    expected = (x + block.conv2((block.conv1(x) + told).relu())).relu()
    torch.testing.assert_close(block(x, whole), expected)


@pytest.mark.parametrize("joining", ["1x1", "3x3"])
def test_two_inputs_are_joined_in_order(joining):
    torch.manual_seed(0)
    block = JoiningBlock(4, joining=joining, residual=False)
    x, y = torch.randn(2, 3, 4, 5, 6).unbind()
    padding = 0 if joining == "1x1" else 1
    joined = functional.conv2d(torch.cat([x, y], 1), block.join.weight, block.join.bias, padding=padding)
    torch.testing.assert_close(block(x, y), block.block(joined.relu()))
    assert not torch.allclose(block(x, y), block(y, x))
    assert not block.block.residual
