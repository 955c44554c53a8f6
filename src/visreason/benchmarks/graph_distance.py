"""The graph edit distances of pairs of CLEVR scenes: pairs a second, and what a search without proof would miss."""

import math
import time
from collections.abc import Sequence
from itertools import combinations, permutations

import numpy as np

from visreason.benchmarks.clock import fastest_in_turns
from visreason.benchmarks.row import Row
from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.retrieval.graph_distance.graph import SceneGraph
from visreason.retrieval.graph_distance.published import published_distance
from visreason.retrieval.graph_distance.symmetric import symmetric_bounds

SMALL = 4
"""Objects of the scenes for which all matchings are tried."""


def run(scenes: int = 60) -> list[Row]:
    """Measure all pairs of `scenes` scenes of 3 to 10 objects on one core, and pairs cut down to `SMALL` objects.

    Returns:
        Pairs a second of each distance; the share of pairs whose matching is proved best; how far the distances of a
        search that follows one matching only are from exact ones; on small scenes the time against trying every
        matching, and whether both gave the same.

    Example:
        >>> {row.name: row.equal for row in run(scenes=6)}["graph-distance.small"]
        True
    """
    graphs = [SceneGraph.of(sample_scene(scene_rng(0, "val", i), i, "val")) for i in range(scenes)]
    first, second = zip(*combinations(graphs, 2), strict=True)
    start = time.process_time()
    low, high = symmetric_bounds(first, second)
    ours = len(first) / (time.process_time() - start)
    start = time.process_time()
    for one, other in zip(first, second, strict=True):
        published_distance(one, other)
    published = len(first) / (time.process_time() - start)
    greedy = symmetric_bounds(first, second, widths=(1,))[1]
    return [
        Row(name="graph-distance.symmetric", value=ours, unit="pairs/s"),
        Row(name="graph-distance.published", value=published, unit="pairs/s"),
        Row(name="graph-distance.proved", value=100 * float((low == high).mean()), unit="% of pairs"),
        Row(name="graph-distance.greedy", value=100 * float((greedy / high).mean() - 1), unit="% too far"),
        _against_all_matchings([graph.take(np.arange(SMALL)) for graph in graphs if len(graph) >= SMALL]),
    ]


def _against_all_matchings(graphs: Sequence[SceneGraph], pairs: int = 40) -> Row:
    """Small scenes, by the search and by the plain formula."""
    first, second = zip(*list(combinations(graphs, 2))[:pairs], strict=True)
    by_search = symmetric_bounds(first, second)[1]
    by_trying = [plain_distance(one, other) for one, other in zip(first, second, strict=True)]
    ours, plain = fastest_in_turns(
        [
            lambda: symmetric_bounds(first, second),
            lambda: [plain_distance(one, other) for one, other in zip(first, second, strict=True)],
        ],
        rounds=2,
    )
    same = bool(np.allclose(by_search**2, np.square(by_trying), atol=2e-5))
    return Row(name="graph-distance.small", ratio=plain / ours, equal=same)


def plain_distance(one: SceneGraph, other: SceneGraph) -> float:
    """The symmetric distance of two scenes with relations, by trying every matching.

    Example:
        >>> scene = sample_scene(scene_rng(0, "val", 0), 0, "val")
        >>> plain_distance(*[SceneGraph.of(scene).take(np.array([2, 0, 1]))] * 2)
        0.0
    """
    n, m = len(one), len(other)
    chance = [-1 / (len(values) - 1) for values in ATTRIBUTES.values()]
    same_NM4 = one.attributes_N4[:, None] == other.attributes_N4[None]
    alike = np.pad(np.where(same_NM4, 1.0, chance).sum(2), ((0, 0), (0, n)))
    signs = np.pad(other.signs, ((0, 0), (0, n), (0, n)))
    weights = 1 / (8 * math.sqrt(n * m)), 0.5 / math.sqrt(one.relation_count * other.relation_count)
    best = 0.0
    for matching in permutations(range(m + n), n):  # from m on: no partner
        partners = np.array(matching)
        agree = (one.signs * signs[:, partners[:, None], partners]).sum() / 2
        best = max(best, float(weights[0] * alike[np.arange(n), partners].sum() + weights[1] * agree))
    return math.sqrt(max(0.0, 1 - best)) if best < 1 - 1e-12 else 0.0
