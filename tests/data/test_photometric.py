import numpy as np
import pytest

from visreason.data.photometric import Photometric, compressed
from visreason.errors import UsageError

IMAGE = np.random.default_rng(0).integers(0, 256, (32, 48, 3), dtype=np.uint8)


def changed(seed: int, strength: float = 1.0) -> np.ndarray:
    return Photometric(strength)(IMAGE, np.random.default_rng(seed))


def test_the_same_state_gives_the_same_image_and_another_another() -> None:
    np.testing.assert_array_equal(changed(1), changed(1))
    assert not np.array_equal(changed(1), changed(2))


def test_light_and_colour_vary_within_their_bounds() -> None:
    grey = np.full((24, 24, 3), 128, np.uint8)
    means = np.array(
        [Photometric()(grey, np.random.default_rng(seed)).mean(axis=(0, 1)) for seed in range(60)]
    )
    assert means.std(axis=0).min() > 10
    assert 60 < means.min() < 100 < 150 < means.max() < 210
    assert np.ptp(means, axis=1).max() < 0.13 * 210


def test_nothing_moves() -> None:
    dark = np.zeros((32, 48, 3), np.uint8)
    dark[8:16, 16:24] = 255
    for seed in range(20):
        bright = Photometric()(dark, np.random.default_rng(seed)).astype(int).sum(axis=2)
        rows, columns = np.nonzero(bright > (bright.max() + bright.min()) / 2)
        assert (rows.mean(), columns.mean()) == pytest.approx((11.5, 19.5), abs=0.5)


def test_without_strength_only_compression_is_left() -> None:
    for seed in range(8):
        softly = changed(seed, 0.0)
        assert np.array_equal(softly, IMAGE) or np.array_equal(softly, compressed(IMAGE, 95))


def test_a_strength_out_of_range_is_refused() -> None:
    with pytest.raises(UsageError, match="from 0 to 1"):
        Photometric(1.5)
