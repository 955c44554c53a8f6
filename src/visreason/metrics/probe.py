"""What can be read from features with nothing but a linear map: the probe of Alain and Bengio (2016)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from visreason.errors import UsageError
from visreason.metrics.intervals import Interval, clustered_fraction

FOLDS = 5
"""Each fifth of the images is read by a map that was fitted to the others."""

_RIDGE = 1.0


@dataclass(frozen=True, slots=True)
class Probe:
    """How well one attribute can be read.

    Attributes:
        read: the fraction of objects whose value is read rightly, on images that the map was not fitted to.
        guess: the fraction that has the commonest value.
    """

    read: Interval
    guess: Interval

    def to_dict(self) -> dict[str, Any]:
        """The form of one of `probes` in `attribution.json`."""
        return {"read": self.read.to_dict(), "guess": self.guess.to_dict()}


def linear_probe(features_ND: ArrayLike, labels_N: ArrayLike, images_N: ArrayLike) -> Probe:
    r"""Read labels from features by ridge regression, fold by fold over the images.

    .. math:: W = (X^\top X + \lambda I)^{-1} X^\top Y, \qquad \hat y = \arg\max_k (x W)_k

    with standardised features X and a column of ones, one-hot labels Y and :math:`\lambda = 1`.

    Args:
        features_ND: D numbers of each of N objects.
        labels_N: its value.
        images_N: its image; the objects of one image are a cluster and lie in one fold.

    Raises:
        UsageError: there are fewer images than folds, or the lengths differ.

    Example:
        >>> place = np.arange(40)
        >>> linear_probe(np.stack([place % 2, place % 3], 1), place % 2, place).read.value
        1.0
    """
    x, labels, images = np.asarray(features_ND, np.float64), np.asarray(labels_N), np.asarray(images_N)
    _, image = np.unique(images, return_inverse=True)
    if not len(x) == labels.size == images.size or image.size == 0 or image.max() + 1 < FOLDS:
        raise UsageError(
            f"a probe needs features, a label and an image for each object, of at least {FOLDS} images; got "
            f"{len(x)} features, {labels.size} labels and {len(np.unique(images))} images."
        )
    values, target = np.unique(labels, return_inverse=True)
    y = np.eye(len(values))[target]
    found = np.zeros(len(x), np.int64)
    for fold in range(FOLDS):
        away = image % FOLDS == fold
        found[away] = _fitted(x[~away], y[~away], x[away]).argmax(axis=1)
    commonest = np.bincount(target).argmax()
    return Probe(clustered_fraction(found == target, image), clustered_fraction(target == commonest, image))


def _fitted(x: NDArray[Any], y: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
    """Scores of new features by the map that is fitted to others."""
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    scale = np.where(deviation > 1e-9, deviation, np.inf)  # what never changes says nothing
    own, others = ((each - mean) / scale for each in (x, new))
    weights = np.linalg.solve(own.T @ own + _RIDGE * np.eye(x.shape[1]), own.T @ (y - y.mean(axis=0)))
    scores: NDArray[Any] = others @ weights + y.mean(axis=0)
    return scores
