"""Networks that classify the regions of an image by reasoning over them again and again.

Chen, Li, Fei-Fei and Gupta, "Iterative Visual Reasoning Beyond Convolutions" (CVPR 2018): a convolutional baseline; a
local module with a memory that lies over the image; a global module over a graph of regions and classes, of which no
code was released; and all together.

Shape legend: I images, R regions of all of them, N cells of all maps, M samples of all regions, C channels, F numbers a
region, K classes, P predictions of each region.
"""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import torch
from torch import Tensor, nn

from visreason.errors import ModelError
from visreason.models.config import require
from visreason.models.region_config import (
    RegionBaselineConfig,
    RegionConfig,
    RegionFullConfig,
    RegionGlobalConfig,
    RegionLocalConfig,
)
from visreason.models.region_output import RegionOutput
from visreason.models.region_trace import Recorder
from visreason.nn.precision import widened
from visreason.nn.region_batch import RegionBatch
from visreason.nn.region_edges import RegionEdges
from visreason.nn.region_graph import ClassEdges, Heard, RegionGraph
from visreason.nn.region_layers import linear
from visreason.nn.region_tables import Grid, RegionTables
from visreason.nn.region_trunk import RegionTrunk
from visreason.nn.spatial_memory import SpatialMemory


@dataclass(slots=True)
class _Said:
    """The predictions so far.

    Attributes:
        scores: `[R, K]` each.
        confidences: `[R]` each.
        names: of each.
        previous: which one each followed.
    """

    scores: list[Tensor] = field(default_factory=list)
    confidences: list[Tensor] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    previous: list[int | None] = field(default_factory=list)

    def add(self, name: str, scores_RK: Tensor, confidence_R1: Tensor, previous: int | None) -> int:
        """One more; its number."""
        self.scores.append(widened(scores_RK))
        self.confidences.append(widened(confidence_R1[:, 0]))
        self.names.append(name)
        self.previous.append(previous)
        return len(self.scores) - 1


class Seen(NamedTuple):
    """What every region looks like by itself.

    Attributes:
        tables: where the regions lie on the map.
        crop_MC: the cells of each.
        features_RF: the head's numbers.
    """

    tables: RegionTables
    crop_MC: Tensor
    features_RF: Tensor


