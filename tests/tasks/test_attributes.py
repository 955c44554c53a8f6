import pytest
import torch

from visreason.errors import DataError
from visreason.nn.batch import Batch
from visreason.tasks.attributes import AttributeTally


def batch(attributes: torch.Tensor | None, count: int) -> Batch:
    nothing = torch.zeros(count, 0, dtype=torch.long)
    return Batch(tokens=nothing, lengths=nothing.sum(1), attributes=attributes)


def test_a_perfect_ranking_has_average_precision_one_whatever_the_batches() -> None:
    truth = (torch.rand(12, 15, generator=torch.Generator().manual_seed(0)) > 0.5).float()
    tally = AttributeTally()
    for rows in truth.split(5):
        tally.add(batch(rows, len(rows)), rows * 4 - 2)
    assert tally.metrics()["average_precision"] == 1.0
    expected = torch.nn.functional.multilabel_soft_margin_loss(truth * 4 - 2, truth).item()
    assert tally.metrics()["loss"] == pytest.approx(expected)


def test_images_without_scenes_cannot_be_measured() -> None:
    with pytest.raises(DataError, match="no scenes"):
        AttributeTally().add(batch(None, 2), torch.zeros(2, 15))
