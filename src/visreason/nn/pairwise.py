"""All ordered pairs of objects through one small network, summed: the heart of a Relation Network.

```
g(i, j, q) = h_L,   h_l = ReLU(W_l h_{l-1} + b_l),   h_0 = [x_j | x_i],   relations = sum_{i,j} a_ij g(i, j, q)
```

with the question q appended to the input of one layer, the injection layer (Santoro et al., "A simple neural
network module for relational reasoning", 2017; injection at layer 2 is the two-stage network of Messina et
al., "Learning Relationship-aware Visual Features", 2018). The a are 1, or learnt, one a place in the table of pairs
(Messina et al., "Learning visual features for relational CBIR", 2019). Two functions compute it:
`pairwise_relations_plain` literally, and `pairwise_relations` without ever building a pair, several times
faster and in a small part of the memory.

Shape legend: B questions, N objects, C numbers an object, Q question size, G width of the last layer, K of
any.
"""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from visreason.errors import ModelError
from visreason.nn.pairwise_sum import sum_over_pairs

Aggregation = Literal["sum", "mean", "weighted-sum"]
"""How the pairs become one vector; the weights of the last are learnt."""
PairWeights = Literal["uniform", "ones"]
"""What they start from: drawn between -1 and 1, as published, or the plain sum."""


def pair_states(
    objects_BNC: Tensor,
    question_BQ: Tensor,
    weights: Sequence[Tensor],
    biases: Sequence[Tensor],
    injection_layer: int,
) -> Tensor:
    """What the layers make of every ordered pair, written out as the formula says: `[B, N, N, K]`.

    Entry `[b, i, j]` belongs to the pair `[x_j | x_i]`. With no layers at all these are the pairs themselves.
    This builds every pair: for looking inside and as the reference, not for training.

    Args:
        objects_BNC: the objects.
        question_BQ: the encoded questions.
        weights: `[out, in]` of each layer; `in` has Q more columns, at the end, at the injection layer.
        biases: `[out]` of each layer.
        injection_layer: which layer also reads the question; past the last layer: none.
    """
    pairs = objects_BNC.shape[1]
    first_BNNC = objects_BNC[:, None].expand(-1, pairs, -1, -1)
    second_BNNC = objects_BNC[:, :, None].expand(-1, -1, pairs, -1)
    state = torch.cat([first_BNNC, second_BNNC], dim=-1)
    question_BNNQ = question_BQ[:, None, None].expand(-1, pairs, pairs, -1)
    for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        if layer == injection_layer:
            state = torch.cat([state, question_BNNQ], dim=-1)
        state = functional.relu(functional.linear(state, weight, bias))
    return state


def pairwise_relations_plain(
    objects_BNC: Tensor,
    question_BQ: Tensor,
    weights: Sequence[Tensor],
    biases: Sequence[Tensor],
    injection_layer: int,
    mask_BN: Tensor | None = None,
    pair_weights_NN: Tensor | None = None,
) -> Tensor:
    """The sum over all pairs, `[B, G]`, as the formula is written; the reference for `pairwise_relations`.

    Args:
        objects_BNC: the objects.
        question_BQ: the encoded questions.
        weights: as for `pair_states`.
        biases: as for `pair_states`.
        injection_layer: which layer also reads the question; past the last layer: none.
        mask_BN: True where there is an object; pairs with a padded one are left out. None: all are objects.
        pair_weights_NN: a, by i and j. None: every pair counts once.
    """
    state_BNNG = pair_states(objects_BNC, question_BQ, weights, biases, injection_layer)
    if pair_weights_NN is not None:
        state_BNNG = state_BNNG * pair_weights_NN[..., None]
    if mask_BN is not None:
        state_BNNG = state_BNNG * (mask_BN[:, None, :] & mask_BN[:, :, None])[..., None]
    return state_BNNG.sum(dim=(1, 2))


