"""The spatial memory by itself; against the authors' code it is held in tests/models/test_region_local.py."""

import pytest
import torch
from torch import nn

from visreason.nn.region_tables import Grid, RegionTables
from visreason.nn.spatial_memory import SpatialMemory, SpatialMemoryConfig

SIZES = torch.tensor([[4, 6], [3, 5]])
GRID = Grid(4, 6, 16, SIZES)
BOXES = torch.tensor([[0.0, 0, 60, 50], [20, 10, 90, 60], [5, 5, 40, 40]])


def make(**config):
    torch.manual_seed(0)
    return SpatialMemory(5, 3, 4, SpatialMemoryConfig(size=6, hidden=8, **config))


@pytest.fixture
def tables():
    return RegionTables(BOXES, torch.tensor([0, 0, 1]), GRID, size=3)


def test_the_start_is_stretched_over_each_image_and_padding_is_empty():
    memory = make(start=2)
    nn.init.normal_(memory.start)
    begun = memory.begin(GRID, BOXES).view(2, 4, 6, 6)
    # rows 0..3 of a map of 2 lie at 0, 0.5, 1, 1.5: without half a pixel's shift, and not beyond the last point
    start = memory.start.permute(1, 2, 0)
    torch.testing.assert_close(
        begun[0, :, 0], torch.stack([start[0, 0], start[:, 0].mean(0), *[start[1, 0]] * 2])
    )
    torch.testing.assert_close(begun[0, 0, ::3], start[0])
    assert not begun[1, 3].any()
    assert not begun[1, :, 5].any()
    same = make(start=4)
    nn.init.normal_(same.start)
    whole = same.begin(Grid(4, 4, 16, torch.tensor([[4, 4]])), BOXES).view(4, 4, 6)
    torch.testing.assert_close(whole, same.start.permute(1, 2, 0))


def test_without_a_start_it_is_empty():
    memory = make(start=0)
    assert memory.start is None
    assert torch.equal(memory.begin(GRID, BOXES), torch.zeros(2 * 4 * 6, 6))


def test_who_writes_changes_the_cells_below_it_by_the_average_of_all_who_do(tables):
    memory, old = make(), torch.rand(48, 6)
    projected = memory.project(torch.rand(27, 5))
    written = memory.update(old, tables, torch.randn(3, 4), projected)
    assert written.change_MS.shape == (27, 6)
    torch.testing.assert_close(written.memory_NS - old, tables.average(written.change_MS))
    untouched = tables.count == 0
    assert 0 < untouched.sum() < 48
    assert torch.equal(written.memory_NS[untouched], old[untouched])


def test_a_shut_gate_keeps_what_was_there_and_an_open_one_replaces_it(tables):
    memory, old = make(), torch.rand(48, 6)
    scores, projected = torch.randn(3, 4), memory.project(torch.rand(27, 5))
    with torch.no_grad():
        memory.gates_of_input.bias[1] = -100
        shut = memory.update(old, tables, scores, projected)
        memory.gates_of_input.bias[1] = 100
        opened = memory.update(old, tables, scores, projected)
    assert shut.change_MS.abs().max() < 1e-30
    assert (tables.read(old) + opened.change_MS).min() >= -1e-6  # the candidate, of a ReLU


def test_scores_and_crops_learn_nothing_from_the_memory(tables):
    memory = make()
    scores, crop = torch.randn(3, 4, requires_grad=True), torch.rand(27, 5, requires_grad=True)
    start = memory.begin(GRID, crop)
    written = memory.update(start, tables, scores, memory.project(crop))
    memory.scores(memory.see(written.memory_NS, tables, GRID.inside())).sum().backward()
    assert scores.grad is None
    assert crop.grad is None
    assert memory.of_scores.weight.grad.any()
    assert memory.of_crop.weight.grad.any()
    assert memory.start.grad.any()


def test_regions_see_beyond_their_boxes_just_with_context():
    box = RegionTables(
        torch.tensor([[16.0, 16, 40, 40]]), torch.tensor([0]), Grid(4, 6, 16, SIZES[:1]), size=3
    )
    for context in (True, False):
        memory = make(context=context)
        before = torch.rand(24, 6)
        after = before.clone()
        after[5] += 1  # the upper right corner, three cells away
        seen = [memory.see(cells, box, None) for cells in (before, after)]
        assert torch.equal(*seen) != context


def test_padding_is_not_seen(tables):
    memory, cells = make(), torch.rand(2, 4, 6, 6)
    cells[1, 3], cells[1, :, 5] = 0, 0
    nn.init.constant_(memory.context[0].bias, 1.0)  # would leak from the padding
    alone = RegionTables(BOXES[2:], torch.tensor([0]), Grid(3, 5, 16, SIZES[1:]), size=3)
    together = memory.see(cells.flatten(0, 2), tables, GRID.inside())[2]
    torch.testing.assert_close(together, memory.see(cells[1, :3, :5].flatten(0, 1), alone, None)[0])


def test_what_it_is_fed_besides_changes_what_is_written(tables):
    torch.manual_seed(0)
    memory = SpatialMemory(5, 3, 4, SpatialMemoryConfig(size=6, hidden=8), fed=2)
    old, scores, projected = torch.rand(48, 6), torch.randn(3, 4), memory.project(torch.rand(27, 5))
    with torch.no_grad():
        plain, nothing, fed = (
            memory.update(old, tables, scores, projected, told).memory_NS
            for told in (None, torch.zeros(3, 2), torch.full((3, 2), 9.0))
        )
    assert torch.equal(plain, nothing)
    assert not torch.allclose(plain, fed)
