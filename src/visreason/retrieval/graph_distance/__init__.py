"""How alike two scenes are: graph edit distances, the ground truth of retrieval by relations."""

from visreason.retrieval.graph_distance.matrix import KINDS, distance_matrix

__all__ = ["KINDS", "distance_matrix"]
