"""The record of how a model came to name the regions of an image: plain data, to be printed, kept and drawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from visreason.trace.schema import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One prediction of one region.

    Attributes:
        name: which one: `"backbone"`, `"local 1"`, `"global 1"` and so on.
        label: the most probable class, the background left out.
        probability: its probability.
        attention: the share of this prediction in the final one.
    """

    name: str
    label: str
    probability: float
    attention: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """What a region's label owes to a neighbour, or to an edge between classes, by leaving that out.

    Attributes:
        shift: by how much it raises the log-odds of the label; negative: it speaks against it.
        without: the label without it.
        number: of the neighbour, from 1; None for an edge.
        where: where the neighbour lies, such as `"left"` or `"above right"`; None where its centre is the region's.
        edge: (class, relation, class); None for a neighbour.
    """

    shift: float
    without: str
    number: int | None = None
    where: str | None = None
    edge: tuple[str, str, str] | None = None

    def to_json(self) -> dict[str, Any]:
        """The record as JSON values."""
        told: dict[str, Any] = {"shift": self.shift, "without": self.without}
        if self.edge is not None:
            return told | dict(zip(("from", "relation", "to"), self.edge, strict=True))
        return told | {"number": self.number, "where": self.where}


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRegion:
    """A region and what was said of it.

    Attributes:
        number: from 1.
        box: (x, y, width, height) in pixels of the image.
        top: the likeliest classes with their probabilities in the end, best first; the background is left out.
        said: every prediction, in order; the first is what the region was taken for by itself.
        neighbour: the neighbour whose absence moves the label most; None where there is none that does.
        edge: the edge between classes of which the same holds.
        given: what the user's file says that it is.
    """

    number: int
    box: tuple[float, float, float, float]
    top: tuple[tuple[str, float], ...]
    said: tuple[Said, ...]
    neighbour: Owed | None = None
    edge: Owed | None = None
    given: str | None = None

    @property
    def before(self) -> str:
        """What the region was taken for by itself."""
        return self.said[0].label

    @property
    def label(self) -> str:
        """What it is taken for in the end."""
        return self.top[0][0]

    @property
    def probability(self) -> float:
        """Of the label."""
        return self.top[0][1]

    @property
    def changed(self) -> bool:
        """Whether reasoning gave it another label."""
        return self.before != self.label

    @property
    def most(self) -> Owed | None:
        """The neighbour or the edge between classes that moved the label most."""
        owed = [one for one in (self.neighbour, self.edge) if one is not None]
        return max(owed, key=lambda one: abs(one.shift), default=None)

    def to_json(self) -> dict[str, Any]:
        """The record as JSON values."""
        told: dict[str, Any] = {
            "number": self.number,
            "box": list(self.box),
            "label": self.label,
            "probability": self.probability,
            "before": self.before,
            "changed": self.changed,
            "top": [{"label": label, "probability": probability} for label, probability in self.top],
            "predictions": [
                {
                    "name": one.name,
                    "label": one.label,
                    "probability": one.probability,
                    "attention": one.attention,
                }
                for one in self.said
            ],
            "neighbour": None if self.neighbour is None else self.neighbour.to_json(),
            "class_edge": None if self.edge is None else self.edge.to_json(),
        }
        return told if self.given is None else told | {"given": self.given}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionsTrace:
    """How a model came to name the regions of an image.

    Attributes:
        family: the model family.
        regions: in the order of the user's boxes.
        memory: the mean size of the memory's numbers in each of its cells, before the first iteration and after each;
            empty for models without such a memory.
        cell: pixels of the image between the centres of two cells; that of the first lies on the image's left upper
            corner.
    """

    family: str
    regions: tuple[NamedRegion, ...]
    memory: tuple[Table, ...] = ()
    cell: float = 1.0

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the predictions."""
        return tuple(one.name for one in self.regions[0].said)

    def to_json(self) -> dict[str, Any]:
        """The form of `regions --json`."""
        return {
            "family": self.family,
            "regions": [region.to_json() for region in self.regions],
            "memory": [[list(row) for row in cells] for cells in self.memory],
            "cell": self.cell,
        }


def path_of(labels: Iterable[str]) -> str:
    """Labels from the first to the last, each told where it changes.

    Example:
        >>> path_of(["bough", "bough", "left oak bough", "left oak bough"])
        'bough → left oak bough'
    """
    told: list[str] = []
    for label in labels:
        if told[-1:] != [label]:
            told.append(label)
    return " → ".join(told)
