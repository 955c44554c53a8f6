"""Images of several sizes with the regions in them."""

import pytest
import torch

from visreason.errors import ModelError
from visreason.nn.region_batch import RegionBatch


@pytest.fixture
def batch():
    return RegionBatch(
        sizes=torch.tensor([[32, 48], [48, 32], [16, 16]]),
        boxes=torch.arange(20.0).view(5, 4),
        image_rows=torch.tensor([0, 0, 1, 1, 2]),
        images=torch.arange(3.0)[:, None, None, None].expand(3, 3, 48, 48),
        labels=torch.tensor([1, 2, 3, 4, 5]),
        image_index=torch.tensor([7, 8, 9]),
    )


def test_selected_images_bring_their_regions_along(batch):
    chosen = batch.select(torch.tensor([2, 0]))
    assert (len(chosen), chosen.regions) == (2, 3)
    assert chosen.image_rows.tolist() == [0, 1, 1]
    assert chosen.labels.tolist() == [5, 1, 2]
    assert torch.equal(chosen.boxes, batch.boxes[[4, 0, 1]])
    assert chosen.sizes.tolist() == [[16, 16], [32, 48]]
    assert chosen.images[:, 0, 0, 0].tolist() == [2, 0]
    assert chosen.image_index.tolist() == [9, 7]
    chosen.check()


def test_a_mask_selects_as_numbers_do(batch):
    masked, numbered = batch.select(torch.tensor([False, True, True])), batch.select(torch.tensor([1, 2]))
    assert torch.equal(masked.boxes, numbered.boxes)
    assert torch.equal(masked.image_rows, numbered.image_rows)


def test_an_image_may_be_selected_twice(batch):
    assert batch.select(torch.tensor([1, 1])).image_rows.tolist() == [0, 0, 1, 1]


def test_everything_moves_and_what_is_absent_stays_absent(batch):
    moved = batch.to("meta")
    assert {moved.boxes.device.type, moved.images.device.type, moved.sizes.device.type} == {"meta"}
    assert moved.features is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("labels", torch.tensor([1, 2])),
        ("boxes", torch.zeros(5, 5)),
        ("sizes", torch.zeros(3, 3)),
        ("image_rows", torch.tensor([0, 1, 0, 1, 2])),
        ("image_rows", torch.tensor([0, 0, 1, 1, 3])),
    ],
)
def test_what_does_not_fit_is_named(batch, name, value):
    setattr(batch, name, value)
    with pytest.raises(ModelError, match=name):
        batch.check()
