"""The text controller of a Stack Neural Module Network as it is written down: step by step, word by word.

What `visreason.nn.controller` must equal, in outputs and gradients; tests and `visreason bench snmn-step` compare.
Hu et al. (ECCV 2018), section 3.2.

Shape legend: as in `visreason.nn.controller`.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from visreason.nn.controller import BothWays, Plan, TextController


class PlainTextController(TextController):
    """`TextController` by the book."""

    def forward(self, tokens_BW: Tensor, lengths_B: Tensor) -> Plan:
        """The plan of every question.

        ```
        q_t = W_t q + b_t;     u_t = W [c_{t-1} | q_t] + b;     a_t = softmax over words of  v . (u_t * h_w) + b
        c_t = sum_w a_t,w e_w  (or h_w);     weights_t = softmax(scores of u_t)
        ```
        """
        words_BWE, states_BWH, question_BH = self.encoder(tokens_BW, lengths_B)
        outside_BW = torch.arange(words_BWE.shape[1], device=lengths_B.device) >= lengths_B[:, None]
        of_steps = zip(
            self.by_step.weight.chunk(self.steps), self.by_step.bias.chunk(self.steps), strict=True
        )
        about_BWE = words_BWE if self.about == "embeddings" else states_BWH
        control_BE, logits, control, attention = self.start.expand(len(question_BH), -1), [], [], []
        for weight_HH, bias_H in of_steps:
            asked_BH = functional.linear(question_BH, weight_HH, bias_H)
            inner_BH = self.join(torch.cat([control_BE, asked_BH], dim=1))
            scores_BW = self.attend(inner_BH[:, None] * states_BWH).squeeze(2)
            attention.append(self._weights(scores_BW, outside_BW))
            control_BE = (attention[-1][:, :, None] * about_BWE).sum(dim=1)
            control.append(control_BE)
            logits.append(self.score(inner_BH))
        logits_BTM, control_BTE, attention_BTW = (
            torch.stack(each, dim=1) for each in (logits, control, attention)
        )
        return Plan(control_BTE, logits_BTM, self._run_how_far(logits_BTM), attention_BTW, question_BH)


class PackedBothWays(BothWays):
    """The question's encoder as one LSTM that reads both ways, over packed questions."""

    def forward(self, tokens_BW: Tensor, lengths_B: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Embeddings `[B, W, word]`, states `[B, W, H]` and last states `[B, H]`."""
        one_way = self.forwards
        lstm = nn.LSTM(one_way.input_size, one_way.hidden_size, batch_first=True, bidirectional=True)
        for ending, part in (("", self.forwards), ("_reverse", self.backwards)):
            for name, weight in part.named_parameters():
                setattr(lstm, name + ending, weight)
        words_BWE = self.embedding(tokens_BW[:, : int(lengths_B.max())])
        packed = pack_padded_sequence(words_BWE, lengths_B, batch_first=True, enforce_sorted=False)
        states, (last_2Bh, _) = lstm(packed)
        states_BWH, _ = pad_packed_sequence(states, batch_first=True)
        return words_BWE, states_BWH, torch.cat([last_2Bh[0], last_2Bh[1]], dim=1)
