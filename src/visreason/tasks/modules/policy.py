"""What rewards teach a generator while it trains: REINFORCE with moving baselines that a checkpoint keeps.

Shape legend: B questions.
"""

from collections.abc import Mapping
from statistics import fmean

import torch
from torch import Tensor

from visreason.models.reasoner import Reasoned
from visreason.nn.batch import Batch
from visreason.nn.reinforce import (
    credit_length,
    function_diversity,
    moving_baseline,
    policy_loss,
    step_exploration,
    surprise,
)
from visreason.tasks.gather import gather_lists
from visreason.tasks.recipes.task_kinds import Balance, EndToEndTask, ReasoningTask


class Policy:
    """Rewards against what was to be expected, and the loss they make.

    ```
    r = [answer right];   b <- decay b + (1 - decay) mean(r);   loss = mean(S (r - b)) - entropies
    ```

    with S the surprise of a program, of the symbols alone that the answer depends on. The terms that the task leaves
    out (weight 0, or a task without them) are not computed. See `visreason.nn.reinforce`.

    Args:
        task: how strongly each term counts.
    """

    def __init__(self, task: ReasoningTask | EndToEndTask) -> None:
        self.task = task
        self.expected = {"reward": 0.0, "penalty": 0.0}

    def loss(
        self, reasoned: Reasoned, losses_B: Tensor, batch: Batch, longest: int, ranks: int
    ) -> tuple[Tensor, dict[str, float]]:
        """The policy's loss for a batch, and what is written down of it.

        Args:
            reasoned: sampled programs and the answers they gave.
            losses_B: cross entropy of the true answers.
            batch: with answers.
            longest: the symbols that programs could have.
            ranks: how many processes train together; all expect the same.
        """
        assert batch.answers is not None
        task, decoded = self.task, reasoned.decoded
        right_B = (reasoned.output.logits.argmax(dim=1) == batch.answers).float()
        reward_B = right_B - self._expect("reward", right_B, ranks)
        balance: Balance = "fixed"
        penalty_B, penalty_weight = None, 0.0
        if isinstance(task, EndToEndTask):
            lengths_B = decoded.steps.sum(dim=1)
            reward_B = credit_length(
                reward_B, lengths_B, lengths_B < longest, bonus=task.end_bonus, discount=task.discount
            )
            if task.decoder == "hard+penalty":
                likely_B = -losses_B.detach()
                penalty_B = likely_B - self._expect("penalty", likely_B, ranks)
                balance, penalty_weight = task.balance, task.penalty
        diverse = task.diversity > 0 or balance != "fixed"
        counted_BP = decoded.used
        loss = policy_loss(
            surprise(decoded.log_probability, counted_BP),
            reward_B,
            function_diversity(decoded.distributions, counted_BP) if diverse else None,
            step_exploration(decoded.entropy, counted_BP) if task.exploration else None,
            penalty_B=penalty_B,
            penalty_weight=penalty_weight,
            diversity_weight=task.diversity,
            exploration_weight=task.exploration,
            balance=balance,
        )
        entropy = decoded.entropy.detach().sum() / decoded.steps.sum()
        figures = {
            "policy_loss": float(loss.detach()),
            "reward": float(right_B.mean()),
            "entropy": float(entropy),
        }
        return loss, figures

    def state(self) -> dict[str, float]:
        """The moving baselines, for a checkpoint."""
        return dict(self.expected)

    def load_state(self, state: Mapping[str, float]) -> None:
        """Take up the moving baselines of a checkpoint."""
        self.expected |= state

    def _expect(self, name: str, values_B: Tensor, ranks: int) -> float:
        """Move a baseline towards the mean of all processes, and return it."""
        (means,) = gather_lists(ranks, [float(values_B.mean())])
        before, mean = torch.tensor(self.expected[name], dtype=torch.float64), torch.tensor([fmean(means)])
        self.expected[name] = float(moving_baseline(before, mean.double(), self.task.baseline_decay))
        return self.expected[name]
