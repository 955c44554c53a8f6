"""Rewards, baselines and the loss they make, against the formula written out."""

import pytest
import torch
from torch import Tensor

from visreason.models import Output
from visreason.models.reasoner import Reasoned
from visreason.nn.batch import Batch
from visreason.nn.decoding import Decoded
from visreason.nn.functions import END
from visreason.tasks.modules import policy as module
from visreason.tasks.modules.policy import Policy
from visreason.tasks.recipes.task_kinds import ReasoningTask

TASK = ReasoningTask(train="both", temperature=1.0, baseline_decay=0.9, diversity=0.0, exploration=0.0)
BATCH = Batch(tokens=torch.ones(2, 1), lengths=torch.ones(2), answers=torch.tensor([1, 0]))
NOTHING = torch.zeros(2)


@pytest.fixture
def reasoned() -> Reasoned:
    """Two questions answered by `count(scene)`, the first rightly."""
    symbols_BP = torch.tensor([[4, 5, END], [4, 5, END]])
    logits_BPV = torch.randn(2, 3, 6, generator=torch.Generator().manual_seed(0), requires_grad=True)
    arities_V = torch.tensor([1, 1, 1, 1, 1, 0])
    decoded = Decoded(symbols_BP, symbols_BP > 0, arities_V, logits_BPV, logits_BPV)
    return Reasoned(Output(torch.tensor([[0.0, 1.0], [0.0, 1.0]])), decoded)


def surprises(reasoned: Reasoned) -> Tensor:
    """`-sum log p` of the two functions that are executed, `[B]`; END decides nothing."""
    log_BPV = reasoned.decoded.logits.log_softmax(dim=2)
    return -(log_BPV[:, 0, 4] + log_BPV[:, 1, 5])


def test_the_loss_is_the_surprise_times_what_was_better_than_expected(reasoned: Reasoned) -> None:
    policy = Policy(TASK)
    loss, figures = policy.loss(reasoned, NOTHING, BATCH, longest=3, ranks=1)
    baseline = 0.1 * 0.5
    expected = (surprises(reasoned) * torch.tensor([1 - baseline, 0 - baseline])).mean()
    torch.testing.assert_close(loss, expected)
    assert figures["reward"] == 0.5
    assert policy.state() == pytest.approx({"reward": baseline, "penalty": 0.0})


def test_a_checkpoints_baseline_is_taken_up(reasoned: Reasoned) -> None:
    first, second = Policy(TASK), Policy(TASK)
    first.loss(reasoned, NOTHING, BATCH, longest=3, ranks=1)
    second.load_state(first.state())
    losses = [one.loss(reasoned, NOTHING, BATCH, longest=3, ranks=1)[0] for one in (first, second)]
    torch.testing.assert_close(*losses)
    assert second.state()["reward"] == pytest.approx(0.9 * 0.05 + 0.1 * 0.5)


def test_all_processes_expect_the_same(reasoned: Reasoned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        module, "gather_lists", lambda ranks, means: ([*means, 1.0],)
    )  # the other is always right
    policy = Policy(TASK)
    policy.loss(reasoned, NOTHING, BATCH, longest=3, ranks=2)
    assert policy.state()["reward"] == pytest.approx(0.1 * 0.75)
