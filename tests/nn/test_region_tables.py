"""Reading and writing of regions against the literal form, in batches of images of several sizes."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from visreason.benchmarks.region_memory import read_literally, write_literally
from visreason.nn.crop_and_resize import crop_and_resize
from visreason.nn.region_batch import RegionBatch
from visreason.nn.region_tables import Grid, RegionTables

SIZES = torch.tensor([[100, 150], [150, 90], [64, 64]])
CELLS = [(7, 10), (10, 6), (4, 4)]
BOXES = (
    [(0, 0, 150, 100), (20, 30, 90, 77), (-40, 10, 40, 200), (70, 60, 20, 10), (33, 33, 34, 34)],
    [(5, 5, 85, 140), (0, 0, 16, 16), (300, 300, 320, 320)],
    [(7, 9, 60, 61), (11, 3, 31, 44)],
)


@pytest.fixture(params=[0.0, 0.37])
def batch(request):
    """All images; boxes with corners on cells' centres and beside them."""
    boxes = torch.tensor([box for of_image in BOXES for box in of_image]).double() + request.param
    rows = [row for row, of_image in enumerate(BOXES) for _ in of_image]
    return RegionBatch(sizes=SIZES, boxes=boxes, image_rows=torch.tensor(rows))


def tables_of(batch, **options):
    return RegionTables(
        batch.boxes, batch.image_rows, Grid.of(batch, 10, 10, 16), dtype=torch.double, **options
    )


def maps_of(batch, channels=3):
    """Random maps `[I, H, W, C]`, padding included."""
    return torch.randn(len(batch), 10, 10, channels, dtype=torch.double)


def each(batch):
    """Number, cells and boxes of every image."""
    for row, cells in enumerate(CELLS):
        yield row, cells, batch.boxes[batch.image_rows == row]


def test_reads_as_if_every_image_were_alone(batch):
    maps = maps_of(batch)
    found = tables_of(batch).read(maps.flatten(0, 2)).view(-1, 7, 7, 3).permute(0, 3, 1, 2)
    for row, (height, width), boxes in each(batch):
        alone = maps[row : row + 1, :height, :width].permute(0, 3, 1, 2)
        torch.testing.assert_close(found[batch.image_rows == row], read_literally(alone, boxes))


def test_writes_as_if_every_image_were_alone_and_never_into_the_padding(batch):
    # Cells that lie on a box's edge are decided by rounding in the literal form, so boxes keep off them.
    batch.boxes += 1e-3 * math.pi
    patches = torch.randn(batch.regions, 7, 7, 3, dtype=torch.double)
    found = tables_of(batch).write(patches.flatten(0, 2)).view(len(batch), 10, 10, 3)
    for row, (height, width), boxes in each(batch):
        mine = patches[batch.image_rows == row].permute(0, 3, 1, 2)
        expected = write_literally(mine, boxes, (height, width)).permute(1, 2, 0)
        torch.testing.assert_close(found[row, :height, :width], expected)
        assert not found[row, height:].any()
        assert not found[row, :, width:].any()


@pytest.mark.parametrize("writing", ["centres", "covered"])
def test_writing_ones_gives_one_wherever_a_region_writes(batch, writing):
    tables = tables_of(batch, writing=writing)
    ones = torch.ones(tables.samples, 1, dtype=torch.double)
    average = tables.average(ones)[:, 0]
    torch.testing.assert_close(average, (tables.count > 0).double())
    torch.testing.assert_close(tables.write(ones)[:, 0], tables.count)
    if writing == "centres":
        assert torch.equal(tables.count, tables.count.round())


def test_a_region_lands_in_its_own_place(batch):
    """Every region writes its own number; where it alone covers a cell, that number stands there."""
    tables = tables_of(batch)
    numbers = torch.arange(1.0, batch.regions + 1, dtype=torch.double)
    written = tables.write(numbers.repeat_interleave(49)[:, None])[:, 0].view(len(batch), 10, 10)
    seen = set()
    for region in range(batch.regions):
        x1, y1, x2, y2 = (batch.boxes[region] / 16).tolist()
        row = int(batch.image_rows[region])
        for y in range(math.ceil(max(y1, 0)), min(math.floor(y2) + 1, CELLS[row][0])):
            for x in range(math.ceil(max(x1, 0)), min(math.floor(x2) + 1, CELLS[row][1])):
                if tables.count.view(len(batch), 10, 10)[row, y, x] == 1:
                    assert written[row, y, x] == pytest.approx(region + 1)
                    seen.add(region)
    assert len(seen) == 4


def test_a_region_without_a_cells_centre_writes_only_what_it_covers(batch):
    small = RegionBatch(
        sizes=SIZES[:1], boxes=torch.tensor([[33.0, 33, 36, 36]]), image_rows=torch.tensor([0])
    )
    assert tables_of(small).count.sum() == 0
    covered = tables_of(small, writing="covered")
    assert covered.count.nonzero().flatten().tolist() == [22]
    assert covered.count[22] == pytest.approx((3 / 16) ** 2)
    assert covered.average(torch.full((49, 1), 5.0, dtype=torch.double))[22] == pytest.approx(5)


def test_clamped_samples_read_the_outermost_cells():
    whole = RegionBatch(
        sizes=torch.tensor([[64, 64]]), boxes=torch.tensor([[0.0, 0, 64, 64]]), image_rows=torch.tensor([0])
    )
    ones = torch.ones(100, 1, dtype=torch.double)
    assert tables_of(whole).read(ones).sum() == 25  # the last two rows and columns lie beyond the last centre
    assert tables_of(whole, edges="clamp").read(ones).sum() == 49


