import numpy as np
import pytest
from numpy.random import default_rng

from visreason.errors import UsageError
from visreason.metrics.probe import linear_probe


def test_what_is_in_the_features_is_read_and_what_is_not_is_guessed() -> None:
    rng = default_rng(0)
    images, labels = np.repeat(np.arange(60), 5), rng.integers(0, 3, 300)
    noise = rng.normal(size=(300, 8))
    told = linear_probe(np.eye(3)[labels] @ rng.normal(size=(3, 8)) + 0.1 * noise, labels, images)
    blind = linear_probe(noise, labels, images)
    assert told.read.value > 0.95
    assert told.guess == blind.guess
    assert told.guess.value == np.bincount(labels).max() / 300
    assert blind.read.low < 0.4
    assert set(told.to_dict()) == {"read", "guess"}


def test_an_image_is_never_read_by_a_map_that_was_fitted_to_it() -> None:
    """With a number of its own for each image, a map that had seen the image would know all of its labels."""
    images = np.repeat(np.arange(40), 4)
    labels = default_rng(1).integers(0, 2, 40)[images]
    assert linear_probe(np.eye(40)[images], labels, images).read.value < 0.75


def test_numbers_that_never_change_do_no_harm() -> None:
    labels = np.arange(30) % 2
    features = np.stack([labels, np.ones(30)], axis=1)
    assert linear_probe(features, labels, np.arange(30)).read.value == 1


def test_too_few_images_are_an_error() -> None:
    with pytest.raises(UsageError, match="at least 5 images"):
        linear_probe(np.ones((4, 2)), [0, 1, 0, 1], [0, 1, 2, 3])
