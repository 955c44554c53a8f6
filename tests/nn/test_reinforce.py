import itertools
import math

import numpy as np
import pytest
import torch

from visreason.errors import ModelError
from visreason.nn.reinforce import (
    credit_length,
    function_diversity,
    moving_baseline,
    policy_loss,
    step_exploration,
    surprise,
)


@pytest.mark.parametrize("kind", ["reward", "penalty"])
def test_losses_and_gradients_of_the_reference(shared, kind):
    with np.load(shared / "fixtures" / "mmnet_reinforce_HEAD.npz") as file:
        given = {name: torch.tensor(file[name]) for name in file if name != "meta_json"}
    policy_BP, diversity_B, exploration_B = (
        given[name].requires_grad_() for name in ("policy", "entropy_a", "entropy_b")
    )
    counted_BP = torch.arange(30) < given["lengths"][:, None]
    reward_B = credit_length(given["centred_reward"], given["lengths"], given["lengths"] < 30)
    penalty = {"penalty_B": given["centred_penalty"], "balance": "attached"} if kind == "penalty" else {}
    loss = policy_loss(
        surprise(torch.where(counted_BP, policy_BP, 1.0).log(), counted_BP),
        reward_B,
        diversity_B,
        exploration_B,
        **penalty,
    )
    loss.backward()
    exact = {"rtol": 1e-9, "atol": 1e-12}
    torch.testing.assert_close(loss.detach(), given[f"{kind}_loss"], **exact)
    torch.testing.assert_close(policy_BP.grad, given[f"{kind}_grad_policy"], **exact)
    torch.testing.assert_close(diversity_B.grad, given[f"{kind}_grad_entropy_a"], **exact)
    torch.testing.assert_close(exploration_B.grad, given[f"{kind}_grad_entropy_b"], **exact)


@pytest.fixture
def policy():
    """Scores of three symbols at each of two steps."""
    return torch.tensor([[0.3, -0.5, 0.1], [0.9, 0.2, -1.0]], dtype=torch.float64, requires_grad=True)


def reward_of(first: int, second: int) -> float:
    return float(first == 2) + 0.5 * second - float(first == second)


def test_the_expected_loss_has_the_exact_policy_gradient(policy):
    """Summed over all nine programs, each as likely as it is, -dL is the gradient of the expected reward."""
    programs_BP = torch.tensor(list(itertools.product(range(3), repeat=2)))
    rewards_B = torch.tensor([reward_of(*row) for row in programs_BP.tolist()], dtype=torch.float64)
    log_BP = policy.log_softmax(1)[torch.arange(2), programs_BP]
    chances_B = log_BP.sum(1).exp()
    (exact,) = torch.autograd.grad((chances_B * rewards_B).sum(), policy, retain_graph=True)
    for baseline in (0.0, 0.7):  # which changes the noise and not the mean
        loss = 9 * policy_loss(
            surprise(log_BP, torch.ones(9, 2, dtype=torch.bool)),
            chances_B.detach() * (rewards_B - baseline),
        )
        (estimate,) = torch.autograd.grad(loss, policy, retain_graph=True)
        torch.testing.assert_close(-estimate, exact)


def test_one_programs_gradient_by_hand(policy):
    log_BP = policy.log_softmax(1)[torch.arange(2), torch.tensor([[2, 0]])]
    policy_loss(surprise(log_BP, torch.tensor([[True, True]])), torch.tensor([0.4])).backward()
    taken = torch.tensor([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
    by_hand = 0.4 * (policy.detach().softmax(1) - taken)  # r (p - [taken])
    torch.testing.assert_close(policy.grad, by_hand)
    assert policy.grad[0, 2] < 0


def test_symbols_that_do_not_count_get_no_gradient(policy):
    log_BP = policy.log_softmax(1)[torch.arange(2), torch.tensor([[2, 0]])]
    policy_loss(surprise(log_BP, torch.tensor([[True, False]])), torch.tensor([1.0])).backward()
    assert policy.grad[0].abs().sum() > 0
    assert policy.grad[1].abs().sum() == 0


def test_below_the_floor_there_is_no_gradient():
    chance = torch.tensor([[1e-9, 0.5]], requires_grad=True)
    found = surprise(chance.log(), torch.tensor([[True, True]]))
    assert found.item() == pytest.approx(6 * math.log(10) + math.log(2))
    found.sum().backward()
    assert chance.grad.tolist() == [[0.0, -2.0]]


def test_the_baseline_follows_the_mean_reward():
    baseline = torch.tensor(0.0)
    for _ in range(60):
        baseline = moving_baseline(baseline, torch.tensor([1.0, 0.0, 1.0, 1.0], requires_grad=True))
    assert baseline.item() == pytest.approx(0.75 * (1 - 0.9**60))
    assert not baseline.requires_grad
    assert moving_baseline(torch.tensor(0.0), torch.tensor([1.0]), decay=0.99).item() == pytest.approx(0.01)


def test_diversity_is_of_the_mean_and_exploration_the_mean_of():
    sure_BPV = torch.eye(3)[None]
    counted_BP = torch.tensor([[True, True, True]])
    assert function_diversity(sure_BPV, counted_BP).item() == pytest.approx(math.log(3))
    assert function_diversity(sure_BPV, torch.tensor([[True, True, False]])).item() == pytest.approx(
        math.log(2)
    )
    assert step_exploration(torch.zeros(1, 3), counted_BP).item() == 0.0
    assert step_exploration(torch.ones(1, 3), counted_BP).item() == pytest.approx(3 / 4)


def test_entropies_have_gradients_also_where_a_symbol_is_impossible():
    scores = torch.tensor([[[0.0, 1.0, -1e4]]], requires_grad=True)
    function_diversity(scores.softmax(2), torch.tensor([[True]])).sum().backward()
    assert torch.isfinite(scores.grad).all()
    assert scores.grad.abs().sum() > 0


def test_only_an_attached_balance_has_a_gradient_of_its_own():
    found = {}
    for balance in ("detached", "attached"):
        odds_B = torch.tensor([2.0, 3.0], requires_grad=True)
        loss = policy_loss(
            odds_B,
            torch.tensor([0.5, -0.5]),
            torch.tensor([1.0, 2.0]),
            penalty_B=torch.tensor([0.2, 0.3]),
            balance=balance,
        )
        loss.backward()
        found[balance] = loss.item(), odds_B.grad.tolist()
    assert found["detached"][0] == pytest.approx(found["attached"][0])
    assert found["detached"][1] == pytest.approx([0.5 * (0.5 + 0.02), 0.5 * (-0.5 + 0.03)])
    assert found["attached"][1] != pytest.approx(found["detached"][1])


def test_a_balance_needs_both_sides():
    with pytest.raises(ModelError, match="give both"):
        policy_loss(torch.ones(1), torch.ones(1), torch.ones(1), balance="detached")
