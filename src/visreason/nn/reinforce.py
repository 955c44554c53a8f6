"""Policy gradients for programs: what an answer that cannot be differentiated tells the generator.

REINFORCE (Williams, "Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning", 1992)
with a moving baseline, as in Johnson et al., "Inferring and Executing Programs for Visual Reasoning" (2017), and with
the terms that VisualReasoning_MMnet adds: credit for ending a program and for short ones, a second reward that grows
with the right answer's probability, and two entropies. Pure functions of what `Decoded` holds.

Shape legend: B questions, P symbols of the longest program, V symbols there are.
"""

import math
from typing import Literal

import torch
from torch import Tensor

from visreason.errors import ModelError

FLOOR = 1e-6
"""A symbol's probability counts as at least this: below it there is no gradient."""


def moving_baseline(baseline: Tensor, rewards_B: Tensor, decay: float = 0.9) -> Tensor:
    """What reward to expect: `b <- decay b + (1 - decay) mean(r)`, a scalar without gradient.

    Both references update first and subtract then: the centred reward is `r - moving_baseline(b, r)`.

    Args:
        baseline: the one before; zero to begin with.
        rewards_B: of this step.
        decay: 0.9 in clevr-iep and VisualReasoning_MMnet, 0.99 in Johnson et al. (2017).

    Example:
        >>> moving_baseline(torch.tensor(0.5), torch.tensor([1.0, 0.0, 1.0, 1.0]))
        tensor(0.5250)
    """
    return decay * baseline + (1 - decay) * rewards_B.detach().mean()


def surprise(log_probability_BP: Tensor, counted_BP: Tensor) -> Tensor:
    """`S = - sum_t log max(p_t, 1e-6)`, how unlikely each program was, `[B]`; its slope is the policy gradient's.

    Args:
        log_probability_BP: of the symbols that were written (`Decoded.log_probability`).
        counted_BP: bool, the symbols that count: `Decoded.used`, those on which the answer depends, or
            `Decoded.steps`, all of them, which adds noise but no signal.

    Example:
        >>> chances = torch.tensor([[0.5, 0.25, 0.5]])
        >>> round(surprise(chances.log(), torch.tensor([[True, True, False]])).item(), 4)
        2.0794
    """
    return -(log_probability_BP.clamp_min(math.log(FLOOR)) * counted_BP).sum(dim=1)


def credit_length(
    reward_B: Tensor, lengths_B: Tensor, ended_B: Tensor, *, bonus: float = 0.2, discount: float = 0.99
) -> Tensor:
    """`(r + bonus [ended]) discount^length`: a program that ends is worth more, a long one less; `[B]`.

    Args:
        reward_B: already centred.
        lengths_B: Long, the symbols of each program.
        ended_B: bool, whether it ended before it had to.
        bonus: for ending.
        discount: for every symbol.

    Example:
        >>> lengths, ended = torch.tensor([2, 3]), torch.tensor([True, False])
        >>> credit_length(torch.tensor([1.0, 1.0]), lengths, ended, discount=0.5)
        tensor([0.3000, 0.1250])
    """
    return (reward_B + bonus * ended_B.to(reward_B.dtype)) * discount ** lengths_B.to(reward_B.dtype)


def function_diversity(distributions_BPV: Tensor, counted_BP: Tensor) -> Tensor:
    """The entropy of the mean over steps of the step distributions, `[B]`: how many functions a program draws on.

    ```
    H_a = H(1/T sum_t p_t)
    ```

    Example:
        >>> alternate = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
        >>> round(function_diversity(alternate, torch.tensor([[True, True]])).item(), 4)
        0.6931
    """
    counted_BP1 = counted_BP[..., None]
    mean_BV = (distributions_BPV * counted_BP1).sum(dim=1) / counted_BP1.sum(dim=1).clamp_min(1)
    entropy_BV: Tensor = torch.special.entr(mean_BV.clamp_min(torch.finfo(mean_BV.dtype).tiny))
    return entropy_BV.sum(dim=1)


def step_exploration(entropy_BP: Tensor, counted_BP: Tensor) -> Tensor:
    """`H_b = sum_t H(p_t) / (T + 1)`, `[B]`: how open each step was.

    Example:
        >>> step_exploration(torch.tensor([[0.6, 0.3, 9.0]]), torch.tensor([[True, True, False]]))
        tensor([0.3000])
    """
    return (entropy_BP * counted_BP).sum(dim=1) / (counted_BP.sum(dim=1) + 1)


def policy_loss(
    surprise_B: Tensor,
    reward_B: Tensor,
    diversity_B: Tensor | None = None,
    exploration_B: Tensor | None = None,
    *,
    penalty_B: Tensor | None = None,
    penalty_weight: float = 0.1,
    diversity_weight: float = 1.0,
    exploration_weight: float = 0.01,
    balance: Literal["fixed", "detached", "attached"] = "fixed",
) -> Tensor:
    """The loss whose gradient is the policy's: the mean over questions of

    ```
    S r + w_p S q - beta H_a - w_e H_b
    ```

    with S the surprise, r the reward, q the penalty, H_a the diversity and H_b the exploration. Of these only S, H_a
    and H_b have gradients. VisualReasoning_MMnet's mode `hard` has r from `credit_length`, beta 1 and no q; its
    `hard+penalty` has q and beta = H_a / (S q).

    Args:
        surprise_B: of each program.
        reward_B: centred, such as `[answer right] - baseline`.
        diversity_B: None leaves the term out.
        exploration_B: None leaves the term out.
        penalty_B: centred log-probability of the right answer, a reward without steps; None leaves the term out.
        penalty_weight: w_p.
        diversity_weight: beta, where the balance is fixed.
        exploration_weight: w_e.
        balance: `"detached"`: beta = H_a / (S q), a number; `"attached"`, as published: the same with a gradient of
            its own. Both change sign with q and grow without bound where q is near 0.

    Raises:
        ModelError: a balance between diversity and penalty, of which one is missing.

    Example:
        >>> policy_loss(torch.tensor([2.0, 3.0]), torch.tensor([1.0, -1.0]))
        tensor(-0.5000)
    """
    if balance != "fixed" and (penalty_B is None or diversity_B is None):
        raise ModelError(
            f"the balance '{balance}' is between diversity and penalty; give both, or the balance 'fixed'."
        )
    loss_B = surprise_B * reward_B.detach()
    if penalty_B is not None:
        loss_B = loss_B + penalty_weight * surprise_B * penalty_B.detach()
    if diversity_B is not None:
        beta_B: float | Tensor = diversity_weight
        if balance != "fixed":
            assert penalty_B is not None
            beta_B = diversity_B / (surprise_B * penalty_B.detach())
            beta_B = beta_B.detach() if balance == "detached" else beta_B
        loss_B = loss_B - beta_B * diversity_B
    if exploration_B is not None:
        loss_B = loss_B - exploration_weight * exploration_B
    return loss_B.mean()
