import pytest
import torch
from torch.nn import functional

from visreason.nn.residual import ResidualBlock


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
