"""One hop of attention over the cells of an image.

Shape legend: B questions, N cells, D numbers a cell, Q question size, K hidden size.
"""

import torch
from torch import Tensor, nn

from visreason.nn.dense import Dense


class CellAttention(nn.Module):
    """Which cells a query is about, and what is there: values `[B, N, D]`, query `[B, Q]` to `[B, D]`.

    ```
    h = tanh(W_v v + b_v (+) W_u u + b_u);   p = softmax_N(w . h + b);   attended = sum_N p v
    ```

    From Yang et al., "Stacked Attention Networks for Image Question Answering" (2016). `keys` is the part that the
    query has no share in: computed once an image, it serves every hop of the same weights and every question.

    Args:
        size: D.
        query: Q.
        hidden: K.

    Example:
        >>> attention = CellAttention(size=8, query=6, hidden=16)
        >>> values = torch.randn(2, 9, 8)
        >>> attended, weights = attention(values, attention.keys(values), torch.randn(2, 6))
        >>> attended.shape, weights.shape
        (torch.Size([2, 8]), torch.Size([2, 9]))
    """

    def __init__(self, size: int, query: int, hidden: int) -> None:
        super().__init__()
        self.value = Dense(size, hidden)
        self.query = nn.Linear(query, hidden)
        self.weight = nn.Linear(hidden, 1)

    def keys(self, values_BND: Tensor) -> Tensor:
        """`W_v v + b_v`, `[B, N, K]`."""
        keys_BNK: Tensor = self.value(values_BND)
        return keys_BNK

    def forward(self, values_BND: Tensor, keys_BNK: Tensor, query_BQ: Tensor) -> tuple[Tensor, Tensor]:
        """What is attended to, `[B, D]`, and with which weights, `[B, N]`."""
        hidden_BNK = torch.tanh(keys_BNK + self.query(query_BQ)[:, None])
        weights_BN: Tensor = self.weight(hidden_BNK).squeeze(2).softmax(dim=1)
        return torch.bmm(weights_BN[:, None], values_BND).squeeze(1), weights_BN
