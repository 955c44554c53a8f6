"""Reading a question: word embeddings and an LSTM, or a bag of words.

Shape legend: B questions, T words of the longest, L words as read, E word size, Q state size, V words that occur.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from visreason.errors import ModelError
from visreason.nn.table_reader import TableReader

Cell = Literal["lstm", "gru"]

RECURRENT: dict[Cell, type[nn.LSTM] | type[nn.GRU]] = {"lstm": nn.LSTM, "gru": nn.GRU}
"""A recurrent network by the name of its cell."""


class TextEncoder(nn.Module):
    """An LSTM over a question's words, and its last state: tokens `[B, T]`, lengths `[B]` to `[B, Q]`.

    ```
    e_t = Embedding(token_t);   h_t, c_t = LSTM(e_t, h_{t-1}, c_{t-1});   q = h_length
    ```

    Every question is read to its own length, so its encoding does not depend on the other questions of the batch.

    Args:
        vocabulary_size: the number of words; index 0 is padding and has a row of its own.
        word_size: E.
        hidden: Q.
        reverse: read from the last word to the first, as the published Relation Networks do.
        pad_to: read at least this many tokens: a shorter question is padded on the right with 0 and the row,
            padding included, then reversed. Old checkpoints were trained so, and lose 6 % without it. None:
            no padding.
        layers: how many LSTMs, each reading the states of the one before; h is the last one's.
        dropout: the share of states dropped between the layers in training.
        cell: `"gru"` has no c_t and a quarter fewer weights.

    Example:
        >>> encoder = TextEncoder(vocabulary_size=9, word_size=4, hidden=6)
        >>> encoder(torch.tensor([[3, 1, 2], [4, 5, 0]]), torch.tensor([3, 2])).shape
        torch.Size([2, 6])
    """

    def __init__(
        self,
        vocabulary_size: int,
        word_size: int,
        hidden: int,
        *,
        reverse: bool = True,
        pad_to: int | None = None,
        layers: int = 1,
        dropout: float = 0.0,
        cell: Cell = "lstm",
    ) -> None:
        super().__init__()
        self.reverse = reverse
        self.pad_to = pad_to
        self.embedding = nn.Embedding(vocabulary_size + 1, word_size)
        # called lstm whatever the cell: so it is named in model files
        self.lstm = RECURRENT[cell](word_size, hidden, layers, batch_first=True, dropout=dropout)

    def forward(self, tokens_BT: Tensor, lengths_B: Tensor) -> Tensor:
        """The state after the last token read, `[B, Q]`.

        Raises:
            ModelError: a question without a word.
        """
        states_BLQ, read_B = self.states(tokens_BT, lengths_B)
        return states_BLQ[torch.arange(len(read_B), device=read_B.device), read_B - 1]

    def states(self, tokens_BT: Tensor, lengths_B: Tensor) -> tuple[Tensor, Tensor]:
        """The state after every token in the order they are read, `[B, L, Q]`, and how many are read, `[B]`.

        States beyond a question's own length are of padding and mean nothing.

        Raises:
            ModelError: a question without a word.
        """
        read_B = lengths_B.clamp_min(self.pad_to or 0)
        if int(read_B.min()) < 1:
            raise ModelError("a question has no words. Give every question at least one.")
        tokens_BL = order_tokens(tokens_BT, read_B, reverse=self.reverse)
        if isinstance(self.lstm, nn.GRU) and tokens_BL.device.type == "cpu" and not torch.is_grad_enabled():
            return self._read_packed(tokens_BL, read_B), read_B
        return read_words(self.lstm, self.embedding, tokens_BL), read_B

    def _read_packed(self, tokens_BL: Tensor, read_B: Tensor) -> Tensor:
        """The state after every token, and 0 after the last: for LSTMs and for training this is slower."""
        packed = pack_padded_sequence(tokens_BL, read_B, batch_first=True, enforce_sorted=False)
        states, _ = self.lstm(packed._replace(data=self.embedding(packed.data)))
        return pad_packed_sequence(states, batch_first=True)[0]


class BagEncoder(nn.Module):
    """The mean of a question's word embeddings: tokens `[B, T]`, lengths `[B]` to `[B, E]`. Word order is
    lost.

    ```
    q = 1/length sum_t Embedding(token_t)
    ```
    """

    def __init__(self, vocabulary_size: int, word_size: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size + 1, word_size, padding_idx=0)

    def forward(self, tokens_BT: Tensor, lengths_B: Tensor) -> Tensor:
        """The mean embedding, `[B, E]`; zero for a question without words."""
        total_BE: Tensor = self.embedding(tokens_BT).sum(dim=1)
        return total_BE / lengths_B.clamp_min(1)[:, None]


def read_words(network: nn.LSTM | nn.GRU, embedding: nn.Embedding, tokens_BL: Tensor) -> Tensor:
    """The state after every token, `[B, L, Q]`: those of `network(embedding(tokens))`, every word multiplied once.

    Args:
        network: of any number of layers, reading in one direction, batch first.
        embedding: of words.
        tokens_BL: its rows.
    """
    words_V, place_BL = torch.unique(tokens_BL, return_inverse=True)
    return TableReader(network, [embedding(words_V)]).read([place_BL])[0]


def order_tokens(tokens_BT: Tensor, read_B: Tensor, *, reverse: bool) -> Tensor:
    """Tokens in the order they are read, `[B, L]` with L the largest of `read_B`.

    Row b is padded on the right with 0 to `read_B[b]` tokens; with `reverse` those are turned round, so that
    padding comes first and the question's first word last.

    Example:
        >>> order_tokens(torch.tensor([[3, 1, 2], [4, 5, 0]]), torch.tensor([4, 2]), reverse=True)
        tensor([[0, 2, 1, 3],
                [5, 4, 0, 0]])
    """
    longest = int(read_B.max())
    tokens_BL = nn.functional.pad(tokens_BT, (0, max(0, longest - tokens_BT.shape[1])))[:, :longest]
    if not reverse:
        return tokens_BL
    place_BL = read_B[:, None] - 1 - torch.arange(longest, device=tokens_BT.device)
    return tokens_BL.gather(1, place_BL.clamp_min(0)).masked_fill(place_BL < 0, 0)
