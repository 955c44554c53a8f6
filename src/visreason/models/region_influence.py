"""Which neighbour, and which edge between classes, moved what is said of a region: by leaving each out in turn.

The trace of a network tells how much of what a region hears came from where (`visreason.models.region_trace`), but not
whether it mattered. So here the network reasons again without it, and what changes is owed to it.

Shape legend: R regions of one image, K classes, C edges between classes that are tried.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

from visreason.errors import ModelError
from visreason.models.region_output import RegionOutput, RegionTrace
from visreason.models.region_reasoning import RegionReasoner, Seen
from visreason.nn.precision import widened
from visreason.nn.region_batch import RegionBatch
from visreason.nn.region_graph import RegionGraph

EDGES_TRIED = 3
"""Of every region so many edges between classes are left out in turn: those that told it most by the trace."""


@dataclass(slots=True)
class Influence:
    """What regions and edges are owed.

    Attributes:
        labels: Long `[R]`, what each region is taken for with all there; the most probable class but the background.
        neighbours: float `[R, R]`; row i, column j: by how much j raises the log-odds of i's label; 0 on the diagonal.
        without: Long `[R, R]`: what i is taken for without j.
        edges: Long `[C]`, the edges between classes that were tried, as rows of the knowledge graph.
        edge_shifts: float `[R, C]`: by how much each raises the log-odds of a region's label.
        without_edge: Long `[R, C]`: what a region is taken for without it.
    """

    labels: Tensor
    neighbours: Tensor
    without: Tensor
    edges: Tensor
    edge_shifts: Tensor
    without_edge: Tensor


@torch.no_grad()
def weigh(model: RegionReasoner, batch: RegionBatch, seen: Seen, output: RegionOutput) -> Influence:
    """Leave out every region in turn, then every edge between classes that the trace names.

    ```
    shift_ij = log-odds of i's label, with all - log-odds of the same label, without j
    ```

    What a region looks like is not looked at again: R + C times the network reasons, R + C times what that costs.

    Args:
        model: in evaluation mode.
        batch: of one image.
        seen: `model.see(batch)`.
        output: `model.reason(batch, seen, trace=True)`.

    Raises:
        ModelError: the batch holds more or fewer images than one.
    """
    if len(batch) != 1:
        raise ModelError(f"influence is weighed within one image; got {len(batch)}.")
    label_R = classes_of(output.logits)
    odds_R = log_odds(output.logits, label_R)
    count = batch.regions
    shift_RR = torch.zeros(count, count)
    without_RR = label_R[:, None].repeat(1, count)
    for left_out in range(count if output.trace is not None else 0):
        kept = torch.tensor([row for row in range(count) if row != left_out], dtype=torch.long)
        logits = model.reason(*model.among(batch, seen, kept)).logits
        shift_RR[kept, left_out] = odds_R[kept] - log_odds(logits, label_R[kept])
        without_RR[kept, left_out] = classes_of(logits)
    edges_C = _told_most(output.trace)
    shift_RC = torch.zeros(count, len(edges_C))
    without_RC = label_R[:, None].repeat(1, len(edges_C))
    for column, edge in enumerate(edges_C.tolist()):
        assert model.graph is not None
        with _without_edge(model.graph, edge):
            logits = model.reason(batch, seen).logits
        shift_RC[:, column] = odds_R - log_odds(logits, label_R)
        without_RC[:, column] = classes_of(logits)
    return Influence(label_R, shift_RR, without_RR, edges_C, shift_RC, without_RC)


def classes_of(logits_RK: Tensor) -> Tensor:
    """The most probable class of each region, the background left out, `[R]`.

    Example:
        >>> classes_of(torch.tensor([[9.0, 1.0, 2.0]]))
        tensor([2])
    """
    return logits_RK[:, 1:].argmax(dim=1) + 1


def log_odds(logits_RK: Tensor, classes_R: Tensor) -> Tensor:
    """log(p / (1 - p)) of one class of each region, `[R]`.

    Example:
        >>> log_odds(torch.tensor([[0.0, 3.0]]), torch.tensor([1]))
        tensor([3.])
    """
    own_R1 = classes_R[:, None]
    others_RK = widened(logits_RK).scatter(1, own_R1, -torch.inf)
    return widened(logits_RK).gather(1, own_R1)[:, 0] - others_RK.logsumexp(dim=1)


def _told_most(trace: RegionTrace | None) -> Tensor:
    """The edges that told any region most, summed over iterations, `[C]` ascending."""
    if trace is None or trace.class_edges is None or trace.class_shares is None:
        return torch.zeros(0, dtype=torch.long)
    edge_RX = trace.class_edges.transpose(0, 1).flatten(1)
    share_RX = trace.class_shares.transpose(0, 1).flatten(1)
    if not edge_RX.numel():
        return torch.zeros(0, dtype=torch.long)
    total_RZ = share_RX.new_zeros(len(edge_RX), int(edge_RX.max()) + 1).scatter_add_(1, edge_RX, share_RX)
    most = total_RZ.topk(min(EDGES_TRIED, total_RZ.shape[1]), dim=1)
    return torch.tensor(sorted({*most.indices[most.values > 0].tolist()}), dtype=torch.long)


@contextmanager
def _without_edge(graph: RegionGraph, edge: int) -> Iterator[None]:
    """The graph while one of its edges weighs nothing."""
    weight = graph.weights_M[edge].clone()
    graph.weights_M[edge] = 0
    try:
        yield
    finally:
        graph.weights_M[edge] = weight
