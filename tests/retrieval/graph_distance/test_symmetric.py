import math
from itertools import combinations, permutations
from random import Random

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.retrieval.graph_distance.graph import SceneGraph
from visreason.retrieval.graph_distance.symmetric import symmetric_bounds, symmetric_distance

VALUES = [len(values) for values in ATTRIBUTES.values()]


def make_graph(attributes: list[tuple[int, ...]], places: list[tuple[int, int]]) -> SceneGraph:
    """Objects at places (to the right, to the front); equal coordinates give no relation."""
    where = np.array(places).reshape(-1, 2).T
    return SceneGraph(np.array(attributes, np.uint8).reshape(-1, 4), where[:, :, None] > where[:, None, :])


def graphs(least: int = 0, most: int = 5, spread: int = 5) -> st.SearchStrategy[SceneGraph]:
    thing = st.tuples(*(st.integers(0, count - 1) for count in VALUES))
    place = st.tuples(st.integers(0, spread), st.integers(0, spread))
    rows = st.lists(st.tuples(thing, place), min_size=least, max_size=most)
    return rows.map(lambda pairs: make_graph([a for a, _ in pairs], [b for _, b in pairs]))


def sampled(count: int, seed: int = 0) -> list[SceneGraph]:
    return [SceneGraph.of(sample_scene(scene_rng(seed, "val", i), i, "val")) for i in range(count)]


def shuffled(graph: SceneGraph, random: Random) -> SceneGraph:
    return graph.take(np.array(random.sample(range(len(graph)), len(graph)), np.intp))


def halves(graph: SceneGraph) -> tuple[float, float]:
    """What one attribute and one relation weigh in a scene's vector."""
    attributes = (0.5 if graph.relation_count else 1) / (4 * len(graph))
    return math.sqrt(attributes), math.sqrt(0.5 / graph.relation_count) if graph.relation_count else 0.0


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """The sum of kappa over the attributes of two objects."""
    return sum(1 if a == b else -1 / (count - 1) for a, b, count in zip(one, other, VALUES, strict=True))


def by_all_matchings(a: SceneGraph, b: SceneGraph) -> float:
    """The definition, over every partial matching."""
    (attribute_a, relation_a), (attribute_b, relation_b) = halves(a), halves(b)
    best = 0.0
    for size in range(1, min(len(a), len(b)) + 1):
        for left in combinations(range(len(a)), size):
            for right in permutations(range(len(b)), size):
                alike = sum(
                    likeness(a.attributes_N4[i], b.attributes_N4[j]) for i, j in zip(left, right, strict=True)
                )
                agree = sum(
                    int(a.signs[q, left[s], left[t]]) * int(b.signs[q, right[s], right[t]])
                    for s, t in combinations(range(size), 2)
                    for q in range(2)
                )
                best = max(best, attribute_a * attribute_b * alike + relation_a * relation_b * agree)
    return math.sqrt(max(0.0, 1 - best))


@settings(max_examples=80, deadline=None)
@given(graphs(1, 4), graphs(1, 4))
def test_it_is_the_best_of_all_matchings(a: SceneGraph, b: SceneGraph) -> None:
    assert symmetric_distance(a, b) == pytest.approx(by_all_matchings(a, b), abs=2e-3)
    assert symmetric_distance(a, b) ** 2 == pytest.approx(by_all_matchings(a, b) ** 2, abs=2e-5)


def vector(graph: SceneGraph, slots: tuple[int, ...], most: int) -> np.ndarray:
    """A scene's vector when its objects are numbered by `slots`: corners of simplices, and signs."""
    attribute, relation = halves(graph)
    corners = [math.sqrt(count / (count - 1)) * (np.eye(count) - 1 / count) for count in VALUES]
    objects, signs = np.zeros((most, sum(VALUES))), np.zeros((2, most, most))
    for i, slot in enumerate(slots):
        own = zip(corners, graph.attributes_N4[i], strict=True)
        objects[slot] = attribute * np.concatenate([corner[value] for corner, value in own])
    for i, j in combinations(range(len(slots)), 2):
        first, second = sorted((slots[i], slots[j]))
        signs[:, first, second] = relation * graph.signs[:, i, j] * (1 if slots[i] == first else -1)
    return np.concatenate((objects.ravel(), signs.ravel()))


@settings(max_examples=25, deadline=None)
@given(graphs(1, 3), graphs(1, 3))
def test_it_is_the_distance_of_unit_vectors_up_to_renumbering(a: SceneGraph, b: SceneGraph) -> None:
    fixed = vector(a, tuple(range(len(a))), 6)
    assert fixed @ fixed == pytest.approx(1)
    nearest = min(
        float(((fixed - vector(b, slots, 6)) ** 2).sum()) for slots in permutations(range(6), len(b))
    )
    assert symmetric_distance(a, b) ** 2 == pytest.approx(nearest / 2, abs=2e-5)


