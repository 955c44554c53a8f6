"""The loss of what a model of regions says is that of its own predictions, labels and settings."""

import pytest
import torch

from visreason.models.region_output import RegionOutput, RegionTrace
from visreason.nn.region_losses import region_loss

LABELS = torch.tensor([1, 0, 3, 2])


@pytest.fixture
def output():
    numbers = torch.Generator().manual_seed(0)
    predictions = 3 * torch.randn(3, 4, 5, generator=numbers)
    logits = torch.randn(4, 5, generator=numbers)
    names = ("backbone", "local 1", "local 2")
    return RegionOutput(logits, predictions, names, (None, 0, 1), torch.full((4, 3), 1 / 3))


@pytest.mark.parametrize(
    "settings",
    [{}, {"beta": 1.0}, {"memory_weight": 0.0}, {"memory_weight": 3.0, "final_weight": 0.5}],
    ids=str,
)
def test_every_setting_reaches_the_loss(output, settings):
    found = output.loss(LABELS, **settings)
    expected = region_loss(output.predictions, output.logits, (None, 0, 1), LABELS, **settings)
    torch.testing.assert_close(torch.stack(found), torch.stack(expected))
    assert settings == {} or found.total != output.loss(LABELS).total


def test_each_iteration_is_weighed_by_the_one_it_followed(output):
    other = RegionOutput(output.logits, output.predictions, output.names, (None, 0, 0), output.attention)
    assert other.loss(LABELS).memory != output.loss(LABELS).memory


def test_nothing_is_traced_unless_it_is_told():
    trace = RegionTrace()
    assert [getattr(trace, name) for name in RegionTrace.__slots__] == [None] * 7
