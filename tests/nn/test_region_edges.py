"""Edges between regions."""

import math

import pytest
import torch

from visreason.nn.region_edges import KINDS, RegionEdges

BOXES = torch.tensor(
    [[0.0, 0, 10, 10], [30, 0, 40, 10], [30, 40, 40, 50], [5, 0, 15, 10], [0, 0, 8, 8], [100, 100, 120, 110]]
)
ROWS = torch.tensor([0, 0, 0, 0, 2, 2])


@pytest.fixture
def edges():
    return RegionEdges(BOXES, ROWS, 3, reach=50.0)


def weights(edges, kind, row, image=0):
    return edges.weights_IEnn[image, KINDS.index(kind), row]


def test_directions_go_by_centres_and_weigh_by_distance(edges):
    near = [math.exp(-5 / 50), math.exp(-30 / 50), math.exp(-50 / 50)]  # to region 3, 1 and 2, from region 0
    expected = torch.tensor([0, near[1], near[2], near[0]]) / sum(near)
    torch.testing.assert_close(weights(edges, "right", 0), expected)
    assert not weights(edges, "left", 0).any()
    assert weights(edges, "below", 0).nonzero().flatten().tolist() == [2]
    assert weights(edges, "above", 2).nonzero().flatten().tolist() == [0, 1, 3]
    assert weights(edges, "left", 1).nonzero().flatten().tolist() == [0, 3]


def test_overlap_is_the_share_of_the_union(edges):
    boxes = torch.tensor([[0.0, 0, 10, 10], [5, 0, 15, 10], [0, 0, 10, 20]])
    own = RegionEdges(boxes, torch.zeros(3, dtype=torch.long), 1).weights_IEnn[0, KINDS.index("overlap")]
    raw = torch.tensor([[0, 1 / 3, 1 / 2], [1 / 3, 0, 1 / 5], [1 / 2, 1 / 5, 0]])
    torch.testing.assert_close(own, raw / raw.sum(1, keepdim=True))
    assert weights(edges, "overlap", 1).sum() == 0


def test_rows_sum_to_one_where_there_are_edges_and_padding_has_none(edges):
    sums = edges.weights_IEnn.sum(-1)
    assert ((sums - 1).abs() < 1e-5).logical_or(sums == 0).all()
    assert not edges.weights_IEnn[1].any()
    assert not edges.weights_IEnn[2, :, 2:].any()
    assert not edges.weights_IEnn[2, :, :, 2:].any()


def test_what_is_heard_is_the_literal_sum_over_the_regions_of_the_same_image(edges):
    values = torch.randn(6, 3)
    heard = edges.gather(values)
    for region in range(6):
        image, mine = int(ROWS[region]), (ROWS[region] == ROWS).nonzero().flatten()
        place = mine.tolist().index(region)
        for kind in range(len(KINDS)):
            row = edges.weights_IEnn[image, kind, place, : len(mine)]
            torch.testing.assert_close(heard[region, kind], row @ values[mine])


def test_regions_come_back_from_their_places(edges):
    values = torch.randn(6, 3)
    assert edges.spread(values).shape == (3, 4, 3)
    assert torch.equal(edges.collect(edges.spread(values)), values)


def test_no_regions_hear_nothing():
    none = RegionEdges(torch.zeros(0, 4), torch.zeros(0, dtype=torch.long), 2)
    assert none.gather(torch.zeros(0, 3)).shape == (0, len(KINDS), 3)