@pytest.mark.parametrize("writing", ["centres", "covered"])
def test_reading_and_writing_have_their_transposed_as_gradient(batch, writing):
    tables = tables_of(batch, writing=writing)
    patches = torch.randn(tables.samples, 1, dtype=torch.double, requires_grad=True)
    cells = torch.randn(tables.cells, 1, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(tables.average, patches, fast_mode=True)
    assert torch.autograd.gradcheck(tables.read, cells, fast_mode=True)
    (back,) = torch.autograd.grad(tables.write(patches), patches, cells.detach())
    torch.testing.assert_close((tables.write(patches) * cells).sum(), (patches * back).sum())


def test_the_order_of_regions_does_not_matter(batch):
    patches = torch.randn(batch.regions, 49, 2, dtype=torch.double)
    order = torch.tensor([4, 2, 0, 1, 3, 7, 5, 6, 9, 8])
    other = RegionBatch(sizes=SIZES, boxes=batch.boxes[order], image_rows=batch.image_rows[order])
    torch.testing.assert_close(
        tables_of(batch).average(patches.flatten(0, 1)),
        tables_of(other).average(patches[order].flatten(0, 1)),
    )


def test_shares_say_whose_writing_a_cell_holds(batch):
    tables = tables_of(batch)
    strength = torch.rand(tables.samples, dtype=torch.double)
    shares = tables.shares(strength)
    assert shares.shape == (tables.cells, batch.regions)
    torch.testing.assert_close(shares.sum(1, keepdim=True), tables.average(strength[:, None]))


def test_images_without_regions_keep_an_empty_memory():
    none = RegionBatch(sizes=SIZES, boxes=torch.zeros(0, 4), image_rows=torch.zeros(0, dtype=torch.long))
    tables = tables_of(none)
    assert tables.read(torch.ones(300, 2, dtype=torch.double)).shape == (0, 2)
    assert torch.equal(
        tables.average(torch.zeros(0, 2, dtype=torch.double)), torch.zeros(300, 2, dtype=torch.double)
    )


def test_the_padding_is_told_from_the_images(batch):
    inside = Grid.of(batch, 10, 10, 16).inside()
    assert [int(one.sum()) for one in inside] == [height * width for height, width in CELLS]
    assert Grid.of(batch.select(torch.tensor([2])), 4, 4, 16).inside() is None


@settings(max_examples=40, deadline=None)
@given(
    corners=st.lists(st.tuples(*[st.integers(-40, 200)] * 4), min_size=1, max_size=5),
    samples=st.sampled_from([2, 3, 7]),
)
def test_any_boxes_are_read_and_written_as_literally(corners, samples):
    boxes = torch.tensor(corners).double() + 0.01 * math.pi
    cells, rows = (7, 10), torch.zeros(len(corners), dtype=torch.long)
    tables = RegionTables(
        boxes, rows, Grid(*cells, 16, torch.tensor([cells])), size=samples, dtype=torch.double
    )
    maps = torch.randn(1, 2, *cells, dtype=torch.double, generator=torch.Generator().manual_seed(1))
    normal = (boxes / 16)[:, [1, 0, 3, 2]] / torch.tensor([6.0, 9, 6, 9])
    crops = crop_and_resize(maps, normal, rows, (samples, samples))
    read = tables.read(maps[0].permute(1, 2, 0).reshape(-1, 2))
    torch.testing.assert_close(read.view(-1, samples, samples, 2).permute(0, 3, 1, 2), crops)
    written = tables.write(read).view(*cells, 2).permute(2, 0, 1)
    torch.testing.assert_close(written, write_literally(crops, boxes, cells), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("case", [0, 1, 2])
def test_boxes_are_read_where_the_official_code_reads_them(shared, case):
    file = np.load(shared / "fixtures/iter_targets.npz")
    cells = tuple(int(one) for one in file[f"{case}_memory_size"])
    boxes = torch.from_numpy(file[f"{case}_gt_boxes"][:, :4])
    rows = torch.zeros(len(boxes), dtype=torch.long)
    maps = torch.rand(1, 2, *cells)
    expected = crop_and_resize(maps, torch.from_numpy(file[f"{case}_rois"]), rows, (7, 7))
    tables = RegionTables(boxes, rows, Grid(*cells, 16, torch.tensor([cells])))
    found = tables.read(maps[0].permute(1, 2, 0).reshape(-1, 2)).view(-1, 7, 7, 2).permute(0, 3, 1, 2)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)
    ones = torch.ones(len(boxes), 1, 7, 7)
    inverse = torch.from_numpy(file[f"{case}_inv_rois"])
    expected_count = crop_and_resize(ones, inverse, torch.arange(len(boxes)), cells).sum(0).flatten()
    torch.testing.assert_close(tables.count, expected_count, rtol=0, atol=1e-4)


def test_reading_equals_tensorflow(shared):
    file = np.load(shared / "fixtures/iter_crop_and_resize_tf.npz")
    maps = torch.from_numpy(file["img"])
    cells, boxes = tuple(maps.shape[1:3]), torch.from_numpy(file["boxes"])
    in_cells = boxes[:, [1, 0, 3, 2]] * torch.tensor([cells[1] - 1, cells[0] - 1]).repeat(2)
    grid = Grid(*cells, 1, torch.tensor([cells, cells]))
    tables = RegionTables(in_cells, torch.from_numpy(file["ind"]).long(), grid)
    found = tables.read(maps.flatten(0, 2)).view(-1, 7, 7, 3)
    torch.testing.assert_close(found, torch.from_numpy(file["out_7x7"]), rtol=0, atol=1e-5)