class RegionReasoner(nn.Module):
    """Scores of classes for every region of a batch of images.

    ```
    s_0 = W head(crop);   s_i = local or global prediction after the i-th change of its memory;   w = softmax(a)
    scores = sum_p w_p stop_gradient(s_p)
    ```

    The backbone learns from its own prediction s_0 alone; what the memories read of it is detached.

    Args:
        config: of one of the four families.

    Raises:
        ModelError: a configuration that fits no network.

    Example:
        >>> from visreason.nn.region_trunk import RegionTrunkConfig
        >>> from visreason.nn.spatial_memory import SpatialMemoryConfig
        >>> trunk = RegionTrunkConfig(channels=(8, 8, 8, 8), head=(12,))
        >>> memory = SpatialMemoryConfig(size=8, hidden=16)
        >>> model = RegionReasoner(RegionLocalConfig(class_count=5, trunk=trunk, memory=memory))
        >>> batch = RegionBatch(
        ...     images=torch.rand(1, 3, 96, 128),
        ...     sizes=torch.tensor([[96, 128]]),
        ...     boxes=torch.tensor([[8.0, 8, 60, 90], [50, 20, 120, 70]]),
        ...     image_rows=torch.tensor([0, 0]),
        ... )
        >>> output = model(batch)
        >>> output.logits.shape, output.names
        (torch.Size([2, 5]), ('backbone', 'local 1', 'local 2'))
    """

    def __init__(self, config: RegionConfig) -> None:
        super().__init__()
        self.config = config
        classes, compat = config.class_count, getattr(config, "compat", "official")
        require(classes > 1, f"class_count is {classes}; give the background and at least one class.")
        self.trunk = RegionTrunk(config.trunk, head_stride=2 if compat == "port" else 1)
        self.classifier = linear(self.trunk.feature_size, classes, small=True)
        self.memory: SpatialMemory | None = None
        self.graph: RegionGraph | None = None
        self.confidence: nn.Linear | None = None
        if isinstance(config, RegionBaselineConfig):
            return
        require(config.iterations > 0, f"iterations is {config.iterations}; give at least one.")
        fed = 0
        if isinstance(config, RegionFullConfig) and config.cross_feed:
            fed = config.memory.hidden + config.graph.size
        if not isinstance(config, RegionGlobalConfig):
            sizes = replace(config.memory, start=0) if compat == "port" else config.memory
            self.memory = SpatialMemory(
                self.trunk.channels, config.trunk.crop, classes, sizes, biases=compat == "port", fed=fed
            )
        if not isinstance(config, RegionLocalConfig):
            self.graph = RegionGraph(self.trunk.feature_size, classes, config.graph, fed=fed)
        if self.memory is None or compat != "official":
            self.confidence = linear(self.trunk.channels, 1, small=True)

    def set_knowledge(self, edges_M3: Tensor, weights_M: Tensor, vectors_KV: Tensor) -> None:
        """Give the graph what is known of classes: see `visreason.nn.region_graph.RegionGraph.set_knowledge`.

        Raises:
            ModelError: the network has no graph, or the knowledge is not what it was made for.
        """
        if self.graph is None:
            raise ModelError(
                f"a {type(self.config).__name__[:-6]} has no graph to take knowledge of classes."
            )
        self.graph.set_knowledge(edges_M3, weights_M, vectors_KV)

    def forward(self, batch: RegionBatch, *, trace: bool = False) -> RegionOutput:
        """Scores `[R, K]`, those of every prediction, and how they are combined.

        Raises:
            ModelError: the batch lacks what the network sees.
        """
        return self.reason(batch, self.see(batch), trace=trace)

    def see(self, batch: RegionBatch) -> Seen:
        """What each region looks like by itself: all that does not depend on the others.

        Raises:
            ModelError: the batch lacks what the network sees.
        """
        cells_ICHW, grid = self.trunk(batch)
        tables = self._tables(batch, grid)
        side = self.config.trunk.crop
        crop_MC = tables.read(cells_ICHW.permute(0, 2, 3, 1).flatten(0, 2))
        crop_RCPP = crop_MC.view(-1, side, side, crop_MC.shape[1]).permute(0, 3, 1, 2)
        features_RF = self.trunk.head(crop_RCPP.to(cells_ICHW.dtype))
        return Seen(tables, crop_MC, features_RF)

    def among(self, batch: RegionBatch, seen: Seen, regions: Tensor) -> tuple[RegionBatch, Seen]:
        """The same images with some of their regions alone, which need not be looked at again.

        Args:
            batch: with all regions.
            seen: what they look like.
            regions: Long, the numbers of those that stay, ascending.
        """
        labels = None if batch.labels is None else batch.labels[regions]
        fewer = replace(
            batch, boxes=batch.boxes[regions], image_rows=batch.image_rows[regions], labels=labels
        )
        crop_MC = seen.crop_MC.view(batch.regions, -1, seen.crop_MC.shape[1])[regions].flatten(0, 1)
        return fewer, Seen(self._tables(fewer, seen.tables.grid), crop_MC, seen.features_RF[regions])

    def reason(self, batch: RegionBatch, seen: Seen, *, trace: bool = False) -> RegionOutput:
        """Scores `[R, K]` of regions that have been looked at: see `forward`."""
        said = _Said()
        scores_RK: Tensor = self.classifier(seen.features_RF)
        if isinstance(self.config, RegionBaselineConfig):
            said.add("backbone", scores_RK, torch.zeros_like(scores_RK[:, :1]), None)
            return _combine(said, sign=1)
        context = self.memory is not None and self.memory.config.context
        recorder = Recorder(seen.tables, context=context) if trace else None
        crop_MC, features_RF = seen.crop_MC.detach(), seen.features_RF.detach()
        self._iterate(said, batch, seen.tables, crop_MC, features_RF, scores_RK, recorder)
        output = _combine(said, sign=-1 if self._by_paper else 1)
        output.trace = None if recorder is None else recorder.trace()
        return output

    @property
    def _by_paper(self) -> bool:
        return getattr(self.config, "compat", "official") == "paper"

    def _tables(self, batch: RegionBatch, grid: Grid) -> RegionTables:
        """Where the regions lie on the map."""
        return RegionTables(
            batch.boxes,
            batch.image_rows,
            grid,
            size=self.config.trunk.crop,
            writing="covered" if self._by_paper else "centres",
            edges=self.config.trunk.edges,
            dtype=torch.promote_types(self.classifier.weight.dtype, torch.float32),
        )

    def _iterate(
        self,
        said: _Said,
        batch: RegionBatch,
        tables: RegionTables,
        crop_MC: Tensor,
        features_RF: Tensor,
        scores_RK: Tensor,
        recorder: Recorder | None,
    ) -> None:
        """Add the backbone's prediction and those of every iteration."""
        assert not isinstance(self.config, RegionBaselineConfig)
        local = _Local(self.memory, tables, crop_MC, recorder) if self.memory is not None else None
        wide = _Global(self.graph, batch, tables, features_RF, recorder) if self.graph is not None else None
        if self.confidence is not None:
            average_RC = crop_MC.view(-1, tables.size**2, crop_MC.shape[1]).mean(1)
            confidence_R1 = self.confidence(average_RC)
        else:
            assert local is not None
            confidence_R1 = local.confidence_before()
        first = said.add("backbone", scores_RK, confidence_R1, None)
        before = {"local": first, "global": first}
        fed_RX: Tensor | None = None
        for iteration in range(1, self.config.iterations + 1):
            found = []
            for name, module in (("local", local), ("global", wide)):
                if module is None:
                    continue
                known_RD = module.step(said.scores[before[name]], fed_RX, keep=self.config.remember)
                found.append(known_RD)
                before[name] = said.add(f"{name} {iteration}", *module.read(known_RD), before[name])
            if getattr(self.config, "cross_feed", False):
                fed_RX = torch.cat(found, dim=1)


