"""A scene as a small attributed graph: what its objects are, and which of two stands right of, or before, the other.

Of CLEVR's four relations two are independent: `left` is `right` read the other way round, `behind` is `front`. Taking
all four would count every difference twice.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.scene import Scene

EDGES = ("right", "front")
"""The relations whose edges a graph holds."""


@dataclass(frozen=True, slots=True, eq=False)
class SceneGraph:
    """The objects of a scene and their relations as arrays.

    Attributes:
        attributes_N4: the number of each object's size, colour, material and shape in their lists.
        edges_2NN: whether object i stands right of object j, and whether i stands in front of j.

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> graph = SceneGraph.of(sample_scene(scene_rng(0, "val", 0), 0, "val"))
        >>> graph.attributes_N4.shape[1], graph.edges_2NN.shape == (2, len(graph), len(graph))
        (4, True)
    """

    attributes_N4: NDArray[np.uint8]
    edges_2NN: NDArray[np.bool_]

    @classmethod
    def of(cls, scene: Scene) -> "SceneGraph":
        """The graph of a scene, its objects in the scene's order."""
        count = len(scene)
        attributes = [
            [values.index(getattr(thing, name)) for name, values in ATTRIBUTES.items()]
            for thing in scene.objects
        ]
        edges = np.zeros((len(EDGES), count, count), bool)
        for edge, name in zip(edges, EDGES, strict=True):
            for j, standing in enumerate(scene.relationships[name]):
                edge[list(standing), j] = True
        return cls(np.array(attributes, np.uint8).reshape(count, len(ATTRIBUTES)), edges)

    def __len__(self) -> int:
        return len(self.attributes_N4)

    @property
    def signs(self) -> NDArray[np.int8]:
        """1 where object i stands right of (in front of) object j, -1 where left of (behind) it, else 0; [2, N, N]."""
        edges = self.edges_2NN.astype(np.int8)
        return edges - edges.transpose(0, 2, 1)

    @property
    def relation_count(self) -> int:
        """How many pairs of objects have one right of the other, and how many one in front of the other, together."""
        return int(np.count_nonzero(self.signs)) // 2

    def take(self, order: NDArray[np.intp]) -> "SceneGraph":
        """The graph of some of the objects, in the given order."""
        return SceneGraph(self.attributes_N4[order], self.edges_2NN[:, order[:, None], order[None, :]])

    def to_bytes(self) -> bytes:
        """All that the graph says, the same for equal graphs in the same order only."""
        return bytes([len(self)]) + self.attributes_N4.tobytes() + np.packbits(self.edges_2NN).tobytes()
