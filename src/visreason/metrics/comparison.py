"""A figure of a world beside the published one, and whether they agree.

A share or a mean deviates when it lies further from the published figure than twice the reach of the 95 %
intervals of both: about four standard errors, so that of a hundred figures of a faithful world hardly one is
marked by chance. A range deviates when it leaves the published one; where that is the range of a sample and no
rule, by more than a twentieth of its width, as larger samples reach further.
"""

import math
from dataclasses import dataclass
from typing import Any

from visreason.metrics.intervals import Interval

_ROUNDING = 1e-4
"""Released scenes reach their limits to the fourth digit."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of a world beside the published one.

    Attributes:
        figure: what it is.
        here: the world's: a share or mean with its interval, or a range.
        published: the published share, mean or range; None where there is none.
        source: where the published figure is from, a key of `visreason.metrics.published.SOURCES`.
        unit: of the figure; "" for a share.
        reach: how far the 95 % interval of the published figure reaches; 0 where it is exact.

    Example:
        >>> flat = Comparison("objects: 3", Interval(0.20, 0.15, 0.25, 250), 0.125, "design")
        >>> flat.deviates, flat.cells()
        (False, ('objects: 3', '20.0 % (15.0–25.0)', '12.5 %'))
    """

    figure: str
    here: Interval | tuple[float, float]
    published: float | tuple[float, float] | None = None
    source: str = ""
    unit: str = ""
    reach: float = 0.0

    @property
    def deviates(self) -> bool:
        """Whether the world is unlike the published data in this figure."""
        if self.published is None:
            return False
        if isinstance(self.here, Interval):
            assert isinstance(self.published, float)
            away = self.published - self.here.value
            reach = self.here.high - self.here.value if away > 0 else self.here.value - self.here.low
            return abs(away) > 2 * math.hypot(reach, self.reach)
        assert isinstance(self.published, tuple)
        low, high = self.published
        slack = _ROUNDING if self.source == "design" else (high - low) / 20
        return self.here[0] < low - slack or self.here[1] > high + slack

    def to_dict(self) -> dict[str, Any]:
        """One element of `comparison` in `statistics --json`; an open end of a range is null."""
        here = self.here.to_dict() if isinstance(self.here, Interval) else list(self.here)
        published = self.published
        if isinstance(published, tuple):
            return self._with(here, [None if math.isinf(end) else end for end in published])
        return self._with(here, published)

    def _with(self, here: Any, published: Any) -> dict[str, Any]:
        return {
            "figure": self.figure,
            "here": here,
            "published": published,
            "unit": self.unit or "share",
            "source": self.source or None,
            "deviates": self.deviates,
        }

    def cells(self) -> tuple[str, str, str]:
        """The figure, the world's value and the published one, for people."""
        if isinstance(self.here, tuple):
            here = f"{_range(self.here)} {self.unit}"
        elif self.unit:
            here = f"{self.here.value:.2f} ({self.here.low:.2f}–{self.here.high:.2f}) {self.unit}"
        else:
            here = str(self.here)
        if isinstance(self.published, tuple):
            published = f"{_range(self.published)} {self.unit}"
        elif self.published is None:
            published = ""
        else:
            published = f"{self.published} {self.unit}" if self.unit else f"{100 * self.published:.1f} %"
        return self.figure, here.rstrip(), published.rstrip()


def _range(ends: tuple[float, float]) -> str:
    """A range for people: one number where both ends are the same, "from" where it is open."""
    low, high = (f"{end:.4g}" for end in ends)
    if math.isinf(ends[1]):
        return f"from {low}"
    return low if low == high else f"{low}–{high}"
