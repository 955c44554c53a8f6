"""The account of what a reader met: nothing is left out without being counted here."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MEANINGS = {
    "image missing": "the annotations name an image that is not in the folder: the image is left out",
    "annotations missing": "an image has no annotations: it is left out",
    "mask missing": "an instance's mask is not there: its box is drawn around its outline",
    "no pixels": "an instance is named but has no visible pixel: it is left out",
    "no name": "an instance has pixels but no line with its name: it is left out",
    "unknown image": "an annotation is about an image that the file does not list: it is left out",
    "unknown class": "a region's class is not in the list: it is left out",
    "no class": "a region is given no class: it is left out",
    "box cut": "a box reaches more than half a pixel over its image's edge: it is cut there",
    "box outside": "a box lies outside its image altogether: the region is left out",
    "box without area": "a box has no width or no height: the region is left out",
    "crowd": "a box holds a crowd of one class: it is kept, as one region",
    "no regions": "an image has no region that is kept: the image stays in the set, but gives no sample",
}
"""Every oddity that is counted, and what is done about it."""

_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Oddity:
    """One kind of oddity.

    Attributes:
        kind: a key of `MEANINGS`.
        count: how often it was met.
        examples: some of the places; for classes, the most frequent names.
    """

    kind: str
    count: int
    examples: tuple[str, ...]

    def __str__(self) -> str:
        """Count, meaning and examples in a line."""
        more = ", …" if self.count > len(self.examples) else ""
        return f"{self.count:,} × {MEANINGS[self.kind]} ({', '.join(self.examples)}{more})"


@dataclass(frozen=True, slots=True)
class RegionReport:
    """What a reader met.

    Attributes:
        images: images that are kept, those without a region among them.
        regions: regions that are kept.
        classes: classes that occur, of ...
        classes_listed: ... those in the list, without the background.
        oddities: in the order of `MEANINGS`.
    """

    images: int
    regions: int
    classes: int
    classes_listed: int
    oddities: tuple[Oddity, ...]

    def count(self, kind: str) -> int:
        """How often an oddity was met."""
        return next((one.count for one in self.oddities if one.kind == kind), 0)

    def lines(self) -> list[str]:
        """The report in words."""
        head = (
            f"{self.images:,} images, {self.regions:,} regions of {self.classes:,} classes "
            f"({self.classes_listed:,} in the list)"
        )
        return [head, *map(str, self.oddities)]

    def text(self, name: str = "") -> str:
        """The report as a text of several lines, below the name of what it is about, if it has one."""
        head, *others = self.lines()
        return "\n  ".join([f"{name}: {head}" if name else head, *others])

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "images": self.images,
            "regions": self.regions,
            "classes": self.classes,
            "classes_listed": self.classes_listed,
            "oddities": {
                one.kind: {"count": one.count, "meaning": MEANINGS[one.kind], "examples": list(one.examples)}
                for one in self.oddities
            },
        }


@dataclass(slots=True)
class Tally:
    """Counts oddities while a reader reads.

    Example:
        >>> tally = Tally()
        >>> tally.note("box cut", "cat.jpg, region 3")
        >>> tally.oddities()[0].count
        1
    """

    _places: dict[str, Counter[str]] = field(default_factory=dict)

    def note(self, kind: str, place: str, count: int = 1) -> None:
        """Count an oddity of a kind at a place.

        Args:
            kind: a key of `MEANINGS`.
            place: where, or the class's name.
            count: how many.
        """
        if kind not in MEANINGS:
            raise KeyError(kind)
        self._places.setdefault(kind, Counter())[place] += count

    def oddities(self) -> tuple[Oddity, ...]:
        """Every kind that was met, with examples."""
        return tuple(_oddity(kind, self._places[kind]) for kind in MEANINGS if kind in self._places)


def _oddity(kind: str, places: Mapping[str, int]) -> Oddity:
    """A kind's count and examples: the first places, or the classes that are met most."""
    ranked = sorted(places.items(), key=lambda item: -item[1]) if kind == "unknown class" else places.items()
    examples = tuple(
        f"{place} × {count}" if count > 1 else place for place, count in list(ranked)[:_EXAMPLES]
    )
    return Oddity(kind, sum(places.values()), examples)