def pairwise_relations(
    objects_BNC: Tensor,
    question_BQ: Tensor,
    weights: Sequence[Tensor],
    biases: Sequence[Tensor],
    injection_layer: int,
    mask_BN: Tensor | None = None,
    pair_weights_NN: Tensor | None = None,
) -> Tensor:
    """The sum over all pairs, `[B, G]`: what `pairwise_relations_plain` gives, without building the pairs.

    The first layer is linear in both objects and the question, so it splits into N + N + 1 small products a
    question instead of N^2 large ones:

    ```
    W_0 [x_j | x_i | q] + b_0 = W_c x_j + W_r x_i + (W_q q + b_0)
    ```

    and at a later injection layer `W_q q` is one more bias, the same for all pairs of a question. The
    remaining layers walk over the pairs in blocks that stay in the processor's cache, and the backward pass
    computes each block again instead of keeping it. Padded objects are not computed at all. Under autocast
    the blocks are computed in autocast's type, sums over pairs in float32.

    Args:
        objects_BNC: the objects.
        question_BQ: the encoded questions.
        weights: as for `pair_states`.
        biases: as for `pair_states`.
        injection_layer: which layer also reads the question; past the last layer: none.
        mask_BN: True where there is an object; pairs with a padded one are left out. None: all are objects.
        pair_weights_NN: a, by i and j. None: every pair counts once.

    Example:
        >>> objects, question = torch.randn(2, 5, 3), torch.randn(2, 4)
        >>> weights, biases = [torch.randn(8, 3 + 3 + 4), torch.randn(6, 8)], [torch.randn(8), torch.randn(6)]
        >>> fast = pairwise_relations(objects, question, weights, biases, injection_layer=0)
        >>> plain = pairwise_relations_plain(objects, question, weights, biases, injection_layer=0)
        >>> fast.shape, torch.allclose(fast, plain, rtol=1e-4, atol=1e-3)
        (torch.Size([2, 6]), True)
    """
    device = objects_BNC.device.type
    autocast = torch.is_autocast_enabled(device)
    dtype = torch.get_autocast_dtype(device) if autocast else objects_BNC.dtype
    with torch.autocast(device, enabled=False):
        if autocast:  # the small products stay precise; only the blocks of pairs are rounded
            objects_BNC, question_BQ = objects_BNC.float(), question_BQ.float()
        pair_weights_WNN = None if pair_weights_NN is None else pair_weights_NN[None]
        counts, order, front = _real_objects_first(objects_BNC, mask_BN)
        if order is not None and front is not None:
            objects_BNC, question_BQ = objects_BNC[order[:, None], front], question_BQ[order]
            if pair_weights_NN is not None:
                pair_weights_WNN = pair_weights_NN[front[:, :, None], front[:, None]]
        size, first = objects_BNC.shape[2], weights[0]
        column_BNK = functional.linear(objects_BNC, first[:, :size])
        row_BNK = functional.linear(objects_BNC, first[:, size : 2 * size])
        later, offsets = [], []
        for layer, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
            known = 2 * size if layer == 0 else weights[layer - 1].shape[0]
            offset = bias
            if layer == injection_layer:
                offset = functional.linear(question_BQ, weight[:, known:], bias)
            if layer == 0:
                row_BNK = row_BNK + (offset if offset.dim() == 1 else offset[:, None])
            else:
                later.append(weight[:, :known])
                offsets.append(offset)
        total_BG = sum_over_pairs(column_BNK, row_BNK, later, offsets, counts, dtype, pair_weights_WNN)
        return total_BG if order is None else total_BG[order.argsort()]


def _real_objects_first(
    objects_BNC: Tensor, mask_BN: Tensor | None
) -> tuple[list[int], Tensor | None, Tensor | None]:
    """How padding comes to lie behind, and questions with as many objects side by side.

    Returns:
        the number of objects of each question in the new order; the order `[B]`, and that of each question's objects
        `[B, N]` (both None: as it was).
    """
    if mask_BN is None:
        batch, most, _ = objects_BNC.shape
        return [most] * batch, None, None
    counts_B = mask_BN.sum(dim=1)
    order_B = counts_B.argsort(stable=True)
    return counts_B[order_B].tolist(), order_B, (~mask_BN).int().argsort(dim=1, stable=True)[order_B]


