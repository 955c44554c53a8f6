from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visreason.data.regions.class_list import read_class_list
from visreason.data.regions.dataset import RegionDataset, collate_regions, resized, swapped_sides
from visreason.data.regions.folder import read_regions
from visreason.errors import DataError, UsageError
from visreason.tasks.loader import EpochLoader


def test_sizes_of_the_reference() -> None:
    """The shorter side 600, unless the longer one would pass 1000."""
    assert resized(512, 683, 600, 1000) == pytest.approx(600 / 512)
    assert resized(400, 1200, 600, 1000) == pytest.approx(1000 / 1200)
    assert resized(1536, 2048, 600, 600) == pytest.approx(600 / 2048)


def test_boxes_are_scaled_with_their_image_and_images_without_regions_give_no_sample(coco: Path) -> None:
    data = RegionDataset(read_regions(coco), short=20, long=100)
    assert len(data) == 2
    assert data[0].pixels.shape == (20, 40, 3)
    assert data[0].boxes.tolist() == [[2, 4, 10, 10], [0, 0, 38, 18]]


def test_mirrored_images_show_the_same_things_with_sides_swapped(coco: Path) -> None:
    regions = read_regions(coco)
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (10, 20, 3), np.uint8)).save(regions.images[0].file, "PNG")
    data = RegionDataset(regions, short=10, long=20, flips=True)
    assert len(data) == 4
    straight, turned = data[0], data[2]
    assert [regions.classes[label] for label in turned.labels] == ["cup", "right glove"]
    assert [regions.classes[label] for label in data[3].labels] == ["left glove"]
    for one, other in zip(straight.boxes.astype(int), turned.boxes.astype(int), strict=True):
        seen = straight.pixels[one[1] : one[3] + 1, one[0] : one[2] + 1]
        np.testing.assert_array_equal(
            seen[:, ::-1], turned.pixels[other[1] : other[3] + 1, other[0] : other[2] + 1]
        )


def test_a_class_of_one_side_needs_its_partner() -> None:
    with pytest.raises(DataError, match="'left arm' becomes 'right arm' in a mirrored image"):
        swapped_sides(["-", "left arm", "right hand", "left hand"])


def test_the_published_classes_can_be_mirrored(shared: Path) -> None:
    classes = read_class_list(shared / "data/ade20k/ade_split/objectnames.txt")
    swap = swapped_sides(classes)
    changed = np.flatnonzero(swap != np.arange(len(classes)))
    assert len(changed) == 10
    np.testing.assert_array_equal(swap[swap], np.arange(len(classes)))


def test_batches_hold_whole_images_in_an_order_of_seed_and_epoch(coco: Path) -> None:
    data = RegionDataset(read_regions(coco), short=10, long=20, flips=True)

    def order(seed: int, epoch: int) -> list[list[int]]:
        loader = EpochLoader(data, collate_regions, batch_size=3, seed=seed, epoch=epoch)
        return [batch.image_index.tolist() for batch in loader]

    assert order(1, 0) == order(1, 0)
    assert [len(one) for one in order(1, 0)] == [3, 1]
    assert sorted(index for one in order(1, 0) for index in one) == [0, 0, 1, 1]
    assert len({str(order(seed, epoch)) for seed in range(3) for epoch in range(3)}) > 1


def test_padding_is_black_and_pixels_lie_between_0_and_1(coco: Path) -> None:
    regions = read_regions(coco)
    data = RegionDataset(regions, short=10, long=20)
    small = RegionDataset(regions, short=5, long=20)
    batch = collate_regions([data[0], small[1]])
    batch.check()
    assert batch.images is not None
    assert batch.sizes.tolist() == [[10, 20], [5, 10]]
    assert batch.image_rows.tolist() == [0, 0, 1]
    assert batch.images[1, :, :5, :10].mean().item() == pytest.approx(128 / 255, abs=0.01)
    assert batch.images[1].sum() == batch.images[1, :, :5, :10].sum()


def test_an_image_of_another_size_than_its_annotations_say(coco: Path) -> None:
    regions = read_regions(coco)
    Image.new("RGB", (10, 20)).save(regions.images[0].file)
    with pytest.raises(DataError, match="has 10 × 20 pixels; its annotations say 20 × 10"):
        RegionDataset(regions)[0]


def test_a_photo_marked_as_turned_is_taken_as_its_annotations_have_it(coco: Path) -> None:
    regions = read_regions(coco)
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned by 90 degrees
    Image.new("RGB", (20, 10)).save(regions.images[0].file, exif=exif)
    assert RegionDataset(regions, short=10, long=20)[0].pixels.shape == (10, 20, 3)
    Image.new("RGB", (10, 20)).save(regions.images[0].file, exif=exif)
    assert RegionDataset(regions, short=10, long=20)[0].pixels.shape == (10, 20, 3)


def test_wrong_lengths(coco: Path) -> None:
    with pytest.raises(UsageError, match="got 600, 500"):
        RegionDataset(read_regions(coco), short=600, long=500)
