import numpy as np
import pytest

from visreason.clevr.folder import ClevrFolder
from visreason.data.inputs import ImageView, Seen
from visreason.data.object_moves import Displacement
from visreason.data.object_targets import ClevrObjects
from visreason.errors import UsageError

HEIGHT, WIDTH = 20, 30


def marked(row: int, column: int) -> Seen:
    """A black image with one white pixel, whose centre is the one object's."""
    image_HWC = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image_HWC[row, column] = 255
    place = ((column + 0.5) / WIDTH, (row + 0.5) / HEIGHT, 8.0, 3.0)
    return Seen(image_HWC, np.array([place, (0, 0, 0, 0)], np.float32), np.array([True, False]))


@pytest.mark.parametrize("seed", range(12))
def test_the_place_that_is_told_is_where_the_thing_is_seen(seed: int) -> None:
    seen = Displacement(0.3)(marked(9, 21), np.random.default_rng(seed))
    assert seen.image is not None
    assert seen.objects is not None
    assert seen.object_mask is not None
    assert seen.image.shape == (HEIGHT, WIDTH, 3)
    rows, columns = np.nonzero(seen.image[..., 0])
    x, y, *what = seen.objects[0]
    assert (rows.tolist(), columns.tolist()) == ([int(y * HEIGHT)], [int(x * WIDTH)])
    assert what == [8.0, 3.0]
    assert seen.object_mask.tolist() == [True, False]


def test_half_is_mirrored_and_shifts_go_to_all_sides() -> None:
    moved = [Displacement(0.2)(marked(10, 3), np.random.default_rng(seed)).objects for seed in range(60)]
    x, y = np.array([objects[0, :2] for objects in moved if objects is not None]).T
    assert 15 <= (x > 0.5).sum() <= 45
    assert set(np.rint((y - 10.5 / HEIGHT) * HEIGHT)) == set(range(-4, 5))


def test_what_leaves_the_image_is_no_longer_taught() -> None:
    seens = [Displacement(0.5)(marked(0, 15), np.random.default_rng(seed)) for seed in range(40)]
    there = [bool(seen.object_mask[0]) for seen in seens if seen.object_mask is not None]
    lit = [bool(seen.image.max()) for seen in seens if seen.image is not None]
    assert True in there
    assert False in there
    # A pixel of the border is repeated where nothing is known, so it may be seen without being taught, never unseen.
    assert all(light for here, light in zip(there, lit, strict=True) if here)


def test_only_training_moves_and_every_epoch_anew(world: ClevrFolder) -> None:
    data = ClevrObjects(world, "val", ImageView((32, 48)), limit=1, moves=Displacement())
    still, *epochs = (one[0].seen.objects for one in (data, data.at_epoch(0), data.at_epoch(1)))
    assert still is not None
    np.testing.assert_array_equal(still, data.targets.objects_SND[0])
    assert not any(np.array_equal(still, moved) for moved in epochs if moved is not None)
    assert not np.array_equal(*epochs)
    again = data.at_epoch(1)[0].seen
    np.testing.assert_array_equal(again.objects, epochs[1])


def test_a_reach_of_the_whole_image_is_refused() -> None:
    with pytest.raises(UsageError, match="from 0 to below 1"):
        Displacement(1.0)
