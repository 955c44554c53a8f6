"""The graph of regions and classes against its equations written out."""

import pytest
import torch

from visreason.errors import ModelError
from visreason.nn.region_edges import KINDS, RegionEdges
from visreason.nn.region_graph import RegionGraph, RegionGraphConfig

EDGES = torch.tensor([[0, 1, 2], [0, 1, 3], [1, 2, 1], [1, 3, 3]])
WEIGHTS = torch.tensor([0.25, 0.75, 1.0, 1.0])
CONFIG = RegionGraphConfig(relation_count=2, edge_count=4, vector_size=3, size=5, layers=2)
ROWS = torch.tensor([0, 0, 0, 1])


@pytest.fixture
def graph():
    torch.manual_seed(0)
    graph = RegionGraph(7, 4, CONFIG)
    graph.set_knowledge(EDGES, WEIGHTS, torch.randn(4, 3))
    return graph


@pytest.fixture
def edges():
    boxes = torch.tensor([[0.0, 0, 20, 20], [30, 5, 60, 40], [10, 10, 50, 50], [5, 5, 9, 9]])
    return RegionEdges(boxes, ROWS, 2)


def test_reasoning_equals_the_equations_written_out(graph, edges):
    memory, scores = torch.randn(4, 5), 3 * torch.randn(4, 4)
    found = graph.reason(memory, edges, graph.class_edges(), scores)
    share = scores.softmax(1)
    adjacency = torch.zeros(2, 4, 4)
    for (relation, source, target), weight in zip(EDGES.tolist(), WEIGHTS, strict=True):
        adjacency[relation, source, target] = weight
    for layer in graph.layers:
        space = sum(
            edges.gather(memory)[:, kind] @ layer.of_space.weight[:, 5 * kind : 5 * kind + 5].T
            for kind in range(len(KINDS))
        )
        told = torch.zeros(4, 5)
        for image in (0, 1):
            mine = (image == ROWS).nonzero().flatten()
            back = share[mine].T / share[mine].sum(0).clamp_min(1)[:, None]
            classes = torch.relu(layer.to_classes(back @ memory[mine]) + layer.of_vectors(graph.vectors_KV))
            heard = sum(
                adjacency[q] @ classes @ relation.weight.T for q, relation in enumerate(layer.of_relations)
            )
            told[mine] = share[mine] @ heard
        memory = memory + torch.relu(space + torch.relu(layer.from_classes(told)))
    torch.testing.assert_close(found, memory)


def test_an_edge_between_classes_changes_what_is_known_and_a_region_of_another_image_does_not(graph, edges):
    memory, scores = torch.randn(4, 5), torch.randn(4, 4)
    before = graph.reason(memory, edges, graph.class_edges(), scores)
    other = memory.clone()
    other[3] += 1
    assert torch.equal(graph.reason(other, edges, graph.class_edges(), scores)[:3], before[:3])
    graph.set_knowledge(EDGES, 0 * WEIGHTS, graph.vectors_KV.clone())
    assert not torch.allclose(graph.reason(memory, edges, graph.class_edges(), scores), before)


def test_without_relations_classes_are_left_out(edges):
    graph = RegionGraph(7, 4, RegionGraphConfig(size=5, layers=1))
    assert graph.class_edges() is None
    memory = torch.randn(4, 5)
    expected = memory + torch.relu(graph.layers[0].of_space(edges.gather(memory).flatten(1)))
    torch.testing.assert_close(graph.reason(memory, edges, None, torch.randn(4, 4)), expected)


def test_an_update_is_a_gated_step_towards_something_new(graph):
    scores, features = torch.randn(4, 4), torch.randn(4, 7)
    with torch.no_grad():
        graph.gates_of_input.bias[5:] = -50.0
    memory = torch.randn(4, 5)
    torch.testing.assert_close(graph.update(memory, scores, features), memory)
    with torch.no_grad():
        graph.gates_of_input.bias[5:] = 50.0
    assert (graph.update(memory, scores, features) >= 0).all()  # the candidate alone, after its ReLU


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"edges": EDGES[:3]}, "made for edges of"),
        ({"vectors": torch.zeros(4, 2)}, "made for vectors of"),
        ({"edges": EDGES + 1}, "relations below 2 and classes below 4"),
    ],
)
def test_knowledge_that_does_not_fit_is_refused(graph, changes, message):
    given = {"edges": EDGES, "weights": WEIGHTS, "vectors": torch.zeros(4, 3)} | changes
    with pytest.raises(ModelError, match=message):
        graph.set_knowledge(*given.values())


@pytest.mark.parametrize(
    "settings", [{"relation_count": 1}, {"edge_count": 1}, {"layers": 0}, {"spatial": False}]
)
def test_sizes_that_fit_no_graph_are_refused(settings):
    with pytest.raises(ModelError, match="graph"):
        RegionGraph(7, 4, RegionGraphConfig(**settings))