class _Local:
    """The spatial memory of one batch."""

    def __init__(
        self, layers: SpatialMemory, tables: RegionTables, crop_MC: Tensor, recorder: Recorder | None
    ) -> None:
        self.layers, self.tables, self.recorder = layers, tables, recorder
        self.inside = tables.grid.inside()
        self.start_NS = self.memory_NS = layers.begin(tables.grid, crop_MC)
        self.projected = layers.project(crop_MC)
        if recorder is not None:
            recorder.note_memory(self.memory_NS)

    def confidence_before(self) -> Tensor:
        """What the memory says of each region before anything is written, `[R, 1]`."""
        confidence_R1: Tensor = self.layers.confidence(
            self.layers.see(self.start_NS, self.tables, self.inside)
        )
        return confidence_R1

    def step(self, scores_RK: Tensor, fed_RX: Tensor | None, *, keep: bool) -> Tensor:
        """Write, then look: what the regions know, `[R, D]`."""
        memory_NS = self.memory_NS if keep else self.start_NS
        written = self.layers.update(memory_NS, self.tables, scores_RK, self.projected, fed_RX)
        self.memory_NS = written.memory_NS
        if self.recorder is not None:
            self.recorder.note_memory(self.memory_NS)
            self.recorder.note_writing(written.change_MS, kept=keep)
        return self.layers.see(self.memory_NS, self.tables, self.inside)

    def read(self, known_RD: Tensor) -> tuple[Tensor, Tensor]:
        """Scores `[R, K]` and confidence `[R, 1]`."""
        return self.layers.scores(known_RD), self.layers.confidence(known_RD)


class _Global:
    """The regions' memory of one batch, and the graph they lie in."""

    def __init__(
        self,
        layers: RegionGraph,
        batch: RegionBatch,
        tables: RegionTables,
        features_RF: Tensor,
        recorder: Recorder | None,
    ) -> None:
        self.layers, self.features_RF, self.recorder = layers, features_RF, recorder
        self.edges = RegionEdges(batch.boxes, batch.image_rows, len(batch), layers.config.reach)
        self.class_edges: ClassEdges | None = layers.class_edges()
        self.start_RD = self.memory_RD = widened(features_RF.new_zeros(batch.regions, layers.config.size))

    def step(self, scores_RK: Tensor, fed_RX: Tensor | None, *, keep: bool) -> Tensor:
        """Change the memory, then send messages: what the regions know, `[R, D]`."""
        memory_RD = self.memory_RD if keep else self.start_RD
        self.memory_RD = self.layers.update(memory_RD, scores_RK, self.features_RF, fed_RX)
        heard: list[Heard] | None = None if self.recorder is None else []
        known_RD = self.layers.reason(self.memory_RD, self.edges, self.class_edges, scores_RK, heard)
        if self.recorder is not None and heard is not None:
            self.recorder.note_messages(self.layers, heard, self.edges, self.class_edges, scores_RK)
        return known_RD

    def read(self, known_RD: Tensor) -> tuple[Tensor, Tensor]:
        """Scores `[R, K]` and confidence `[R, 1]`."""
        return self.layers.scores(known_RD), self.layers.confidence(known_RD)


def _combine(said: _Said, sign: int) -> RegionOutput:
    """All predictions and the final one."""
    predictions_PRK = torch.stack(said.scores)
    attention_RP = (sign * torch.stack(said.confidences, dim=1)).softmax(dim=1)
    final_RK = said.scores[0]
    if len(said.scores) > 1:
        final_RK = torch.einsum("rp,prk->rk", attention_RP, predictions_PRK.detach())
    return RegionOutput(final_RK, predictions_PRK, tuple(said.names), tuple(said.previous), attention_RP)
