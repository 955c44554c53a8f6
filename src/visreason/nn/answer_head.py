"""From a vector to scores of answers, and back: which way each answer's score rises.

Shape legend: B questions, G input size, A answers.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn


class AnswerHead(nn.Module):
    """A multi-layer perceptron: `[B, G]` to scores `[B, A]`.

    ```
    y_0 = [BatchNorm] x;   y_l = ReLU([BatchNorm] (W_l y_{l-1} + b_l));   scores = W y_L + b
    ```

    with dropout between the last hidden layer's product and its ReLU, as the published Relation Networks have
    it. Normalisation, also of the input, is as in the baselines of Johnson et al. (2017).

    Args:
        inputs: G.
        widths: of the hidden layers; none makes it a linear layer.
        answers: A.
        dropout: the share of the last hidden layer dropped in training.
        batch_norm: normalise the input and every hidden layer.

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
    ) -> None:
        super().__init__()
        sizes = [inputs, *widths]
        self.norms = nn.ModuleList(nn.BatchNorm1d(size) for size in sizes if batch_norm)
        self.hidden = nn.ModuleList(nn.Linear(before, after) for before, after in pairwise(sizes))
        self.dropout = nn.Dropout(dropout)
        self.scores = nn.Linear(sizes[-1], answers)

    def forward(self, inputs_BG: Tensor) -> Tensor:
        """Scores `[B, A]`."""
        state = self._normalise(0, inputs_BG)
        for layer, linear in enumerate(self.hidden, start=1):
            state = self._normalise(layer, linear(state))
            if layer == len(self.hidden):
                state = self.dropout(state)
            state = torch.relu(state)
        scores_BA: Tensor = self.scores(state)
        return scores_BA

    def _normalise(self, layer: int, state_BK: Tensor) -> Tensor:
        normal_BK: Tensor = self.norms[layer](state_BK) if self.norms else state_BK
        return normal_BK

    def slope(self, inputs_BG: Tensor, direction_BA: Tensor) -> Tensor:
        """The gradient of `direction . scores` by the input, `[B, G]`, without dropout.

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
        active, state = [], self._normalise(0, inputs_BG)
        for place, linear in enumerate(layers, start=1):
            state = torch.relu(self._normalise(place, linear(state)))
            active.append(state > 0)
        slope: Tensor = direction_BA @ self.scores.weight
        for place in range(len(layers), 0, -1):
            slope = (slope * active[place - 1] * self._gain(place)) @ layers[place - 1].weight
        return slope * self._gain(0)

    def _gain(self, layer: int) -> Tensor | float:
        """By what a layer's normalisation multiplies, as the running statistics have it."""
        if not self.norms:
            return 1.0
        norm = self.norms[layer]
        assert isinstance(norm, nn.BatchNorm1d)
        assert norm.running_var is not None
        return norm.weight / (norm.running_var + norm.eps).sqrt()
