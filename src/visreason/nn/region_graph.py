"""A graph of regions and classes: what regions tell one another directly and by way of what is known of their classes.

The global module of Chen et al., "Iterative Visual Reasoning Beyond Convolutions" (CVPR 2018), of which no code was
released: written from the paper's equations.

Shape legend: I images, R regions, n regions of the fullest image, K classes, D numbers a region or class, E kinds of
edges between regions, Q relations between classes, M edges between classes, V numbers a class vector.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from visreason.errors import ModelError
from visreason.nn.precision import widened
from visreason.nn.region_edges import KINDS, RegionEdges
from visreason.nn.region_layers import linear
from visreason.nn.sparse_map import SparseMap


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionGraphConfig:
    """The size of a graph; the defaults are the published ones.

    Attributes:
        relation_count: Q, relations between classes; 0 leaves classes out.
        edge_count: M, edges of all relations.
        vector_size: V.
        size: D.
        layers: how many times messages are sent between two memories.
        spatial: send messages from region to region.
        reach: the distance at which an edge between regions weighs 1 / e, in pixels.
    """

    relation_count: int = 0
    edge_count: int = 0
    vector_size: int = 300
    size: int = 512
    layers: int = 3
    spatial: bool = True
    reach: float = 50.0


class ClassEdges(NamedTuple):
    """Edges between classes, ready to send messages along.

    Attributes:
        map: rows of classes to rows of relations x classes.
        edges_M3: Long, relation, from (who hears) and to (who is heard).
        weights_M: of each.
    """

    map: SparseMap
    edges_M3: Tensor
    weights_M: Tensor


class Heard(NamedTuple):
    """What one layer of messages started from, for explanations.

    Attributes:
        regions_RD: the regions before it.
        classes_IKD: what the class nodes held; None without classes.
    """

    regions_RD: Tensor
    classes_IKD: Tensor | None


class RegionGraph(nn.Module):
    """The layers that keep a memory of every region, `[R, D]`, and reason over the graph.

    ```
    update:  x = ReLU(W ReLU(W_s scores + W_f feature));   z, u = sigmoid(W x + W h);   c = ReLU(W x + W (z h))
             h <- h + u (c - h)
    reason:  three times  h <- h + ReLU(space + ReLU(A_cr classes W_cr)),    A_cr = softmax(scores)
             space = sum_e A_e h W_e;     classes = sum_q A_q ReLU(A_rc h W_rc + vectors W_v) W_q
    ```

    A_rc is A_cr turned over, each class's weights over the regions of an image divided by their sum where that is above
    1 (the paper leaves it open). Scores and features come without their gradients.

    Args:
        features: numbers a region has from the backbone.
        classes: K.
        config: the sizes.
        fed: numbers a region that an update is told besides.

    Raises:
        ModelError: sizes that fit no graph.
    """

    edges_M3: Tensor
    weights_M: Tensor
    vectors_KV: Tensor

    def __init__(self, features: int, classes: int, config: RegionGraphConfig, *, fed: int = 0) -> None:
        super().__init__()
        if (config.relation_count > 0) != (config.edge_count > 0) or config.layers < 1:
            raise ModelError(
                f"a graph has layers, and relations just where it has edges between classes; got {config.layers} "
                f"layers, {config.relation_count} relations and {config.edge_count} edges."
            )
        if not config.spatial and not config.relation_count:
            raise ModelError("a graph needs edges: leave `spatial` true, or give relations between classes.")
        size, self.config, self.classes = config.size, config, classes
        self.register_buffer("edges_M3", torch.zeros(config.edge_count, 3, dtype=torch.long))
        self.register_buffer("weights_M", torch.zeros(config.edge_count))
        known = (classes, config.vector_size) if config.relation_count else (0, 0)
        self.register_buffer("vectors_KV", torch.zeros(*known))
        self.of_scores = linear(classes, size, small=True)
        self.of_feature = linear(features, size)
        self.fed = linear(fed, size, small=True) if fed else None
        self.joined = linear(size, size)
        self.candidate_of_input = linear(size, size, small=True)
        self.gates_of_input = linear(size, 2 * size, small=True)
        self.candidate_of_memory = linear(size, size, small=True, bias=False)
        self.gates_of_memory = linear(size, 2 * size, small=True, bias=False)
        self.layers = nn.ModuleList([MessageLayer(config) for _ in range(config.layers)])
        self.scores = linear(size, classes, small=True)
        self.confidence = linear(size, 1, small=True, bias=False)

    def set_knowledge(self, edges_M3: Tensor, weights_M: Tensor, vectors_KV: Tensor) -> None:
        """Give the graph what is known of classes; until then its classes' edges weigh nothing.

        Args:
            edges_M3: Long, relation, from (the class that hears) and to (the class that is heard).
            weights_M: of each edge; those of a relation that leave one class sum to 1.
            vectors_KV: what a class means, in numbers.

        Raises:
            ModelError: more or fewer than the graph was made for, or numbers of classes and relations beyond it.
        """
        given = {"edges": edges_M3, "weights": weights_M, "vectors": vectors_KV}
        for (name, tensor), own in zip(
            given.items(), (self.edges_M3, self.weights_M, self.vectors_KV), strict=True
        ):
            if tensor.shape != own.shape:
                raise ModelError(
                    f"the model was made for {name} of {tuple(own.shape)}, but these are {tuple(tensor.shape)}. "
                    "Give the knowledge graph that it was made for, or make it anew."
                )
        if len(edges_M3):
            most = edges_M3.new_tensor([self.config.relation_count, self.classes, self.classes])
            if bool((edges_M3 < 0).any()) or bool((edges_M3 >= most).any()):
                raise ModelError(
                    f"edges name relations below {self.config.relation_count} and classes below {self.classes}; "
                    f"got up to {edges_M3.amax(0).tolist()}."
                )
        self.edges_M3.copy_(edges_M3)
        self.weights_M.copy_(weights_M)
        self.vectors_KV.copy_(vectors_KV)

    def class_edges(self) -> ClassEdges | None:
        """The edges between classes, to be laid out once a batch; None without classes."""
        if not self.config.relation_count:
            return None
        rows_M = self.edges_M3[:, 0] * self.classes + self.edges_M3[:, 1]
        shape = (self.config.relation_count * self.classes, self.classes)
        return ClassEdges(
            SparseMap(rows_M, self.edges_M3[:, 2], self.weights_M, shape), self.edges_M3, self.weights_M
        )

    def update(
        self,
        memory_RD: Tensor,
        scores_RK: Tensor,
        features_RF: Tensor,
        fed_RX: Tensor | None = None,
    ) -> Tensor:
        """The regions' memory after another look at what they are thought to be.

        Args:
            memory_RD: what is remembered.
            scores_RK: what each is thought to be.
            features_RF: what each looks like.
            fed_RX: what else each is told.
        """
        told_RD = self.of_scores(scores_RK.detach()) + self.of_feature(features_RF.detach())
        if fed_RX is not None and self.fed is not None:
            told_RD = told_RD + self.fed(fed_RX)
        x_RD = torch.relu(self.joined(torch.relu(told_RD)))
        reset_RD, change_RD = torch.sigmoid(
            self.gates_of_input(x_RD) + self.gates_of_memory(memory_RD)
        ).chunk(2, dim=1)
        new_RD = torch.relu(self.candidate_of_input(x_RD) + self.candidate_of_memory(reset_RD * memory_RD))
        return memory_RD + change_RD * (new_RD - memory_RD)

    def reason(
        self,
        memory_RD: Tensor,
        edges: RegionEdges,
        class_edges: ClassEdges | None,
        scores_RK: Tensor,
        heard: list[Heard] | None = None,
    ) -> Tensor:
        """What the regions know after messages were sent, `[R, D]`.

        Args:
            memory_RD: the regions' memory.
            edges: between regions.
            class_edges: between classes.
            scores_RK: what each region is thought to be: how strongly it is tied to each class.
            heard: takes what every layer started from.
        """
        shares_RK = widened(scores_RK.detach()).softmax(dim=1)
        for layer in self.layers:
            change_RD, classes_IKD = layer(memory_RD, edges, class_edges, shares_RK, self.vectors_KV)
            if heard is not None:
                heard.append(Heard(memory_RD, classes_IKD))
            memory_RD = memory_RD + change_RD
        return memory_RD


class MessageLayer(nn.Module):
    """One round of messages."""

    def __init__(self, config: RegionGraphConfig) -> None:
        super().__init__()
        size = config.size
        self.of_space = linear(len(KINDS) * size, size, bias=False) if config.spatial else None
        self.to_classes: nn.Linear | None = None
        if config.relation_count:
            self.to_classes = linear(size, size, bias=False)
            self.of_vectors = linear(config.vector_size, size)
            self.of_relations = nn.ModuleList(
                [linear(size, size, bias=False) for _ in range(config.relation_count)]
            )
            self.from_classes = linear(size, size, bias=False)

    def forward(
        self,
        regions_RD: Tensor,
        edges: RegionEdges,
        class_edges: ClassEdges | None,
        shares_RK: Tensor,
        vectors_KV: Tensor,
    ) -> tuple[Tensor, Tensor | None]:
        """The regions' change and what the class nodes held, `[I, K, D]`."""
        heard_RD, classes_IKD = torch.zeros_like(regions_RD), None
        if self.of_space is not None:
            heard_RD = self.of_space(edges.gather(regions_RD).flatten(1))
        if self.to_classes is not None and class_edges is not None:
            shares_InK = edges.spread(shares_RK)
            share_IKn = shares_InK.transpose(1, 2) / shares_InK.sum(1).clamp_min(1)[:, :, None]
            gathered_IKD = share_IKn.to(regions_RD.dtype) @ edges.spread(regions_RD)
            classes_IKD = torch.relu(self.to_classes(gathered_IKD) + self.of_vectors(vectors_KV))
            told_IKD = self._among_classes(classes_IKD, class_edges)
            told_RD = edges.collect(shares_InK.to(told_IKD.dtype) @ told_IKD)
            heard_RD = heard_RD + torch.relu(self.from_classes(told_RD))
        return torch.relu(heard_RD), classes_IKD

    def _among_classes(self, classes_IKD: Tensor, class_edges: ClassEdges) -> Tensor:
        """`sum_q A_q classes W_q`, `[I, K, D]`."""
        images, classes, size = classes_IKD.shape
        rows_KX = classes_IKD.transpose(0, 1).reshape(classes, images * size)
        heard_QKID = class_edges.map(rows_KX).view(-1, classes, images, size).to(classes_IKD.dtype)
        told = sum(layer(one) for layer, one in zip(self.of_relations, heard_QKID, strict=True))
        assert isinstance(told, Tensor)
        return told.transpose(0, 1)
