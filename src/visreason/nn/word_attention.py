"""Attention word by word over a whole batch, with its gradient written out.

Shape legend: B questions (the longest first), I images, T words, N cells, D numbers a cell and of a state, K hidden
size.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from visreason.nn.attention import CellAttention

_REACH = 40
"""How large an exponent may be for products of exponentials to be exact, whatever the other."""


def attend_by_words(
    attention: CellAttention,
    values_IND: Tensor,
    keys_INK: Tensor,
    states_BTD: Tensor,
    rows_B: Tensor,
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
    into one sum.

    Args:
        attention: the one hop's weights.
        values_IND: v.
        keys_INK: `attention.keys(v)`.
        states_BTD: h.
        rows_B: which image each question is about.
        words_B: how many words each question has, at least 1.
        residual: add to what is attended what was asked.

    Example:
        >>> attention, values = CellAttention(8, 8, 16), torch.randn(2, 9, 8)
        >>> states, rows, words = torch.randn(2, 5, 8), torch.arange(2), torch.tensor([3, 5])
        >>> last, maps = attend_by_words(
        ...     attention, values, attention.keys(values), states, rows, words, residual=False
        ... )
        >>> last.shape, maps.shape, bool((maps[0, 3:] == 0).all())
        (torch.Size([2, 8]), torch.Size([2, 5, 9]), True)
    """
    order_B = words_B.argsort(descending=True, stable=True)
    longest = int(words_B.max())
    left = (words_B[:, None] > torch.arange(longest, device=words_B.device)).sum(dim=0).tolist()
    query, weight = attention.query, attention.weight
    with torch.autocast(values_IND.device.type, enabled=False):
        exact = [one.to(query.weight.dtype) for one in (values_IND, keys_INK, states_BTD[:, :longest])]
        weights = (query.weight, query.bias, weight.weight, weight.bias)
        state_BD, maps_BTN = _Words.apply(  # type: ignore[no-untyped-call]
            *exact, *weights, order_B, rows_B[order_B], left, residual
        )
    return state_BD, maps_BTN


class _Words(torch.autograd.Function):
    """The recurrence, over questions in the order `order_B`, of which at every word the first `left` go on.

    The scores' bias plays no part: a softmax does not see it, and its gradient is 0.
    """

    @staticmethod
    def forward(
        ctx: Any,
        values_IND: Tensor,
        keys_INK: Tensor,
        states_BTD: Tensor,
        query_KD: Tensor,
        bias_K: Tensor,
        weight_1K: Tensor,
        shift_1: Tensor,
        order_B: Tensor,
        rows_B: Tensor,
        left: Sequence[int],
        residual: bool,
    ) -> tuple[Tensor, Tensor]:
        """Walk the words; only the maps, the queries and the hidden layer's share of them are kept."""
        values_BND, states_BTD = values_IND[rows_B], states_BTD[order_B]
        hidden = _Hidden(keys_INK, rows_B, query_KD, bias_K)
        asked_BTD = torch.zeros_like(states_BTD)
        maps_BTN = values_BND.new_zeros(*states_BTD.shape[:2], values_BND.shape[1])
        shares_BTK = values_BND.new_empty(*states_BTD.shape[:2], len(bias_K))
        state_BD, twice_K = torch.zeros_like(states_BTD[:, 0]), 2 * weight_1K[0]
        for word, going in enumerate(left):
            query_GD = state_BD[:going] + states_BTD[:going, word]
            share_GK = hidden.share(query_GD)
            weights_GN = (hidden.half(share_GK) @ twice_K).softmax(dim=1)
            attended_GD = torch.bmm(weights_GN[:, None], values_BND[:going]).squeeze(1)
            state_BD[:going] = attended_GD + query_GD if residual else attended_GD
            asked_BTD[:going, word], maps_BTN[:going, word] = query_GD, weights_GN
            shares_BTK[:going, word] = share_GK
        back_B = order_B.argsort()
        ctx.save_for_backward(
            values_BND, query_KD, weight_1K, asked_BTD, shares_BTK, maps_BTN, order_B, back_B, rows_B
        )
        ctx.hidden, ctx.left, ctx.residual, ctx.images = hidden, left, residual, len(values_IND)
        state_BD, maps_BTN = state_BD[back_B], maps_BTN[back_B]
        ctx.mark_non_differentiable(maps_BTN)
        return state_BD, maps_BTN

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor | None, ...]:
        """Walk back; the hidden layer is made again, and values and queries get their share in one product each."""
        (values_BND, query_KD, weight_1K, asked_BTD, shares_BTK, maps_BTN, order_B, back_B, rows_B) = (
            ctx.saved_tensors
        )
        hidden, steep_K = ctx.hidden, 4 * weight_1K[0]
        to_state_BD, to_half_K = slopes[0][order_B], torch.zeros_like(steep_K)
        to_keys_BNK = values_BND.new_zeros(*values_BND.shape[:2], len(steep_K))
        to_hop_BTD, to_states_BTD = torch.zeros_like(asked_BTD), torch.zeros_like(asked_BTD)
        to_query_BTK = asked_BTD.new_zeros(*asked_BTD.shape[:2], len(steep_K))
        for word in range(len(ctx.left) - 1, -1, -1):
            going = ctx.left[word]
            slope_GD, weights_GN = to_state_BD[:going], maps_BTN[:going, word]
            to_hop_BTD[:going, word] = slope_GD
            to_weights_GN = torch.bmm(values_BND[:going], slope_GD[:, None].transpose(1, 2)).squeeze(2)
            to_scores_GN = weights_GN * (
                to_weights_GN - (weights_GN * to_weights_GN).sum(dim=1, keepdim=True)
            )
            half_GNK = hidden.half(shares_BTK[:going, word])
            to_half_K += to_scores_GN.flatten() @ half_GNK.flatten(0, 1)
            bend_GNK = half_GNK.addcmul_(half_GNK, half_GNK, value=-1)  # (1 - tanh^2) / 4
            to_keys_BNK[:going].addcmul_(bend_GNK, to_scores_GN[:, :, None])
            to_query_GK = torch.bmm(to_scores_GN[:, None], bend_GNK).squeeze(1).mul_(steep_K)
            to_query_BTK[:going, word] = to_query_GK
            to_asked_GD = to_query_GK @ query_KD
            if ctx.residual:
                to_asked_GD += slope_GD
            to_states_BTD[:going, word] = to_asked_GD
            to_state_BD[:going] = to_asked_GD
        return (
            _to_images(torch.bmm(maps_BTN.transpose(1, 2), to_hop_BTD), rows_B, ctx.images),
            _to_images(to_keys_BNK, rows_B, ctx.images).mul_(steep_K),
            to_states_BTD[back_B],
            to_query_BTK.flatten(0, 1).T @ asked_BTD.flatten(0, 1),
            to_query_BTK.sum(dim=(0, 1)),
            2 * to_half_K[None],
            to_half_K.new_zeros(1),
            None,
            None,
            None,
            None,
        )


