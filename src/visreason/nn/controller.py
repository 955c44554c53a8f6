"""The text half of a Stack Neural Module Network: what to do at every step, and which words it is about.

It reads the question only, never what the modules find, so that all its steps can be taken beforehand. From Hu et al.
(ECCV 2018), after the control unit of Hudson and Manning, "Compositional Attention Networks" (ICLR 2018).

Shape legend: B questions, W words, T steps, E control size, H state size (both directions of the LSTM), M modules.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from visreason.errors import ModelError
from visreason.nn.dense import Dense, dense
from visreason.nn.knowledge import Knowledge
from visreason.nn.text import order_tokens, read_words


@dataclass(frozen=True, slots=True)
class Plan:
    """What the controller decides.

    Attributes:
        control_BTE: what every step is about.
        logits_BTM: scores of the modules at every step.
        weights_BTM: how far each module is to run, summing to 1; the stack has not had its say yet.
        attention_BTW: which words every step is about, summing to 1.
        question_BH: the whole question.
    """

    control_BTE: Tensor
    logits_BTM: Tensor
    weights_BTM: Tensor
    attention_BTW: Tensor
    question_BH: Tensor


class BothWays(nn.Module):
    """An LSTM in reading order and one against it: tokens `[B, W]` to states `[B, W, H]` and last states `[B, H]`.

    Every question is turned round within its own length, so that two plain LSTMs do what packing would, faster.

    Args:
        vocabulary_size: the number of words; index 0 is padding.
        word_size: of a word's embedding.
        hidden: H, half of it each way.
    """

    def __init__(self, vocabulary_size: int, word_size: int, hidden: int) -> None:
        super().__init__()
        if hidden % 2:
            raise ModelError(f"the states of two LSTMs are {hidden} numbers; give an even number.")
        self.embedding = nn.Embedding(vocabulary_size + 1, word_size)
        self.forwards = nn.LSTM(word_size, hidden // 2, batch_first=True)
        self.backwards = nn.LSTM(word_size, hidden // 2, batch_first=True)

    def forward(self, tokens_BW: Tensor, lengths_B: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Embeddings `[B, W, word]`, states `[B, W, H]` and last states `[B, H]`; padding's mean nothing.

        Raises:
            ModelError: a question without a word.
        """
        if int(lengths_B.min()) < 1:
            raise ModelError("a question has no words. Give every question at least one.")
        tokens_BW = tokens_BW[:, : int(lengths_B.max())]
        words_BWE = self.embedding(tokens_BW)
        ahead_BWh = read_words(self.forwards, self.embedding, tokens_BW)
        turned_BW = order_tokens(tokens_BW, lengths_B, reverse=True)
        turned_BWh = read_words(self.backwards, self.embedding, turned_BW)
        place_BW = lengths_B[:, None] - 1 - torch.arange(tokens_BW.shape[1], device=tokens_BW.device)
        back_BWh = turned_BWh.gather(1, place_BW.clamp_min(0)[:, :, None].expand_as(turned_BWh))
        rows_B, last_B = torch.arange(len(lengths_B), device=lengths_B.device), lengths_B - 1
        last_BH = torch.cat([ahead_BWh[rows_B, last_B], turned_BWh[rows_B, last_B]], dim=1)
        return words_BWE, torch.cat([ahead_BWh, back_BWh], dim=2), last_BH


