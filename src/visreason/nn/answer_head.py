"""From a vector to scores of answers, and back: which way each answer's score rises.

Shape legend: B questions, G input size, J size of a second input, A answers.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class AnswerHead(nn.Module):
    """A multi-layer perceptron: `[B, G]` to scores `[B, A]`.

    ```
    y_0 = [BatchNorm] x;   y_l = ReLU([BatchNorm] (W_l y_{l-1} + b_l));   scores = W y_L + b
    ```

    with dropout between the last hidden layer's product and its ReLU, as the published Relation Networks have
    it. Normalisation, also of the input, is as in the baselines of Johnson et al. (2017). A second input may join the
    first on the way: it is appended to what one of the layers reads.

    Args:
        inputs: G.
        widths: of the hidden layers; none makes it a linear layer.
        answers: A.
        dropout: the share of the last hidden layer dropped in training.
        batch_norm: normalise the input and every hidden layer.
        joined: J, 0 where there is no second input.
        joins_at: the layer that reads it, too; `len(widths)` is the one that scores.

    Example:
        >>> AnswerHead(16, (32, 32), answers=28)(torch.zeros(2, 16)).shape
        torch.Size([2, 28])
    """

    def __init__(
        self,
        inputs: int,
        widths: Sequence[int],
        answers: int,
        dropout: float = 0.0,
        *,
        batch_norm: bool = False,
        joined: int = 0,
        joins_at: int = 0,
    ) -> None:
        super().__init__()
        sizes = [inputs, *widths]
        reads = [size + joined * (layer == joins_at) for layer, size in enumerate(sizes)]
        self.joins_at = joins_at
        self.norms = nn.ModuleList(nn.BatchNorm1d(size) for size in sizes if batch_norm)
        self.hidden = nn.ModuleList(
            nn.Linear(before, after) for before, after in zip(reads, widths, strict=False)
        )
        self.dropout = nn.Dropout(dropout)
        self.scores = nn.Linear(reads[-1], answers)

    def forward(self, inputs_BG: Tensor, joined_BJ: Tensor | None = None) -> Tensor:
        """Scores `[B, A]`."""
        state = self._joined(0, self._normalise(0, inputs_BG), joined_BJ)
        for layer, linear in enumerate(self.hidden, start=1):
            state = self._normalise(layer, linear(state))
            if layer == len(self.hidden):
                state = self.dropout(state)
            state = self._joined(layer, torch.relu(state), joined_BJ)
        scores_BA: Tensor = self.scores(state)
        return scores_BA

    def _joined(self, layer: int, state_BK: Tensor, joined_BJ: Tensor | None) -> Tensor:
        """What the layer after `layer` others reads."""
        return (
            torch.cat([state_BK, joined_BJ], dim=1)
            if joined_BJ is not None and layer == self.joins_at
            else state_BK
        )

    def _normalise(self, layer: int, state_BK: Tensor) -> Tensor:
        normal_BK: Tensor = self.norms[layer](state_BK) if self.norms else state_BK
        return normal_BK

    def slope(self, inputs_BG: Tensor, direction_BA: Tensor, joined_BJ: Tensor | None = None) -> Tensor:
        """The gradient of `direction . scores` by the (first) input, `[B, G]`, without dropout.

        The head in evaluation mode is piecewise linear, so on its linear piece `direction . scores = slope . input
        + constant` holds exactly. Works under `torch.inference_mode`, because it is written out.

        Example:
            >>> head = AnswerHead(4, (8,), answers=3)
            >>> x = torch.randn(1, 4, requires_grad=True)
            >>> by_autograd, = torch.autograd.grad(head(x)[0, 2] - head(x)[0, 1], x)
            >>> torch.allclose(head.slope(x, torch.tensor([[0.0, -1.0, 1.0]])), by_autograd, atol=1e-6)
            True
        """
        layers = [layer for layer in self.hidden if isinstance(layer, nn.Linear)]
        active, sizes, state = [], [inputs_BG.shape[1]], self._normalise(0, inputs_BG)
        for place, linear in enumerate(layers, start=1):
            read = self._joined(place - 1, state, joined_BJ)
            state = torch.relu(self._normalise(place, linear(read)))
            active.append(state > 0)
            sizes.append(state.shape[1])
        slope: Tensor = direction_BA @ self.scores.weight[:, : sizes[-1]]
        for place in range(len(layers), 0, -1):
            weight = layers[place - 1].weight[:, : sizes[place - 1]]
            slope = (slope * active[place - 1] * self._gain(place)) @ weight
        return slope * self._gain(0)

    def _gain(self, layer: int) -> Tensor | float:
        """By what a layer's normalisation multiplies, as the running statistics have it."""
        if not self.norms:
            return 1.0
        norm = self.norms[layer]
        assert isinstance(norm, nn.BatchNorm1d)
        assert norm.running_var is not None
        return norm.weight / (norm.running_var + norm.eps).sqrt()
