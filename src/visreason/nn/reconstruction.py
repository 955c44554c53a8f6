"""Tells a question again from the plan that was made of it, so that the plan has to hold what the question says.

An option of Hu et al. (ECCV 2018) that none of its published configurations switches on.

Shape legend: B questions, W words, T steps, M modules, E control size, V words of the vocabulary, H hidden size.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from visreason.nn.controller import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconstructionConfig:
    """How a question is told again; the defaults are those of Hu et al. (ECCV 2018).

    Attributes:
        hidden: H, of both LSTMs.
        reads: of every step of the plan, the scores of its "modules", the "control" that says which words it is about,
            or "both".
    """

    hidden: int = 512
    reads: Literal["both", "modules", "control"] = "both"


class QuestionReconstructor(nn.Module):
    """One LSTM reads a plan step by step; another goes on from its last state and tells the question word by word.

    ```
    s = LSTM([logits_1 | c_1], ..., [logits_T | c_T]);     scores_w = W LSTM(e_{w-1}; s) + b
    ```

    Words are numbered as in `Batch.tokens`; 0 stands before the first word, and for the end after the last.

    Args:
        config: how.
        vocabulary_size: V.
        word_size: of a word's embedding e.
        modules: M.
        control: E.

    Example:
        >>> from visreason.nn.controller import TextController
        >>> tokens, lengths = torch.tensor([[1, 2, 3], [4, 5, 0]]), torch.tensor([3, 2])
        >>> plan = TextController(9, word_size=4, hidden=6, steps=3, modules=5)(tokens, lengths)
        >>> again = QuestionReconstructor(ReconstructionConfig(hidden=8), 9, word_size=4, modules=5, control=4)
        >>> again(plan, tokens).shape
        torch.Size([2, 4, 10])
    """

    def __init__(
        self, config: ReconstructionConfig, vocabulary_size: int, word_size: int, modules: int, control: int
    ) -> None:
        super().__init__()
        self.reads = config.reads
        width = {"both": modules + control, "modules": modules, "control": control}[config.reads]
        self.reader = nn.LSTM(width, config.hidden, batch_first=True)
        self.embedding = nn.Embedding(vocabulary_size + 1, word_size)
        self.teller = nn.LSTM(word_size, config.hidden, batch_first=True)
        self.score = nn.Linear(config.hidden, vocabulary_size + 1)

    def forward(self, plan: Plan, tokens_BW: Tensor) -> Tensor:
        """Scores of every next word and of the end, given the true words before it, `[B, W + 1, V + 1]`."""
        steps = [plan.logits_BTM] if self.reads != "control" else []
        steps += [plan.control_BTE] if self.reads != "modules" else []
        _, state = self.reader(torch.cat(steps, dim=2))
        told_BWH, _ = self.teller(self.embedding(functional.pad(tokens_BW, (1, 0))), state)
        scores_BWV: Tensor = self.score(told_BWH)
        return scores_BWV


def reconstruction_loss(scores_BWV: Tensor, tokens_BW: Tensor, lengths_B: Tensor) -> Tensor:
    """The mean cross entropy of every word and of the end, over all questions.

    Args:
        scores_BWV: of `QuestionReconstructor`, one place more than there are words.
        tokens_BW: the question's words, padded on the right with 0.
        lengths_B: how many words each question has.

    Example:
        >>> sure = torch.tensor([[[0.0, 99, 0], [99, 0, 0], [0, 0, 99]]])
        >>> reconstruction_loss(sure, torch.tensor([[1, 0]]), torch.tensor([1])).item()
        0.0
    """
    next_BW = functional.pad(tokens_BW, (0, 1))
    counts_BW = torch.arange(next_BW.shape[1], device=lengths_B.device) <= lengths_B[:, None]
    return functional.cross_entropy(scores_BWV[counts_BW], next_BW[counts_BW])
