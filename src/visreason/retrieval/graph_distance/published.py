"""The graph edit distance of the literature on relational image retrieval, as its code computes it.

Messina et al., "Learning Relationship-Aware Visual Features", ECCV Workshops 2018
(https://doi.org/10.1007/978-3-030-11018-5_40), approximate an edit distance by the assignment of Riesen and
Bunke (2009), https://doi.org/10.1016/j.imavis.2008.04.004: objects are matched by their attributes alone, and
the relations are counted afterwards. It is kept for comparison with published figures. It is not symmetric, as
attributes leave most matchings tied and the tie decides which relations are found reversed; and it counts
reversed relations only, so the more relations two scenes *could* share, the further apart they are: a candidate
with few objects is near to everything.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from visreason.retrieval.graph_distance.graph import SceneGraph

NodeCost = Literal["soft", "hard"]
"""What one object in place of another costs: a quarter for each attribute that differs, or 1 if any does."""

_INDEL = 1.0
_FORBIDDEN = 5.0


def published_distance(first: SceneGraph, second: SceneGraph, cost: NodeCost = "soft") -> float:
    r"""The published distance from the first scene to the second.

    Objects are matched by the least-cost assignment of the matrix

    .. math:: \begin{pmatrix} C & D \\ D' & 0 \end{pmatrix}, \qquad D_{ii} = 1, \; D_{i \ne j} = 5,

    C being the costs of substitution, D of deletion, D' of insertion. With z its cost and r the number of edges
    i → j of the first scene whose images are joined by an edge the other way round, the distance is z + r,
    summed over the two graphs, of `right` and of `front`. The matching is the same in both.

    Args:
        first: the query.
        second: the candidate.
        cost: how substitution is counted.

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> one, other = (SceneGraph.of(sample_scene(scene_rng(0, "val", i), i, "val")) for i in range(2))
        >>> published_distance(one, one), published_distance(one, other) == published_distance(other, one)
        (0.0, False)
    """
    costs = _assignment_costs(_substitution(first, second, cost))
    rows, columns = linear_sum_assignment(costs)
    matched = (rows < len(first)) & (columns < len(second))
    i, j = rows[matched], columns[matched]
    reversed_edges = first.edges_2NN[:, i[:, None], i] & second.edges_2NN[:, j[:, None], j].transpose(0, 2, 1)
    return float(2 * costs[rows, columns].sum() + reversed_edges.sum())


def _substitution(first: SceneGraph, second: SceneGraph, cost: NodeCost) -> NDArray[np.float64]:
    """The cost of each object of the second scene in place of each of the first, [N, M]."""
    differs_NM4 = first.attributes_N4[:, None] != second.attributes_N4[None]
    costs: NDArray[np.float64] = (
        differs_NM4.mean(2) if cost == "soft" else differs_NM4.any(2).astype(np.float64)
    )
    return costs


def _assignment_costs(substitution_NM: NDArray[np.float64]) -> NDArray[np.float64]:
    """Riesen and Bunke's square matrix: substitution, deletion, insertion and nothing."""
    n, m = substitution_NM.shape
    costs = np.zeros((n + m, n + m))
    costs[:n, :m] = substitution_NM
    costs[:n, m:] = np.where(np.eye(n, dtype=bool), _INDEL, _FORBIDDEN)
    costs[n:, :m] = np.where(np.eye(m, dtype=bool), _INDEL, _FORBIDDEN)
    return costs