@settings(max_examples=25, deadline=None)
@given(graphs(1, 5, spread=0), graphs(1, 5, spread=0))
def test_without_relations_it_is_networkx_graph_edit_distance(a: SceneGraph, b: SceneGraph) -> None:
    one, other = nx.Graph(), nx.Graph()
    for made, graph in ((one, a), (other, b)):
        made.add_nodes_from((i, {"attributes": row}) for i, row in enumerate(graph.attributes_N4))
    product = 2 * halves(a)[0] * halves(b)[0]
    found = nx.graph_edit_distance(
        one,
        other,
        node_subst_cost=lambda x, y: (
            1 / len(a) + 1 / len(b) - product * likeness(x["attributes"], y["attributes"])
        ),
        node_del_cost=lambda _: 1 / len(a),
        node_ins_cost=lambda _: 1 / len(b),
    )
    assert symmetric_distance(a, b) ** 2 == pytest.approx(found / 2, abs=2e-5)


@settings(deadline=None)
@given(graphs(0, 6), st.randoms(use_true_random=False))
def test_a_scene_is_itself_in_any_order(graph: SceneGraph, random: Random) -> None:
    assert symmetric_distance(graph, shuffled(graph, random)) == 0


@settings(max_examples=60, deadline=None)
@given(graphs(0, 6), graphs(0, 6), st.randoms(use_true_random=False))
def test_neither_the_order_of_scenes_nor_of_objects_matters(
    a: SceneGraph, b: SceneGraph, random: Random
) -> None:
    here = symmetric_distance(a, b)
    assert symmetric_distance(b, a) == here
    again = symmetric_distance(shuffled(b, random), shuffled(a, random))
    assert again**2 == pytest.approx(here**2, abs=2e-5)
    assert 0 <= here <= 1


@settings(deadline=None)
@given(graphs(0, 5), graphs(0, 5), graphs(0, 5))
def test_no_way_round_is_shorter(a: SceneGraph, b: SceneGraph, c: SceneGraph) -> None:
    assert symmetric_distance(a, c) <= symmetric_distance(a, b) + symmetric_distance(b, c) + 1e-4


def test_scenes_like_clevrs_are_matched_with_proof_and_without_short_cuts() -> None:
    scenes = sampled(24)
    pairs = [(a, b) for a in scenes for b in scenes]
    low, high = symmetric_bounds([a for a, _ in pairs], [b for _, b in pairs])
    assert (low == high).all()
    distances = high.reshape(24, 24)
    assert (distances == distances.T).all()
    detours = distances[:, :, None] + distances[None]
    assert (distances[:, None, :] <= detours.transpose(0, 1, 2) + 1e-4).all()
    assert (distances + 2 * np.eye(24) > 0.3).all()


@settings(deadline=None)
@given(graphs(1, 6, spread=99), st.data())
def test_edits_cost_no_more_than_their_price(graph: SceneGraph, data: st.DataObject) -> None:
    edited, price = graph.attributes_N4.copy(), 0.0
    for i in range(len(graph)):
        which = data.draw(st.sampled_from([0, 1, 2, 3]))
        edited[i, which] = (edited[i, which] + 1) % VALUES[which]
        price += halves(graph)[0] ** 2 * VALUES[which] / (VALUES[which] - 1)
        found = symmetric_distance(graph, SceneGraph(edited.copy(), graph.edges_2NN))
        assert found**2 <= price + 2e-5


def test_every_further_edit_leads_further_away() -> None:
    for graph in sampled(10, seed=5):
        free = [color for color in range(8) if color not in graph.attributes_N4[:, 1]]
        edited, before = graph.attributes_N4.copy(), 0.0
        for i in range(len(graph) if free else 0):
            edited[i, 1] = free[0]
            now = symmetric_distance(graph, SceneGraph(edited.copy(), graph.edges_2NN))
            assert now > before
            before = now
        before = 0.0
        for left in range(len(graph) - 1, 0, -1):
            now = symmetric_distance(graph, graph.take(np.arange(left)))
            assert now > before
            before = now


def test_a_reversed_relation() -> None:
    things = [(0, 0, 0, 0), (1, 1, 1, 1)]
    here, mirrored = make_graph(things, [(0, 0), (1, 1)]), make_graph(things, [(1, 0), (0, 1)])
    assert symmetric_distance(here, mirrored) == pytest.approx(math.sqrt(0.5), abs=1e-4)


def test_scenes_without_objects() -> None:
    nothing, one = make_graph([], []), make_graph([(0, 0, 0, 0)], [(0, 0)])
    assert symmetric_distance(nothing, nothing) == 0
    assert symmetric_distance(nothing, one) == symmetric_distance(one, nothing) == 1
    low, high = symmetric_bounds([], [])
    assert low.shape == high.shape == (0,)


def test_nothing_in_common_is_one() -> None:
    opposite = make_graph([(0, 0, 0, 0)], [(0, 0)]), make_graph([(1, 1, 1, 1)], [(0, 0)])
    assert symmetric_distance(*opposite) == 1
