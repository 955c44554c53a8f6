import numpy as np
import pytest

from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.errors import UsageError
from visreason.retrieval.graph_distance.graph import SceneGraph
from visreason.retrieval.graph_distance.matching import LARGEST, UNIT, WIDTHS, least_costs


def of_size(objects: int, count: int) -> list[SceneGraph]:
    """Scenes cut down to a number of objects."""
    found: list[SceneGraph] = []
    number = 0
    while len(found) < count:
        graph = SceneGraph.of(sample_scene(scene_rng(1, "val", number), number, "val"))
        number += 1
        if len(graph) >= objects:
            found.append(graph.take(np.arange(objects)))
    return found


@pytest.fixture(scope="module")
def pairs() -> tuple[list[SceneGraph], list[SceneGraph], np.ndarray, np.ndarray]:
    graphs = of_size(8, 24)
    return graphs[:12], graphs[12:], np.full(12, 1 / 64), np.full(12, 1 / 112)


def test_a_narrow_beam_says_how_wrong_it_may_be(
    pairs: tuple[list[SceneGraph], list[SceneGraph], np.ndarray, np.ndarray],
) -> None:
    low, high = least_costs(*pairs)
    assert (low == high).all()
    gaps = []
    for width in (1, 4, 16):
        below, above = least_costs(*pairs, widths=(width,))
        assert (below <= low).all()
        assert (high <= above).all()
        gaps.append((above - below).sum())
    assert gaps[0] > gaps[1] > gaps[2]


def test_however_it_is_searched_the_least_cost_is_the_same(
    pairs: tuple[list[SceneGraph], list[SceneGraph], np.ndarray, np.ndarray],
) -> None:
    assert (least_costs(*pairs)[1] == least_costs(*pairs, widths=(WIDTHS[-1],))[1]).all()
    alone = [
        least_costs([a], [b], attribute[None], relation[None])[1][0]
        for a, b, attribute, relation in zip(*pairs, strict=True)
    ]
    assert least_costs(*pairs)[1].tolist() == alone


def test_a_copy_among_more_objects_costs_nothing() -> None:
    (large,) = of_size(10, 1)
    small = large.take(np.array([7, 2, 5]))
    low, high = least_costs([small], [large], np.array([0.1]), np.array([0.1]))
    assert low[0] == high[0] == 0


def test_an_object_that_fits_nowhere_stays_without_a_partner() -> None:
    edges = np.zeros((2, 1, 1), bool)
    one, other = (SceneGraph(np.full((1, 4), value, np.uint8), edges) for value in (0, 1))
    _, high = least_costs([one], [other], np.array([0.25]), np.array([0.0]))
    assert high[0] == UNIT  # matched, it would cost (2 + 8/7 + 2 + 3/2) / 4


def test_objects_all_alike_keep_true_bounds() -> None:
    rng = np.random.default_rng(0)
    edges = np.triu(np.ones((10, 10), bool), 1)
    alike = [
        SceneGraph(np.zeros((10, 4), np.uint8), np.stack([edges, edges[order][:, order]]))
        for order in (rng.permutation(10) for _ in range(4))
    ]
    low, high = least_costs(alike[:2], alike[2:], np.full(2, 1 / 80), np.full(2, 1 / 180), widths=(32, 512))
    assert (low > 0).all()
    assert (low <= high).all()
    assert (high < UNIT / 2).all()


def test_too_many_objects() -> None:
    count = LARGEST + 1
    graph = SceneGraph(np.zeros((count, 4), np.uint8), np.zeros((2, count, count), bool))
    with pytest.raises(UsageError, match=f"{count} objects; they can be matched up to {LARGEST}"):
        least_costs([graph], [graph], np.ones(1), np.ones(1))