class PairwiseRelations(nn.Module):
    """The pair network and the sum over pairs: objects `[B, N, C]`, questions `[B, Q]` to `[B, G]`.

    The formula is in the module's docstring.

    Args:
        object_size: C.
        question_size: Q.
        widths: the width of each layer; the last is G.
        injection_layer: which layer also reads the question, from 0; `len(widths)`: none (append it
            afterwards).
        aggregation: `"sum"`; `"mean"`: divided by the number of pairs; `"weighted-sum"`: a is learnt.
        objects: the most objects there are (of cells: how many), for `"weighted-sum"` only: a is `[objects, objects]`.
        pair_weights: what a starts from.

    Raises:
        ModelError: no layer, an injection layer outside 0..len(widths), or a number of objects without a weighted sum
            or the other way round.

    Example:
        >>> relations = PairwiseRelations(object_size=7, question_size=12, widths=(32, 32), injection_layer=1)
        >>> relations(torch.randn(4, 10, 7), torch.randn(4, 12)).shape
        torch.Size([4, 32])
    """

    def __init__(
        self,
        object_size: int,
        question_size: int,
        widths: Sequence[int],
        injection_layer: int = 0,
        *,
        aggregation: Aggregation = "sum",
        objects: int | None = None,
        pair_weights: PairWeights = "uniform",
    ) -> None:
        super().__init__()
        if not widths or not 0 <= injection_layer <= len(widths):
            raise ModelError(
                f"the question is injected at layer {injection_layer} of {len(widths)} pair layers; "
                f"give at least one layer and an injection layer from 0 to {len(widths)}."
            )
        if (aggregation == "weighted-sum") != (objects is not None):
            raise ModelError(
                f"aggregation is '{aggregation}' and objects {objects}; a weighted sum, and nothing else, needs the "
                "most objects (or cells) there are."
            )
        self.object_size = object_size
        self.injection_layer = injection_layer
        self.mean = aggregation == "mean"
        inputs = [2 * object_size, *widths[:-1]]
        if injection_layer < len(widths):
            inputs[injection_layer] += question_size
        self.layers = nn.ModuleList(
            nn.Linear(before, after) for before, after in zip(inputs, widths, strict=True)
        )

        self.pair_weights: nn.Parameter | None = None
        if objects is not None:
            start = torch.ones if pair_weights == "ones" else _between_minus_one_and_one
            self.pair_weights = nn.Parameter(start(objects, objects))

    def forward(self, objects_BNC: Tensor, question_BQ: Tensor, mask_BN: Tensor | None = None) -> Tensor:
        """The sum, weighted sum or mean over all pairs, `[B, G]`; zero where there is no object.

        Raises:
            ModelError: more objects than there are weights for.
        """
        layers = self.parameters_of(len(self.layers))
        weights_NN = self.weights_of(objects_BNC.shape[1])
        total_BG = pairwise_relations(
            objects_BNC, question_BQ, *layers, self.injection_layer, mask_BN, weights_NN
        )
        if not self.mean:
            return total_BG
        counts = objects_BNC.shape[1] if mask_BN is None else mask_BN.sum(dim=1, keepdim=True).clamp_min(1)
        return total_BG / counts**2

    def weights_of(self, count: int) -> Tensor | None:
        """What the pairs of the first `count` objects weigh, `[N, N]`; None where all weigh alike.

        Raises:
            ModelError: more objects than there are weights for.
        """
        if self.pair_weights is None:
            return None
        if count > len(self.pair_weights):
            raise ModelError(
                f"there are {count} objects (or cells), and weights for the pairs of {len(self.pair_weights)}. Use "
                "inputs as large as those that this network was trained on."
            )
        return self.pair_weights[:count, :count]

    def states(self, objects_BNC: Tensor, question_BQ: Tensor, depth: int | None = None) -> Tensor:
        """What every pair has become after `depth` layers (None: all of them), `[B, N, N, K]`."""
        depth = len(self.layers) if depth is None else depth
        return pair_states(objects_BNC, question_BQ, *self.parameters_of(depth), self.injection_layer)

    def parameters_of(self, depth: int) -> tuple[list[Tensor], list[Tensor]]:
        """Weights and biases of the first `depth` layers."""
        layers = [layer for layer in self.layers if isinstance(layer, nn.Linear)][:depth]
        return [layer.weight for layer in layers], [layer.bias for layer in layers]


def _between_minus_one_and_one(*shape: int) -> Tensor:
    return torch.empty(shape).uniform_(-1, 1)
