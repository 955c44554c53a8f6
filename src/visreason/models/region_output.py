"""What models of regions give back."""

from dataclasses import dataclass

from torch import Tensor

from visreason.nn.region_losses import RegionLoss, region_loss


@dataclass(slots=True)
class RegionTrace:
    """How a model came to what it says of R regions in I images; parts that it does not have are None.

    Attributes:
        coverage: `[I, H, W]`, how many regions write to each cell of the memory.
        memory: `[T + 1, I, H, W]`, the mean size of the memory's numbers in each cell, before the first iteration and
            after each.
        local_neighbours: `[T, R, R]`, row n: how much of what region n reads from memory each region wrote; rows sum
            to 1, or 0 where nothing was written.
        graph_neighbours: `[T, R, R]`, row n: the share of each region in what n hears along the graph's spatial edges.
        edge_kinds: `[T, R, E]`, the share of each kind of spatial edge (`visreason.nn.region_edges.KINDS`) in it.
        class_edges: Long `[T, R, k]`, the k edges between classes, as rows of the knowledge graph, that tell a region
            most, the most first.
        class_shares: `[T, R, k]`, their shares in all that it is told by way of classes.
    """

    coverage: Tensor | None = None
    memory: Tensor | None = None
    local_neighbours: Tensor | None = None
    graph_neighbours: Tensor | None = None
    edge_kinds: Tensor | None = None
    class_edges: Tensor | None = None
    class_shares: Tensor | None = None


@dataclass(slots=True)
class RegionOutput:
    """Scores of K classes for each of R regions, K counting the background 0.

    Attributes:
        logits: float `[R, K]`, the final scores; a softmax of them is the probability of each class.
        predictions: float `[P, R, K]`, the scores of each prediction: the backbone's own first, then those of every
            iteration.
        names: of the predictions: `"backbone"`, `"local 1"`, `"global 1"` and so on.
        previous: for each prediction which one it followed, None for the first.
        attention: float `[R, P]`, the share of each prediction in the final one; rows sum to 1.
        trace: with `trace=True` how it came about, else None.
    """

    logits: Tensor
    predictions: Tensor
    names: tuple[str, ...]
    previous: tuple[int | None, ...]
    attention: Tensor
    trace: RegionTrace | None = None

    def loss(
        self, labels: Tensor, *, beta: float = 0.5, memory_weight: float = 1.0, final_weight: float = 1.0
    ) -> RegionLoss:
        """The loss of all predictions: `visreason.nn.region_losses.region_loss`.

        Args:
            labels: Long `[R]`, true classes from 1; 0 where it is not known.
            beta: the least weight of a region that is already right; 1 weighs all alike.
            memory_weight: of the iterations' predictions.
            final_weight: of the final one.
        """
        return region_loss(
            self.predictions,
            self.logits,
            self.previous,
            labels,
            beta=beta,
            memory_weight=memory_weight,
            final_weight=final_weight,
        )
