"""The configurations of networks that reason over regions (`visreason.models.region_reasoning`)."""

from dataclasses import dataclass
from typing import Literal

from visreason.nn.region_graph import RegionGraphConfig
from visreason.nn.region_trunk import RegionTrunkConfig
from visreason.nn.spatial_memory import SpatialMemoryConfig

Compat = Literal["paper", "official", "port"]
"""Whose details are followed where the paper, its authors' code (https://github.com/endernewton/iter-reason) and the
PyTorch port (https://github.com/coderSkyChen/Iterative-Visual-Reasoning.pytorch) differ:

* which cells a region writes to: by the paper all that it touches, each as far as it is covered; by the codes those
  whose centres it covers;
* the attention over predictions: by the paper `softmax(-a)`, by the codes `softmax(a)` of the confidences a;
* the confidence of the backbone's own prediction: by the authors' code what the memory says before anything is written;
  by the paper and the port a linear layer of the region's average cell;
* the memory's start: by the paper and the authors' code a learned map, by the port zeros;
* biases: by the port also in the layers that read scores, in the memory's side of the gates, and in the confidences;
* the stride of a ResNet's conv5 on crops: by the port 2, else 1.

Two faults of the port are not repeated, whatever is asked for: that every region writes what the first has computed,
and that re-weighting has no effect."""

_TRUNK, _MEMORY, _GRAPH = RegionTrunkConfig(), SpatialMemoryConfig(), RegionGraphConfig()


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionBaselineConfig:
    """The size of a network that looks at every region once.

    Attributes:
        class_count: K, the background counted.
        trunk: how it sees.
    """

    class_count: int
    trunk: RegionTrunkConfig = _TRUNK


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionLocalConfig:
    """The size of a network with a spatial memory.

    Attributes:
        class_count: K, the background counted.
        trunk: how it sees.
        memory: the spatial memory.
        iterations: how often the memory is written and regions are classified from it; the authors' code counts the
            backbone's own prediction too, so its MEM.ITER of 3 is 2 here.
        remember: keep the memory from one iteration to the next; else each writes to a fresh one.
        compat: whose details are followed, see `Compat`.
    """

    class_count: int
    trunk: RegionTrunkConfig = _TRUNK
    memory: SpatialMemoryConfig = _MEMORY
    iterations: int = 2
    remember: bool = True
    compat: Compat = "official"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionGlobalConfig:
    """The size of a network with a graph of regions and classes.

    Attributes:
        class_count: K, the background counted.
        trunk: how it sees.
        graph: the graph.
        iterations: how often the regions' memory is changed and regions are classified from it.
        remember: keep the memory from one iteration to the next; else each starts from nothing.
    """

    class_count: int
    trunk: RegionTrunkConfig = _TRUNK
    graph: RegionGraphConfig = _GRAPH
    iterations: int = 2
    remember: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionFullConfig:
    """The size of a network with both.

    Attributes:
        class_count: K, the background counted.
        trunk: how it sees.
        memory: the spatial memory.
        graph: the graph.
        iterations: how often both memories are changed and read.
        remember: keep both memories from one iteration to the next.
        cross_feed: tell both memories what both have found in the iteration before.
        compat: whose details the local part follows, see `Compat`.
    """

    class_count: int
    trunk: RegionTrunkConfig = _TRUNK
    memory: SpatialMemoryConfig = _MEMORY
    graph: RegionGraphConfig = _GRAPH
    iterations: int = 2
    remember: bool = True
    cross_feed: bool = True
    compat: Compat = "official"


RegionConfig = RegionBaselineConfig | RegionLocalConfig | RegionGlobalConfig | RegionFullConfig
