"""How often each of several values occurs, counted cluster by cluster, in memory that does not grow with them."""

from collections import Counter
from collections.abc import Iterable

from visreason.metrics.intervals import Interval, fraction_interval


class Shares:
    """The share of every value among samples that come in clusters, such as the questions about one image.

    With y_g of the n_g samples of cluster g having a value and p the value's share, its interval needs

        sum (y_g - p n_g)^2 = sum y_g^2 - 2 p sum y_g n_g + p^2 sum n_g^2,

    so three sums are all that is kept (`visreason.metrics.intervals.clustered_fraction`).

    Attributes:
        counts: how often each value occurred, in the order of their first.
        total: the number of samples.
        clusters: the number of clusters that had a sample.

    Example:
        >>> shares = Shares()
        >>> shares.add(["red", "red", "blue"])
        >>> shares.add(["blue"])
        >>> print(shares.interval("red"))
        50.0 % (0.6–99.4)
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.total = 0
        self.clusters = 0
        self._squares: Counter[str] = Counter()
        self._products: Counter[str] = Counter()
        self._sizes = 0

    def add(self, values: Iterable[str]) -> None:
        """Count the samples of one more cluster."""
        here = Counter(values)
        size = here.total()
        if not size:
            return
        self.total += size
        self.clusters += 1
        self._sizes += size * size
        for value, count in here.items():
            self.counts[value] += count
            self._squares[value] += count * count
            self._products[value] += count * size

    def interval(self, value: str) -> Interval:
        """The share of a value with its 95 % interval; there must be a sample."""
        p = self.counts[value] / self.total
        residual = self._squares[value] - 2 * p * self._products[value] + p * p * self._sizes
        return fraction_interval(p, self.total, self.clusters, max(0.0, residual))

    def to_dict(self, order: Iterable[str] = ()) -> dict[str, dict[str, float | int]]:
        """The share of each value, as in `metrics.json`; values in `order` come first, even if none occurred."""
        if not self.total:
            return {}
        return {value: self.interval(value).to_dict() for value in dict.fromkeys((*order, *self.counts))}
