r"""A graph edit distance between scenes that is symmetric, normalised by their sizes, and a metric.

A scene is a unit vector of two halves. One holds the attributes of its objects, the other the relations between
them, and each half has the same weight whatever the number of objects. Under a matching of the objects of one
scene with those of another (one to one; any object may stay without a partner) the vectors have the product

.. math:: r = \frac{1}{8 \sqrt{n m}} \sum_{i} \sum_{a=1}^{4} \kappa_a(i, \pi(i))
              + \frac{1}{2 \sqrt{R S}} \sum_{i < j} \sum_{q} s_q(i, j) \, s_q(\pi(i), \pi(j)),

where κ is 1 for the same value of an attribute and -1/(v - 1) for another of its v values (vectors from the
centre of a regular simplex to its corners), s is 1 or -1 as i stands right of j or left of it, and in front of
it or behind it, n and m are the numbers of objects, R and S those of relations. The distance is that of the
vectors under the matching that brings them nearest, halved in the square,

.. math:: d = \sqrt{1 - \max_\pi r},

0 for scenes that differ in nothing but coordinates, 1 for scenes that have nothing in common. As a matching only
renumbers coordinates, d is a metric. Among graph edit distances it is one whose prices depend on the size of a
scene: 2d² is the least cost that a matching induces when an object or a relation without counterpart costs the
square of its part of the vector, and one with a counterpart the square of their difference. A relation that is
reversed therefore costs up to twice what it costs to lose it on both sides: it is contradicted, not only missing.

Two choices keep the number of objects from ruling the ranking, as it does with constant prices, where no likeness
makes good for an object too many (docs/retrieval.md has the figures): the vectors have the same length, and what
agrees by chance counts for nothing, since κ and s are 0 on average.

Only two of CLEVR's four relations are counted (`visreason.retrieval.graph_distance.graph`). Of two objects
neither may stand right of the other, which is a relation less. A scene without relations has the one half only.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from visreason.retrieval.graph_distance.graph import SceneGraph
from visreason.retrieval.graph_distance.matching import UNIT, WIDTHS, least_costs


def symmetric_distance(first: SceneGraph, second: SceneGraph) -> float:
    """The distance of two scenes, from 0 to 1.

    Raises:
        UsageError: a scene has more objects than can be matched.

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> one, other = (SceneGraph.of(sample_scene(scene_rng(0, "val", i), i, "val")) for i in range(2))
        >>> symmetric_distance(one, one), symmetric_distance(one, other) == symmetric_distance(other, one)
        (0.0, True)
    """
    return float(symmetric_bounds([first], [second])[1][0])


def symmetric_bounds(
    first: Sequence[SceneGraph], second: Sequence[SceneGraph], widths: Sequence[int] = WIDTHS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Bounds of the distances of many pairs.

    They are equal, and the distance exact to 1e-5, where the search proves its matching best
    (`visreason.retrieval.graph_distance.matching`): for all pairs of CLEVR scenes that were tried
    (docs/retrieval.md). Scenes of more objects, or of objects that look all alike, may keep a gap; the upper
    bound is then the distance under the best matching that was found.

    Args:
        first: P graphs.
        second: P graphs.
        widths: of the search's beams, narrow ones first; the last one bounds its time.

    Returns:
        The lower and the upper bounds, [P] each.

    Raises:
        UsageError: a scene has more objects than can be matched.

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> graphs = [SceneGraph.of(sample_scene(scene_rng(0, "val", i), i, "val")) for i in range(4)]
        >>> low, high = symmetric_bounds(graphs[:3], graphs[1:])
        >>> bool((low == high).all())
        True
    """
    pairs = [sorted(pair, key=_size) for pair in zip(first, second, strict=True)]
    bounds_2P = np.zeros((2, len(pairs)))
    by_sizes: dict[tuple[int, int], list[int]] = {}
    for number, (a, b) in enumerate(pairs):
        by_sizes.setdefault((len(a), len(b)), []).append(number)
    for (n, m), members in by_sizes.items():
        if n == 0:
            bounds_2P[:, members] = float(m > 0)
            continue
        smaller, larger = zip(*(pairs[number] for number in members), strict=True)
        bounds_2P[:, members] = _same_sizes(smaller, larger, widths)
    return bounds_2P[0], bounds_2P[1]


def _size(graph: SceneGraph) -> tuple[int, bytes]:
    """What of two scenes decides which one is matched into the other, so that d(a, b) is d(b, a) to the last bit."""
    return len(graph), graph.to_bytes()


def _same_sizes(
    smaller: Sequence[SceneGraph], larger: Sequence[SceneGraph], widths: Sequence[int]
) -> NDArray[np.float64]:
    """Both bounds for pairs of N and M objects, [2, P]."""
    n, m = len(smaller[0]), len(larger[0])
    relations_2P = np.array([[graph.relation_count for graph in side] for side in (smaller, larger)])
    halves_P = np.where(relations_2P > 0, np.sqrt(0.5), 1.0).prod(0)
    attribute_P = halves_P / (4 * np.sqrt(n * m))
    relation_P = np.where(relations_2P.prod(0) > 0, 0.5 / np.sqrt(np.maximum(relations_2P.prod(0), 1)), 0.0)
    most_P = 4 * n * attribute_P + relations_2P[0] * relation_P  # of an exact copy among the larger's objects
    costs_2P = np.stack(least_costs(smaller, larger, attribute_P, relation_P, widths))
    squares_2P: NDArray[np.float64] = (np.rint(UNIT * (1 - most_P)) + costs_2P) / UNIT
    return np.sqrt(np.clip(squares_2P, 0.0, 1.0))
