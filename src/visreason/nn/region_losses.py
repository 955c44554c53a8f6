"""The losses of networks that classify regions several times.

Chen et al., "Iterative Visual Reasoning Beyond Convolutions" (CVPR 2018).

Shape legend: R regions, K classes, P predictions of each region.
"""

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor
from torch.nn.functional import cross_entropy

from visreason.nn.precision import widened


class RegionLoss(NamedTuple):
    """A loss and its parts.

    Attributes:
        total: what is minimised.
        image: mean cross entropy of the backbone's own prediction.
        memory: re-weighted cross entropy of the predictions from memory, averaged over iterations and summed over
            local and global ones; 0 where there are none.
        final: mean cross entropy of the final prediction; 0 where it is the backbone's own.
    """

    total: Tensor
    image: Tensor
    memory: Tensor
    final: Tensor


def example_weights(scores_RK: Tensor, labels_R: Tensor, beta: float) -> Tensor:
    """How much each region counts, `[R]`: more where it was not yet right. They sum to 1.

    ```
    v = max(1 - p(label), beta) / sum of all,    p = softmax(scores)
    ```

    Args:
        scores_RK: of the prediction before.
        labels_R: Long, the true classes.
        beta: the least weight, before they are divided by their sum; 1 weighs all regions alike.

    Example:
        >>> import torch
        >>> example_weights(torch.tensor([[0.0, 9.0], [0.0, 0.0]]), torch.tensor([1, 0]), 0.25)
        tensor([0.3333, 0.6667])
    """
    right_R = scores_RK.detach().softmax(dim=1).gather(1, labels_R[:, None])[:, 0]
    weights_R = (1 - right_R).clamp_min(beta)
    return weights_R / weights_R.sum().clamp_min(1e-14)


def region_loss(
    predictions_PRK: Tensor,
    final_RK: Tensor,
    previous: Sequence[int | None],
    labels_R: Tensor,
    *,
    beta: float = 0.5,
    memory_weight: float = 1.0,
    final_weight: float = 1.0,
) -> RegionLoss:
    """The loss of all predictions; regions without a known class (0) do not count.

    ```
    L = mean CE(s_0) + memory_weight sum_{local, global} mean_t sum_n v_n CE_n(s_t) + final_weight mean CE(s_final)
    ```

    Args:
        predictions_PRK: scores of every prediction, the backbone's own first.
        final_RK: scores of the final prediction.
        previous: for each prediction which one it followed, whose errors weigh its regions; None for the first.
        labels_R: Long, true classes from 1; 0 where it is not known.
        beta: see `example_weights`.
        memory_weight: of predictions from memory.
        final_weight: of the final prediction.

    Example:
        >>> import torch
        >>> scores = torch.zeros(2, 3, 4)
        >>> loss = region_loss(scores, scores[0], (None, 0), torch.tensor([1, 2, 3]))
        >>> [round(part.item(), 4) for part in loss]
        [4.1589, 1.3863, 1.3863, 1.3863]
    """
    known_R = (labels_R > 0).nonzero()[:, 0]
    labels_R, scores_PRK = labels_R[known_R], widened(predictions_PRK[:, known_R])
    nothing = scores_PRK.sum() * 0  # keeps the graph where no region is known
    if not len(labels_R):
        return RegionLoss(nothing, nothing, nothing, nothing)
    image = cross_entropy(scores_PRK[0], labels_R)
    if len(scores_PRK) == 1:
        return RegionLoss(image, image, nothing, nothing)
    memory = nothing
    for scores_RK, before in zip(scores_PRK[1:], previous[1:], strict=True):
        weights_R = example_weights(scores_PRK[before or 0], labels_R, beta)
        memory = memory + (weights_R * cross_entropy(scores_RK, labels_R, reduction="none")).sum()
    iterations = (len(scores_PRK) - 1) // sum(one == 0 for one in previous)
    memory = memory / iterations
    final = cross_entropy(widened(final_RK[known_R]), labels_R)
    return RegionLoss(image + memory_weight * memory + final_weight * final, image, memory, final)