def _to_images(slopes_BNK: Tensor, rows_B: Tensor, images: int) -> Tensor:
    """The sums over all questions about an image, `[I, N, K]`."""
    return slopes_BNK.new_zeros(images, *slopes_BNK.shape[1:]).index_add_(0, rows_B, slopes_BNK)


class _Hidden:
    """Half of one more than the hidden layer, `(1 + tanh(keys + W_u query + b_u)) / 2`, for any query.

    ```
    half = sigmoid(2 x) = cell / (cell + share),   cell = exp(2 (key - middle)),
                                                   share = exp(-2 (W_u query + b_u + middle))
    ```

    where a unit's `middle` is its keys' mean in an image. `cell` does not depend on the query and is made once, so that
    no word takes an exponential of all cells. It stays between `exp(-_REACH)` and `exp(_REACH)`: where `share` leaves
    the numbers there are, the half is 0 or 1 to rounding. Where a key lies farther from its middle than that, every
    word takes the sigmoid instead.

    Args:
        keys_INK: of all cells of all images.
        rows_B: which image each question is about.
        query_KD: W_u.
        bias_K: b_u.
    """

    def __init__(self, keys_INK: Tensor, rows_B: Tensor, query_KD: Tensor, bias_K: Tensor) -> None:
        self.query_KD = query_KD
        middle_I1K = keys_INK.mean(dim=1, keepdim=True)
        cells_INK = (keys_INK - middle_I1K).mul_(2)
        low, high = cells_INK.aminmax()
        self.by_factors = bool(torch.maximum(-low, high) < _REACH)
        if self.by_factors:
            cells_INK.exp_()
        self.cells_BNK = cells_INK[rows_B]
        self.offset_BK = middle_I1K[rows_B, 0] + bias_K
        # fresh memory for every word would take longer than the arithmetic
        self.scratch_BNK = torch.empty_like(self.cells_BNK)

    def share(self, query_GD: Tensor) -> Tensor:
        """The queries' share in the layer for the first G questions, `[G, K]`, or its logarithm."""
        share_GK = torch.addmm(self.offset_BK[: len(query_GD)], query_GD, self.query_KD.T).mul_(-2)
        return share_GK.exp_() if self.by_factors else share_GK

    def half(self, share_GK: Tensor) -> Tensor:
        """The layer for the first G questions, `[G, N, K]`, in memory that the next call writes over."""
        going, share_G1K = len(share_GK), share_GK[:, None]
        cells_GNK, out_GNK = self.cells_BNK[:going], self.scratch_BNK[:going]
        if self.by_factors:
            return torch.div(cells_GNK, torch.add(cells_GNK, share_G1K, out=out_GNK), out=out_GNK)
        return torch.sub(cells_GNK, share_G1K, out=out_GNK).sigmoid_()
