"""Attention word by word over a whole batch, with its gradient written out.

Shape legend: B questions (the longest first), T words, N cells, D numbers a cell and of a state, K hidden size.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from visreason.nn.attention import CellAttention


def attend_by_words(
    attention: CellAttention,
    values_BND: Tensor,
    keys_BNK: Tensor,
    states_BTD: Tensor,
    words_B: Tensor,
    *,
    residual: bool,
) -> tuple[Tensor, Tensor]:
    """The state after every question's last word, `[B, D]`, and where each word looked, `[B, T, N]`.

    ```
    u_0 = 0;   q_t = u_{t-1} + h_t;   u_t = attention(v, q_t) [+ q_t where residual],   t = 1 ... words
    ```

    A word takes one step of all questions that still have words; those that have ended cost nothing. The gradient
    equals autograd's. It is written out because what autograd would keep and add up for every word, `[B, N, K]`, is
    nearly all of the work: here the hidden layer is made again in the backward pass, and its gradient goes straight
    into one sum. That layer is made as `tanh(x) = 2 sigmoid(2 x) - 1`, because PyTorch's sigmoid on CPUs is six times
    as fast; a softmax does not see the constant.

    Args:
        attention: the one hop's weights.
        values_BND: v.
        keys_BNK: `attention.keys(v)`.
        states_BTD: h.
        words_B: how many words each question has, at least 1.
        residual: add to what is attended what was asked.

    Example:
        >>> attention, values = CellAttention(8, 8, 16), torch.randn(2, 9, 8)
        >>> states, words = torch.randn(2, 5, 8), torch.tensor([3, 5])
        >>> last, maps = attend_by_words(attention, values, attention.keys(values), states, words, residual=False)
        >>> last.shape, maps.shape, bool((maps[0, 3:] == 0).all())
        (torch.Size([2, 8]), torch.Size([2, 5, 9]), True)
    """
    order_B = words_B.argsort(descending=True, stable=True)
    longest = int(words_B.max())
    left = (words_B[:, None] > torch.arange(longest, device=words_B.device)).sum(dim=0).tolist()
    query, weight = attention.query, attention.weight
    with torch.autocast(values_BND.device.type, enabled=False):
        exact = [
            one[order_B].to(query.weight.dtype) for one in (values_BND, keys_BNK, states_BTD[:, :longest])
        ]
        state_BD, maps_BTN = _Words.apply(  # type: ignore[no-untyped-call]
            *exact, query.weight, query.bias, weight.weight, weight.bias, left, residual
        )
    back_B = order_B.argsort()
    return state_BD[back_B], maps_BTN[back_B]


class _Words(torch.autograd.Function):
    """The recurrence. The scores' bias plays no part: a softmax does not see it, and its gradient is 0."""

    @staticmethod
    def forward(
        ctx: Any,
        values_BND: Tensor,
        keys_BNK: Tensor,
        states_BTD: Tensor,
        query_KD: Tensor,
        bias_K: Tensor,
        weight_1K: Tensor,
        shift_1: Tensor,
        left: Sequence[int],
        residual: bool,
    ) -> tuple[Tensor, Tensor]:
        """Walk the words; only the maps and what was asked are kept."""
        asked_BTD = torch.zeros_like(states_BTD)
        maps_BTN = values_BND.new_zeros(*states_BTD.shape[:2], values_BND.shape[1])
        state_BD, twice_BNK = torch.zeros_like(states_BTD[:, 0]), 2 * keys_BNK
        scratch_BNK = torch.empty_like(
            twice_BNK
        )  # fresh memory for every word would take longer than the arithmetic
        for word, going in enumerate(left):
            query_GD = state_BD[:going] + states_BTD[:going, word]
            half_GNK = _half(twice_BNK, query_GD, query_KD, bias_K, scratch_BNK)
            weights_GN = (half_GNK @ (2 * weight_1K[0])).softmax(dim=1)
            attended_GD = torch.bmm(weights_GN[:, None], values_BND[:going]).squeeze(1)
            state_BD[:going] = attended_GD + query_GD if residual else attended_GD
            asked_BTD[:going, word], maps_BTN[:going, word] = query_GD, weights_GN
        ctx.save_for_backward(values_BND, twice_BNK, query_KD, bias_K, weight_1K, asked_BTD, maps_BTN)
        ctx.left, ctx.residual = left, residual
        ctx.mark_non_differentiable(maps_BTN)
        return state_BD, maps_BTN

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor | None, ...]:
        """Walk back; the hidden layer is made again, and values and queries get their share in one product each."""
        values_BND, twice_BNK, query_KD, bias_K, weight_1K, asked_BTD, maps_BTN = ctx.saved_tensors
        to_state_BD = slopes[0].clone()
        to_keys_BNK, to_weight_K = torch.zeros_like(twice_BNK), torch.zeros_like(weight_1K[0])
        to_hop_BTD, to_query_BTK = (
            torch.zeros_like(asked_BTD),
            asked_BTD.new_zeros(*asked_BTD.shape[:2], len(bias_K)),
        )
        to_states_BTD, scratch_BNK = torch.zeros_like(asked_BTD), torch.empty_like(twice_BNK)
        for word in range(len(ctx.left) - 1, -1, -1):
            going = ctx.left[word]
            slope_GD, weights_GN = to_state_BD[:going], maps_BTN[:going, word]
            to_hop_BTD[:going, word] = slope_GD
            to_weights_GN = torch.bmm(values_BND[:going], slope_GD[:, :, None]).squeeze(2)
            to_scores_GN = weights_GN * (
                to_weights_GN - (weights_GN * to_weights_GN).sum(dim=1, keepdim=True)
            )
            half_GNK = _half(twice_BNK, asked_BTD[:going, word], query_KD, bias_K, scratch_BNK)
            to_weight_K += 2 * torch.bmm(to_scores_GN[:, None], half_GNK).sum(dim=(0, 1))
            bend_GNK = half_GNK.addcmul_(half_GNK, half_GNK, value=-1).mul_(
                4 * weight_1K[0]
            )  # w (1 - tanh^2)
            to_keys_BNK[:going].addcmul_(bend_GNK, to_scores_GN[:, :, None])
            to_query_GK = torch.bmm(to_scores_GN[:, None], bend_GNK).squeeze(1)
            to_query_BTK[:going, word] = to_query_GK
            to_asked_GD = to_query_GK @ query_KD
            if ctx.residual:
                to_asked_GD += slope_GD
            to_states_BTD[:going, word] = to_asked_GD
            to_state_BD[:going] = to_asked_GD
        to_values_BND = torch.bmm(maps_BTN.transpose(1, 2), to_hop_BTD)
        to_query_KD = to_query_BTK.flatten(0, 1).T @ asked_BTD.flatten(0, 1)
        to_bias_K = to_query_BTK.sum(dim=(0, 1))
        return (
            to_values_BND,
            to_keys_BNK,
            to_states_BTD,
            to_query_KD,
            to_bias_K,
            to_weight_K[None],
            to_weight_K.new_zeros(1),
            None,
            None,
        )


def _half(
    twice_BNK: Tensor, query_GD: Tensor, query_KD: Tensor, bias_K: Tensor, scratch_BNK: Tensor
) -> Tensor:
    """`sigmoid(2 (keys + W_u query + b_u))`, half of one more than the hidden layer, from `2 keys`."""
    going = len(query_GD)
    asked_GK = torch.addmm(bias_K, query_GD, query_KD.T, beta=2, alpha=2)
    return torch.add(twice_BNK[:going], asked_GK[:, None], out=scratch_BNK[:going]).sigmoid_()
