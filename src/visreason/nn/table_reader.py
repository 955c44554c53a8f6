"""Recurrent networks that read rows of tables: each is multiplied with their weights once, however often it is read.

A batch of questions has a few dozen different words, and a program generator's every step reads one of a few dozen
symbols beside one of the questions. So what multiplies an input becomes a column of a small table.

Shape legend: B sequences, L inputs of each, V rows of a table, E numbers of a row, Q state size, G gates' size, Y
layers.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

State = Tensor | tuple[Tensor, Tensor]
"""Of a recurrent network: h of a GRU, (h, c) of an LSTM."""


class TableReader:
    """A recurrent network whose every input is joined from one row of each of some tables.

    ```
    x = [X_1[i] | X_2[j] | ...];     W x = [W_1 X_1^T | W_2 X_2^T | ...] [onehot(i) | onehot(j) | ...]
    ```

    On a CPU, and where the tables have fewer rows than an input has numbers, the products `W_k X_k^T` are made once and
    the network reads one-hot rows; everywhere else it reads x itself.

    Args:
        network: of any number of layers, reading in one direction, batch first.
        tables: `[V, E]` each; their widths make up what the network reads.

    Example:
        >>> network, words, places = nn.GRU(7, 3, batch_first=True), torch.randn(3, 4), torch.randn(2, 3)
        >>> reader, rows = TableReader(network, [words, places]), [torch.tensor([[0, 2]]), torch.tensor([[1, 1]])]
        >>> plain, _ = network(torch.cat([words[rows[0]], places[rows[1]]], dim=2))
        >>> torch.allclose(reader.read(rows)[0], plain, atol=1e-6)
        True
    """

    def __init__(self, network: nn.LSTM | nn.GRU, tables: Sequence[Tensor]) -> None:
        self.network, self.tables = network, tables
        device = tables[0].device.type
        few = sum(map(len, tables)) < network.input_size
        self.pays = few and device == "cpu" and not torch.is_autocast_enabled(device)

    def read(self, rows: Sequence[Tensor], state: State | None = None) -> tuple[Tensor, State]:
        """The state after every input, `[B, L, Q]`, and the network's last state.

        Args:
            rows: Long `[B, L]` each, which row of each table.
            state: of the network, as an earlier call left it; None: zeros.
        """
        if not self.pays:
            given = torch.cat(list(map(functional.embedding, rows, self.tables)), dim=2)
            states_BLQ, state = self.network(given, state)
            return states_BLQ, state
        hot = [functional.one_hot(row, len(table)) for table, row in zip(self.tables, rows, strict=True)]
        hot_BLV = torch.cat(hot, dim=2).to(self._weights[0].dtype)
        network, weights = self.network, self._weights
        settings = (True, network.num_layers, network.dropout, network.training, False, True)
        none_YBQ = hot_BLV.new_zeros(network.num_layers, len(hot_BLV), network.hidden_size)
        if isinstance(network, nn.GRU):
            before: Any = none_YBQ if state is None else state
            return torch.gru(hot_BLV, before, weights, *settings)
        before = (none_YBQ, none_YBQ) if state is None else state
        states_BLQ, *last = torch.lstm(hot_BLV, before, weights, *settings)
        return states_BLQ, (last[0], last[1])

    @cached_property
    def _weights(self) -> list[Tensor]:
        """The network's, of which the first, `[G, V]`, is multiplied with every row of every table."""
        of_inputs_GE, *others = self.network.parameters()
        parts_GE = torch.split(of_inputs_GE, [table.shape[1] for table in self.tables], dim=1)
        products = [part_GE @ table_VE.T for part_GE, table_VE in zip(parts_GE, self.tables, strict=True)]
        return [torch.cat(products, dim=1), *others]
