"""What a pass over images collects of counts, and how near the true ones they are.

Shape legend: B images, D counts of one.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from visreason.data.encodings import ATTRIBUTE_TARGETS
from visreason.models import Output
from visreason.nn.batch import Batch
from visreason.tasks.gather import gather_lists
from visreason.tasks.tallies import true_attributes

_VALUES = len(ATTRIBUTE_TARGETS)


def poisson_loss(counts_BD: Tensor, true_BD: Tensor) -> Tensor:
    """What an image's counts cost, `[B]`: the negative log-likelihood of Poisson variables with these means.

    ```
    loss = mean over values (c - y log c) + mean over relations (c - y log c)
    ```

    The 15 counts of values weigh as much as the 450 of relations, which cannot be right before they are.

    Example:
        >>> import torch
        >>> true = torch.full((1, 465), 2.0)
        >>> bool(poisson_loss(true, true) < poisson_loss(true * 1.1, true))
        True
    """
    each_BD = functional.poisson_nll_loss(
        counts_BD.float(), true_BD.float(), log_input=False, reduction="none"
    )
    return each_BD[:, :_VALUES].mean(dim=1) + each_BD[:, _VALUES:].mean(dim=1)


class CountTally:
    """Counts and truths of one pass over the images, each counted once.

    Example:
        >>> import torch
        >>> tally = CountTally()
        >>> nothing = torch.zeros(2, 1, dtype=torch.long)
        >>> true = torch.stack([torch.zeros(465), torch.ones(465)])
        >>> tally.add(Batch(tokens=nothing, lengths=nothing[:, 0], attributes=true), Output(true))
        >>> tally.metrics()["explained_variance"]
        1.0
    """

    def __init__(self) -> None:
        self.true: list[list[float]] = []
        self.counts: list[list[float]] = []
        self.losses: list[float] = []

    def add(self, batch: Batch, output: Output) -> None:
        """Take what the model says of a batch."""
        true_BD = true_attributes(batch)
        self.true += true_BD.tolist()
        self.counts += output.logits.float().tolist()
        self.losses += poisson_loss(output.logits, true_BD).tolist()

    def merge(self, ranks: int) -> None:
        """Bring together what `ranks` processes have collected."""
        self.true, self.counts, self.losses = gather_lists(ranks, self.true, self.counts, self.losses)

    def metrics(self) -> dict[str, Any]:
        """Loss, and how much of what differs from image to image the counts say, of values and of relations."""
        shares = {name: explained_variance(*counts) for name, counts in self.of_figures().items()}
        return {"loss": sum(self.losses) / len(self.losses), **shares}

    def of_figures(self) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """By the figure's name, the true and the predicted counts that it is of."""
        true_BD, counts_BD = np.array(self.true, np.float64), np.array(self.counts, np.float64)
        return {
            "explained_variance_of_values": (true_BD[:, :_VALUES], counts_BD[:, :_VALUES]),
            "explained_variance": (true_BD[:, _VALUES:], counts_BD[:, _VALUES:]),
        }


def explained_variance(true_SD: NDArray[np.float64], counts_SD: NDArray[np.float64]) -> float:
    """The share of the variance of S samples, of all D numbers together, that predictions explain; at most 1.

    ```
    1 - |counts - true|^2 / |true - mean true|^2
    ```

    Example:
        >>> true = np.array([[0.0], [2.0]])
        >>> explained_variance(true, np.array([[1.0], [1.0]])), explained_variance(true, np.array([[0.0], [1.0]]))
        (0.0, 0.5)
    """
    spread = ((true_SD - true_SD.mean(axis=0)) ** 2).sum()
    return float(1 - ((true_SD - counts_SD) ** 2).sum() / max(spread, np.finfo(np.float64).tiny))
