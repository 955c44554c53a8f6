"""Re-weighting and losses against the reference's numbers and hand-made ones."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from visreason.nn.region_losses import example_weights, region_loss


@pytest.mark.parametrize("case", [0, 1, 2, 3])
def test_weights_equal_the_references(shared, case):
    file = np.load(shared / "fixtures/iter_reweight.npz")
    scores = torch.from_numpy(file[f"{case}_prob"]).log()
    labels = torch.from_numpy(file[f"{case}_labels"]).long()
    found = example_weights(scores, labels, float(file[f"{case}_beta"]))
    torch.testing.assert_close(found, torch.from_numpy(file[f"{case}_weights"]), rtol=1e-12, atol=1e-12)


@pytest.fixture
def scores():
    return torch.randn(5, 6, 4, generator=torch.Generator().manual_seed(0), dtype=torch.double)


LABELS = torch.tensor([1, 3, 2, 1, 3, 2])


def test_the_loss_weighs_each_region_by_the_error_before(scores):
    """Two iterations of a local and a global module, by hand."""
    scores = scores.float()
    loss = region_loss(scores, scores[4], (None, 0, 0, 1, 2), LABELS)

    def weighted(now, before):
        right = scores[before].softmax(1)[torch.arange(6), LABELS]
        weights = torch.tensor([max(1 - one, 0.5) for one in right.tolist()])
        return sum(
            float(weight / weights.sum()) * cross_entropy(scores[now][n : n + 1], LABELS[n : n + 1])
            for n, weight in enumerate(weights)
        )

    expected = (weighted(1, 0) + weighted(2, 0) + weighted(3, 1) + weighted(4, 2)) / 2
    torch.testing.assert_close(loss.memory, expected)
    torch.testing.assert_close(loss.image, cross_entropy(scores[0], LABELS))
    torch.testing.assert_close(loss.final, cross_entropy(scores[4], LABELS))
    torch.testing.assert_close(loss.total, loss.image + loss.memory + loss.final)


def test_re_weighting_changes_the_loss_and_beta_one_is_the_mean(scores):
    scores = 5 * scores[:2].float()
    weighted, plain = (region_loss(scores, scores[1], (None, 0), LABELS, beta=beta) for beta in (0.5, 1.0))
    torch.testing.assert_close(plain.memory, cross_entropy(scores[1], LABELS))
    assert abs(weighted.memory - plain.memory) > 0.01


def test_weights_of_the_parts(scores):
    scores = scores[:2].float()
    loss = region_loss(scores, scores[1], (None, 0), LABELS, memory_weight=2, final_weight=0.5)
    torch.testing.assert_close(loss.total, loss.image + 2 * loss.memory + 0.5 * loss.final)


def test_regions_without_a_known_class_do_not_count(scores):
    scores, known = scores.float(), torch.tensor([0, 1, 3, 4, 5])
    labels = LABELS.clone()
    labels[2] = 0
    previous = (None, 0, 0, 1, 2)
    found = region_loss(scores, scores[4], previous, labels)
    expected = region_loss(scores[:, known], scores[4][known], previous, LABELS[known])
    torch.testing.assert_close(torch.stack(found), torch.stack(expected))


def test_nothing_known_is_no_loss_and_can_be_differentiated(scores):
    scores = scores.float().requires_grad_()
    loss = region_loss(scores, scores[4], (None, 0, 0, 1, 2), torch.zeros(6, dtype=torch.long))
    loss.total.backward()
    assert loss.total.item() == 0
    assert not scores.grad.any()


def test_no_gradient_reaches_the_weights(scores):
    scores = scores[:2].float().requires_grad_()
    region_loss(scores, scores[1].detach(), (None, 0), LABELS, final_weight=0).memory.backward()
    assert not scores.grad[0].any()
    assert scores.grad[1].any()