class TextController(nn.Module):
    """Plans a soft program from a question.

    ```
    q_t = W_t q + b_t;     u_t = W [c_{t-1} | q_t] + b
    a_t = softmax over words of  v . (u_t * h_w) + b;     c_t = sum_w a_t,w e_w  (or h_w)
    weights_t = softmax(MLP(u_t))  (or of a linear layer without bias)
    ```

    Args:
        vocabulary_size: the number of words.
        word_size: of an embedding e.
        hidden: H, size of states h and of u.
        steps: T.
        modules: M.
        about: what a step's control c is made of: the words' "embeddings", or the LSTM's "states".
        scores: "mlp", or "linear".
        bias: of the last layer of the MLP.
        normalise: the words' weights sum to 1; without it padding takes a share that is lost.
        gumbel: in training add Gumbel noise to the modules' scores and divide by this temperature; None does not.
        hard: outside training run one module a step, the likeliest.

    Example:
        >>> controller = TextController(9, word_size=4, hidden=6, steps=3, modules=5)
        >>> plan = controller(torch.tensor([[1, 2, 3], [4, 5, 0]]), torch.tensor([3, 2]))
        >>> plan.control_BTE.shape, plan.weights_BTM.shape, plan.attention_BTW[1, 0, 2].item()
        (torch.Size([2, 3, 4]), torch.Size([2, 3, 5]), 0.0)
    """

    def __init__(
        self,
        vocabulary_size: int,
        word_size: int,
        hidden: int,
        steps: int,
        modules: int,
        *,
        about: Literal["embeddings", "states"] = "embeddings",
        scores: Literal["mlp", "linear"] = "mlp",
        bias: bool = True,
        normalise: bool = True,
        gumbel: float | None = None,
        hard: bool = False,
    ) -> None:
        super().__init__()
        self.steps, self.about, self.normalise, self.gumbel, self.hard = steps, about, normalise, gumbel, hard
        self.control_size = word_size if about == "embeddings" else hidden
        self.encoder = BothWays(vocabulary_size, word_size, hidden)
        self.start = nn.Parameter(torch.randn(self.control_size) / hidden**0.5)
        self.by_step = Dense(hidden, steps * hidden)
        self.join = nn.Linear(self.control_size + hidden, hidden)
        self.attend = nn.Linear(hidden, 1)
        self.score: nn.Module = (
            nn.Linear(hidden, modules, bias=False)
            if scores == "linear"
            else nn.Sequential(Dense(hidden, hidden), nn.ELU(), nn.Linear(hidden, modules, bias=bias))
        )

    def forward(self, tokens_BW: Tensor, lengths_B: Tensor) -> Plan:
        """The plan of every question.

        Raises:
            ModelError: a question without a word.
        """
        words_BWE, states_BWH, question_BH = self.encoder(tokens_BW, lengths_B)
        outside_BW = torch.arange(words_BWE.shape[1], device=lengths_B.device) >= lengths_B[:, None]
        with torch.autocast(tokens_BW.device.type, enabled=False):
            kind = self.attend.weight.dtype
            inner_BTH, control_BTE, attention_BTW = self._walk(
                question_BH.to(kind), states_BWH.to(kind), words_BWE.to(kind), outside_BW
            )
        logits_BTM: Tensor = self.score(inner_BTH)
        return Plan(control_BTE, logits_BTM, self._run_how_far(logits_BTM), attention_BTW, question_BH)

    def _walk(
        self, question_BH: Tensor, states_BWH: Tensor, words_BWE: Tensor, outside_BW: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Every step's u, `[B, T, H]`, control, `[B, T, E]`, and words' weights, `[B, T, W]`."""
        by_step_BTH = self.by_step(question_BH).view(len(question_BH), self.steps, -1)
        sizes = [self.control_size, self.join.out_features]
        of_control_HE, of_question_HH = torch.split(self.join.weight, sizes, dim=1)
        asked_BTH = dense(by_step_BTH, of_question_HH, self.join.bias)
        joined, states = Knowledge(of_control_HE[None]), Knowledge(states_BWH)
        about = Knowledge(words_BWE) if self.about == "embeddings" else states
        control_BE = self.start.expand(len(question_BH), -1)
        inner, control, attention = [], [], []
        for asked_BH in asked_BTH.unbind(dim=1):
            inner_BH = asked_BH + joined.dot(control_BE[None])[0]
            scores_BW = states.dot((inner_BH * self.attend.weight)[:, None]).squeeze(1) + self.attend.bias
            attention_BW = self._weights(scores_BW, outside_BW)
            control_BE = about.attend(attention_BW[:, None]).squeeze(1)
            inner.append(inner_BH)
            control.append(control_BE)
            attention.append(attention_BW)
        return torch.stack(inner, dim=1), torch.stack(control, dim=1), torch.stack(attention, dim=1)

    def _weights(self, scores_BW: Tensor, outside_BW: Tensor) -> Tensor:
        """The words' weights; padding has none."""
        if self.normalise:
            return scores_BW.masked_fill(outside_BW, float("-inf")).softmax(dim=1)
        return scores_BW.softmax(dim=1).masked_fill(outside_BW, 0)

    def _run_how_far(self, logits_BTM: Tensor) -> Tensor:
        """How far each module is to run."""
        if self.hard and not self.training:
            hard_BTM = functional.one_hot(logits_BTM.argmax(dim=2), logits_BTM.shape[2])
            return hard_BTM.to(logits_BTM.dtype)
        if self.gumbel is None or not self.training:
            return logits_BTM.softmax(dim=2)
        noise_BTM = -torch.empty_like(logits_BTM).exponential_().clamp_min(1e-20).log()
        return ((logits_BTM + noise_BTM) / self.gumbel).softmax(dim=2)
