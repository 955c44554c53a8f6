"""What regions owe one another: the trace of a network that reasons over regions.

Shape legend: I images, R regions, H x W cells, N = I * H * W, M samples of all regions, S numbers a cell, T iterations,
E kinds of edges, K classes, Z edges between classes, D numbers a region.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from visreason.models.region_output import RegionTrace
from visreason.nn.region_edges import RegionEdges
from visreason.nn.region_graph import ClassEdges, Heard, MessageLayer, RegionGraph
from visreason.nn.region_tables import RegionTables

CLASS_EDGES = 5
"""The most edges between classes that are told of each region."""

_CONTEXT = 7
"""Cells along a side that three 3x3 convolutions see."""


@dataclass(slots=True)
class Recorder:
    """Takes notes while a network reasons, without a gradient.

    Attributes:
        tables: where the regions lie.
        context: the memory is convolved before it is read, so that regions see cells next to them.
    """

    tables: RegionTables
    context: bool
    memory: list[Tensor] = field(default_factory=list)
    shares: list[Tensor] = field(default_factory=list)
    local: list[Tensor] = field(default_factory=list)
    graph: list[Tensor] = field(default_factory=list)
    kinds: list[Tensor] = field(default_factory=list)
    classes: list[tuple[Tensor, Tensor]] = field(default_factory=list)

    @torch.no_grad()
    def note_memory(self, memory_NS: Tensor) -> None:
        """The memory as it is now."""
        grid = self.tables.grid
        self.memory.append(memory_NS.abs().mean(1).view(-1, grid.height, grid.width))

    @torch.no_grad()
    def note_writing(self, change_MS: Tensor, *, kept: bool) -> None:
        """Who will read what was just written, onto what was written before if it was kept."""
        written_NR = self.tables.shares(change_MS.float().norm(dim=1).to(self.tables.count.dtype))
        if self.shares and kept:
            written_NR = written_NR + self.shares[-1]
        self.shares.append(written_NR)
        grid, regions = self.tables.grid, written_NR.shape[1]
        if self.context and regions:
            map_IRHW = written_NR.view(-1, grid.height, grid.width, regions).permute(0, 3, 1, 2)
            map_IRHW = avg_pool2d(map_IRHW, _CONTEXT, 1, _CONTEXT // 2)
            written_NR = map_IRHW.permute(0, 2, 3, 1).reshape(-1, regions)
        read_RR = self.tables.read(written_NR).view(regions, self.tables.size**2, regions).mean(1)
        self.local.append(_shares(read_RR))

    @torch.no_grad()
    def note_messages(
        self,
        graph: RegionGraph,
        heard: list[Heard],
        edges: RegionEdges,
        class_edges: ClassEdges | None,
        scores_RK: Tensor,
    ) -> None:
        """What the messages of one iteration weighed, all layers together."""
        regions, kinds = len(scores_RK), edges.weights_IEnn.shape[1]
        by_kind_RER = scores_RK.new_zeros(regions, kinds, regions, dtype=torch.float32)
        by_edge_RZ = scores_RK.new_zeros(regions, graph.config.edge_count, dtype=torch.float32)
        shares_RK = scores_RK.float().softmax(dim=1)
        image_R = self.tables.image_rows_R
        for layer, before in zip(graph.layers, heard, strict=True):
            assert isinstance(layer, MessageLayer)
            if layer.of_space is not None:
                weight_DX = layer.of_space.weight.float()
                weight_EDD = weight_DX.view(len(weight_DX), kinds, -1).transpose(0, 1)
                size_ER = torch.einsum("edc,rc->erd", weight_EDD, before.regions_RD.float()).norm(dim=-1)
                by_kind_RER += _pairs(edges) * size_ER
            if class_edges is not None and before.classes_IKD is not None:
                size_IQK = torch.stack(
                    [one(before.classes_IKD).float().norm(dim=-1) for one in layer.of_relations], dim=1
                )
                relation_Z, from_Z, to_Z = class_edges.edges_M3.unbind(1)
                told_RZ = size_IQK[image_R][:, relation_Z, to_Z] * class_edges.weights_M
                by_edge_RZ += told_RZ * shares_RK[:, from_Z]
        if graph.config.spatial:
            self.graph.append(_shares(by_kind_RER.sum(1)))
            self.kinds.append(_shares(by_kind_RER.sum(2)))
        if class_edges is not None:
            most = _shares(by_edge_RZ).topk(min(CLASS_EDGES, by_edge_RZ.shape[1]), dim=1)
            self.classes.append((most.indices, most.values))

    def trace(self) -> RegionTrace:
        """All notes."""
        grid = self.tables.grid
        coverage = self.tables.count.view(-1, grid.height, grid.width) if self.memory else None
        return RegionTrace(
            coverage=coverage,
            memory=_stack(self.memory),
            local_neighbours=_stack(self.local),
            graph_neighbours=_stack(self.graph),
            edge_kinds=_stack(self.kinds),
            class_edges=_stack([index for index, _ in self.classes]),
            class_shares=_stack([share for _, share in self.classes]),
        )


def _pairs(edges: RegionEdges) -> Tensor:
    """The edges' weights with regions in rows, `[R, E, R]`."""
    images, kinds, most = edges.weights_IEnn.shape[:3]
    whole = edges.weights_IEnn.new_zeros(images, most, kinds, images, most)
    for image in range(images):
        whole[image, :, :, image] = edges.weights_IEnn[image].transpose(0, 1)
    flat = whole.view(images * most, kinds, images * most)
    return flat[edges.slots_R][:, :, edges.slots_R]


def _shares(amounts: Tensor) -> Tensor:
    """Rows that sum to 1, or 0 where all is 0."""
    return amounts / amounts.sum(-1, keepdim=True).clamp_min(1e-14)


def _stack(notes: list[Tensor]) -> Tensor | None:
    return torch.stack(notes) if notes else None
