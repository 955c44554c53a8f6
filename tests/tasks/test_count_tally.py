import numpy as np
import pytest
import torch

from visreason.models import Output
from visreason.nn.batch import Batch
from visreason.tasks.count_tally import CountTally, explained_variance, poisson_loss


def batch(true: torch.Tensor) -> Batch:
    nothing = torch.zeros(len(true), 1, dtype=torch.long)
    return Batch(tokens=nothing, lengths=nothing[:, 0], attributes=true)


def numbers() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    true = torch.randint(0, 6, (7, 465), generator=generator).float()
    return true, true + torch.rand(7, 465, generator=generator)


def test_the_loss_is_lowest_at_the_true_counts_and_values_weigh_as_much_as_relations() -> None:
    true, counts = numbers()
    counts.requires_grad_()
    expected = counts - true * counts.log()
    found = poisson_loss(counts, true)
    torch.testing.assert_close(found, expected[:, :15].mean(1) + expected[:, 15:].mean(1))
    at_truth = (true + 1).requires_grad_()
    poisson_loss(at_truth, true + 1).sum().backward()
    assert at_truth.grad is not None
    assert at_truth.grad.abs().max() < 1e-6


def test_figures_do_not_depend_on_the_batches() -> None:
    true, counts = numbers()
    whole, parts = CountTally(), CountTally()
    whole.add(batch(true), Output(counts))
    for rows in (slice(0, 3), slice(3, 7)):
        parts.add(batch(true[rows]), Output(counts[rows]))
    assert parts.metrics() == pytest.approx(whole.metrics())
    figures = whole.metrics()
    assert figures["explained_variance"] == explained_variance(
        true[:, 15:].double().numpy(), counts[:, 15:].double().numpy()
    )
    assert figures["explained_variance_of_values"] < 1
    assert figures["loss"] == pytest.approx(poisson_loss(counts, true).mean().item())


def test_explained_variance() -> None:
    true = np.random.default_rng(0).normal(size=(50, 3))
    assert explained_variance(true, true) == 1
    assert explained_variance(true, np.tile(true.mean(0), (50, 1))) == pytest.approx(0)
    assert explained_variance(true, -true) < 0
