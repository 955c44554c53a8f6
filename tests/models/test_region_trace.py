"""The shares that a trace tells, against sums by hand."""

import pytest
import torch

from visreason.models.region_trace import CLASS_EDGES, Recorder
from visreason.nn.region_edges import KINDS, RegionEdges
from visreason.nn.region_graph import RegionGraph, RegionGraphConfig
from visreason.nn.region_tables import Grid, RegionTables

GRID = Grid(6, 8, 16, torch.tensor([[6, 8]]))
BOXES = torch.tensor([[0.0, 0, 60, 60], [32, 32, 90, 90], [100, 0, 127, 40]])
"""The first two overlap, the third is apart."""


@pytest.fixture
def tables():
    return RegionTables(BOXES, torch.zeros(3, dtype=torch.long), GRID, size=3)


def size_of_writing(*sizes):
    """What three regions write, each sample of the same length."""
    return torch.cat([torch.full((9, 4), size / 2) for size in sizes])


def test_memory_is_told_as_the_mean_size_of_its_numbers(tables):
    recorder = Recorder(tables, context=False)
    cells = torch.zeros(48, 4)
    cells[9] = torch.tensor([1.0, -3, 0, 0])
    recorder.note_memory(cells)
    memory = recorder.trace().memory
    assert memory.shape == (1, 1, 6, 8)
    assert memory[0, 0, 1, 1] == 1
    assert memory.sum() == 1


def test_who_reads_what_others_wrote_owes_them_by_size(tables):
    recorder = Recorder(tables, context=False)
    recorder.note_writing(size_of_writing(1.0, 3.0, 5.0), kept=True)
    owed = recorder.local[0]
    torch.testing.assert_close(owed.sum(1), torch.ones(3))
    assert owed[2].tolist() == [0, 0, 1]
    assert owed[0, 2] == owed[1, 2] == 0
    equal = Recorder(tables, context=False)
    equal.note_writing(size_of_writing(1.0, 1.0, 5.0), kept=True)
    assert 0 < equal.local[0][0, 1] < owed[0, 1]


def test_with_context_neighbours_are_read_too(tables):
    recorder = Recorder(tables, context=True)
    recorder.note_writing(size_of_writing(1.0, 1.0, 1.0), kept=True)
    assert recorder.local[0][2, 1] > 0


@pytest.mark.parametrize("kept", [True, False])
def test_what_was_written_before_counts_just_if_it_was_kept(tables, kept):
    recorder = Recorder(tables, context=False)
    recorder.note_writing(size_of_writing(0.0, 3.0, 0.0), kept=kept)
    recorder.note_writing(size_of_writing(1.0, 0.0, 0.0), kept=kept)
    assert recorder.local[0][0].tolist() == pytest.approx([0, 1, 0])
    assert (recorder.local[1][0, 1] > 0) == kept


def graph_of(**settings):
    torch.manual_seed(0)
    sizes = {"size": 4, "layers": 2, "relation_count": 2, "edge_count": 7, "vector_size": 3} | settings
    return RegionGraph(5, 6, RegionGraphConfig(**sizes)).eval()


def listened(graph, scores):
    """What a trace tells of one round of reasoning."""
    regions = len(scores)
    tables = RegionTables(BOXES[:regions], torch.zeros(regions, dtype=torch.long), GRID, size=3)
    edges = RegionEdges(BOXES[:regions], torch.zeros(regions, dtype=torch.long), 1, 50.0)
    recorder, heard, between = Recorder(tables, context=False), [], graph.class_edges()
    with torch.no_grad():
        graph.reason(torch.rand(regions, 4), edges, between, scores, heard)
    recorder.note_messages(graph, heard, edges, between, scores)
    return recorder.trace()


def test_of_whom_and_along_which_kind_of_edge_a_region_hears():
    trace = listened(graph_of(relation_count=0, edge_count=0), torch.randn(3, 6))
    assert trace.graph_neighbours.shape == (1, 3, 3)
    assert trace.edge_kinds.shape == (1, 3, len(KINDS))
    torch.testing.assert_close(trace.graph_neighbours.sum(-1), torch.ones(1, 3))
    torch.testing.assert_close(trace.edge_kinds.sum(-1), torch.ones(1, 3))
    assert not trace.graph_neighbours[0].diagonal().any()
    assert trace.class_edges is trace.class_shares is trace.memory is trace.coverage is None


def test_of_two_regions_each_hears_the_other_alone():
    trace = listened(graph_of(relation_count=0, edge_count=0), torch.randn(2, 6))
    torch.testing.assert_close(trace.graph_neighbours[0], 1 - torch.eye(2))


def test_edges_from_the_class_that_a_region_is_taken_for_are_told_first():
    graph = graph_of()
    edges = torch.tensor([[0, 1, 2], [0, 1, 3], [0, 4, 5], [1, 2, 1], [1, 3, 1], [1, 4, 1], [1, 5, 1]])
    weights = torch.tensor([0.9, 0.1, 1, 1, 1, 1, 1])
    graph.set_knowledge(edges, weights, torch.ones(6, 3))
    trace = listened(graph, 30.0 * torch.eye(6)[[1, 4, 0]])
    assert trace.class_edges.shape == trace.class_shares.shape == (1, 3, CLASS_EDGES)
    assert (trace.class_shares.diff(dim=-1) <= 0).all()
    first, second = trace.class_edges[0, 0, :2].tolist(), set(trace.class_edges[0, 1, :2].tolist())
    assert sorted(first) == [0, 1]  # both edges from class 1
    assert second == {2, 5}  # both from class 4
    assert trace.class_shares[0, 0, :2].sum() > 0.99


def test_an_edge_that_weighs_nothing_is_not_heard():
    graph = graph_of(edge_count=2)
    graph.set_knowledge(torch.tensor([[0, 1, 2], [1, 1, 3]]), torch.tensor([0.0, 1.0]), torch.ones(6, 3))
    trace = listened(graph, 9.0 * torch.eye(6)[[1]])
    assert trace.class_edges.tolist() == [[[1, 0]]]
    assert trace.class_shares.tolist() == [[[1, 0]]]
