"""Two models on the same questions: how much better is one, and could that be chance?"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from visreason.errors import UsageError
from visreason.metrics.intervals import clustered_mean, share_of


@dataclass(frozen=True, slots=True)
class Paired:
    """Two models' right and wrong answers to the same questions.

    Attributes:
        both: how many questions both answered rightly.
        first, second: how many only the one did.
        neither: how many none did.
        low, high: the 95 % interval of `difference`, clustered by image.
        p: of the exact McNemar test.

    Example:
        >>> Paired.of([1, 1, 1, 0], [1, 0, 0, 0], images=[0, 1, 2, 3]).difference
        -0.5
    """

    both: int
    first: int
    second: int
    neither: int
    low: float
    high: float
    p: float

    @classmethod
    def of(cls, first: ArrayLike, second: ArrayLike, images: ArrayLike) -> Self:
        r"""Compare two models.

        With :math:`d_i` the second model's right answer (1 or 0) less the first's, the interval is that of the mean of
        these, between -1 and 1, by `visreason.metrics.intervals.clustered_mean`. Where the two never differ, nothing of
        that shows in the data: each cluster counts as one sample, and the interval reaches as far as the share of
        questions on which they differ could, by Wilson's interval.

        Args:
            first, second: for each of n questions whether the answer is right.
            images: the image of each; questions about one image form a cluster.

        Raises:
            UsageError: there is no question, or the lengths differ.
        """
        one, other = np.asarray(first, bool).ravel(), np.asarray(second, bool).ravel()
        image = np.asarray(images).ravel()
        if len({one.size, other.size, image.size}) != 1 or not one.size:
            raise UsageError(
                f"a comparison needs two answers and an image for each question; got {one.size} and {other.size} "
                f"answers and {image.size} images."
            )
        only_one, only_other = int((one & ~other).sum()), int((other & ~one).sum())
        low, high = _interval(other.astype(float) - one.astype(float), image)
        return cls(
            both=int((one & other).sum()),
            first=only_one,
            second=only_other,
            neither=int((~one & ~other).sum()),
            low=low,
            high=high,
            p=mcnemar(only_one, only_other),
        )

    @property
    def count(self) -> int:
        """How many questions there are."""
        return self.both + self.first + self.second + self.neither

    @property
    def difference(self) -> float:
        """The second model's accuracy less the first's."""
        return (self.second - self.first) / self.count

    def to_dict(self) -> dict[str, Any]:
        """The form of a comparison in `compare --json`."""
        counts = {"both": self.both, "first": self.first, "second": self.second, "neither": self.neither}
        interval = {"value": self.difference, "low": self.low, "high": self.high, "count": self.count}
        return {"difference": interval, "right": counts, "p": self.p}

    def __str__(self) -> str:
        return f"{100 * self.difference:+.1f} ({100 * self.low:+.1f} to {100 * self.high:+.1f})".replace(
            "-", "−"
        )


def mcnemar(first: int, second: int) -> float:
    r"""The two-sided p of the exact McNemar test.

    Of the n = b + c questions that only one of two models answers rightly, each is as likely to be the one's as the
    other's if the two are equally good:

    .. math:: p = \min\Bigl(1, 2 \sum_{k=0}^{\min(b, c)} \binom{n}{k} 2^{-n}\Bigr)

    McNemar (1947), Psychometrika 12. It takes questions as independent; those about one image are less so, which the
    clustered interval of `Paired` allows for.

    Args:
        first, second: b and c, how many questions only the first and only the second model answered rightly.

    Example:
        >>> round(mcnemar(1, 9), 9), mcnemar(5, 5), mcnemar(0, 0)
        (0.021484375, 1.0, 1.0)
    """
    total, least = first + second, min(first, second)
    logs = [
        math.lgamma(total + 1) - math.lgamma(k + 1) - math.lgamma(total - k + 1) - total * math.log(2)
        for k in range(least + 1)
    ]
    highest = max(logs)
    return min(1.0, 2 * math.exp(highest) * math.fsum(math.exp(one - highest) for one in logs))


def holm(values: Sequence[float]) -> list[float]:
    """P-values of several tests, adjusted so that the chance of any false alarm among them stays what it is for one.

    Holm (1979), Scandinavian Journal of Statistics 6: with the m values in ascending order, the k-th becomes the
    largest of (m - j + 1) p_j over j <= k, and at most 1.

    Example:
        >>> holm([0.04, 0.01, 0.5])
        [0.08, 0.03, 0.5]
    """
    adjusted, largest = [0.0] * len(values), 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=lambda i: values[i])):
        largest = max(largest, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = largest
    return adjusted


def paired_by_type(
    first: ArrayLike, second: ArrayLike, images: ArrayLike, types: Sequence[str]
) -> Mapping[str, Paired]:
    """The comparison on the questions of each type, in the order of their first.

    Args:
        first, second, images: as `Paired.of`.
        types: of each question.
    """
    one, other, image = (np.asarray(each).ravel() for each in (first, second, images))
    kind = np.array(types)
    members = {name: kind == name for name in dict.fromkeys(types)}
    return {name: Paired.of(one[part], other[part], image[part]) for name, part in members.items()}


def _interval(differences: NDArray[np.float64], images: NDArray[Any]) -> tuple[float, float]:
    """The 95 % interval of the mean difference over clusters."""
    groups = np.unique(images).size
    if differences.any() or groups == 1:
        found = clustered_mean(differences, images, within=(-1.0, 1.0))
        return found.low, found.high
    reach = share_of(0, groups).high
    return -reach, reach
