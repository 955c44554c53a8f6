"""The classes of the region world, what each looks like, and the knowledge graph over them.

Sixteen trees, four to a grove. Every tree looks like no other. Its leaf, seed and boughs look like those of the other
trees of its grove, but for a mark in the middle, which is lost when they are blurred, tiny or half hidden; then only
the graph tells them apart: the tree itself, or a marked part of it, is somewhere else in the image. Which mark belongs
to which tree follows no rule that could be guessed. A left bough looks like a right one: it is the left one where it
stands left of the post. Fittings look all the same: which one it is depends on whether it stands left of, right of,
above or below the mill or the post.
"""

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

Kind = Literal["tree", "leaf", "seed", "bough", "fitting", "body", "rail"]
Side = Literal["left", "right", "above", "below"]

GROVES: tuple[tuple[str, ...], ...] = (
    ("oak", "elm", "ash", "lime"),
    ("fir", "larch", "cedar", "yew"),
    ("palm", "fig", "olive", "almond"),
    ("apple", "pear", "plum", "cherry"),
)
"""The trees. The first two of each grove are common, the other two rare."""

COMMON = 2
"""How many trees of a grove are common."""

SLOTS: tuple[tuple[str, Side], ...] = (
    ("mill", "left"),
    ("mill", "right"),
    ("mill", "above"),
    ("mill", "below"),
    ("post", "above"),
    ("post", "below"),
)
"""Where a fitting may stand: beside which body, and on which side of it."""

BOUGH_SIDES: tuple[Side, ...] = ("left", "right")
"""On which sides of the post a bough may stand."""

_FITTINGS = ("left mill sail", "right mill sail", "mill cap", "mill step", "post lamp", "post foot")

MARKS: tuple[tuple[int, ...], ...] = ((2, 0, 3, 1), (1, 3, 0, 2), (3, 1, 2, 0), (0, 2, 1, 3))
"""The mark on the parts of every tree of every grove, of four; no two trees of a grove share one."""


@dataclass(frozen=True, slots=True)
class RegionClass:
    """One class.

    Attributes:
        name: what annotations and graph call it.
        kind: of the seven.
        look: classes of one look are drawn alike, but for their marks.
        grove, tree: the tree that it is or is a part of; the number of its grove, and its own within the grove.
        mark: what tells it from the others of its look in a sharp view; None where nothing does.
        body, side: beside what it stands, and on which side of that.
    """

    name: str
    kind: Kind
    look: str
    grove: int | None = None
    tree: int | None = None
    mark: int | None = None
    body: str | None = None
    side: Side | None = None

    @property
    def rare(self) -> bool:
        """Whether it is, or is a part of, a rare tree."""
        return self.tree is not None and self.tree >= COMMON


def _tree_classes() -> list[RegionClass]:
    """The trees, then their leaves, seeds and boughs."""
    trees = [(g, t, name) for g, grove in enumerate(GROVES) for t, name in enumerate(grove)]
    made = [RegionClass(name, "tree", name, g, t) for g, t, name in trees]
    parts: tuple[Kind, ...] = ("leaf", "seed")
    for kind in parts:
        made += [RegionClass(f"{n} {kind}", kind, f"{kind} {g}", g, t, MARKS[g][t]) for g, t, n in trees]
    for side in BOUGH_SIDES:
        made += [
            RegionClass(f"{side} {n} bough", "bough", f"bough {g}", g, t, MARKS[g][t], "post", side)
            for g, t, n in trees
        ]
    return made


CLASSES: tuple[RegionClass, ...] = (
    *_tree_classes(),
    *(
        RegionClass(name, "fitting", "fitting", body=body, side=side)
        for name, (body, side) in zip(_FITTINGS, SLOTS, strict=True)
    ),
    RegionClass("mill", "body", "mill"),
    RegionClass("post", "body", "post"),
    RegionClass("rail", "rail", "rail"),
)
"""All 89 classes; number 0, the background, is not among them: `CLASSES[i]` is number i + 1 in annotations."""

NUMBERS = MappingProxyType({one.name: number for number, one in enumerate(CLASSES)})
"""A class's place in `CLASSES` by its name."""


@cache
def classes_of_look(look: str) -> tuple[int, ...]:
    """The places in `CLASSES` of the classes that are drawn alike.

    Example:
        >>> [CLASSES[place].name for place in classes_of_look("leaf 1")]
        ['fir leaf', 'larch leaf', 'cedar leaf', 'yew leaf']
    """
    return tuple(place for place, one in enumerate(CLASSES) if one.look == look)


def class_edges() -> dict[str, list[tuple[str, str]]]:
    """The knowledge graph: relation to its edges, (from, to).

    `part of` ties a part to its tree or body, `mirrors` a left class to the right one and back, `looks like` those
    classes to one another that are drawn alike.

    Example:
        >>> edges = class_edges()
        >>> ("yew leaf", "yew") in edges["part of"], ("left yew bough", "right yew bough") in edges["mirrors"]
        (True, True)
    """
    wholes = {
        one.name: GROVES[one.grove][one.tree]
        for one in CLASSES
        if one.grove is not None and one.tree is not None
    }
    wholes |= {one.name: one.body for one in CLASSES if one.kind == "fitting" and one.body is not None}
    part_of = [(name, whole) for name, whole in wholes.items() if name != whole]
    turned = {"left": "right", "right": "left"}
    mirrors = [
        (one.name, " ".join(turned.get(word, word) for word in one.name.split()))
        for one in CLASSES
        if one.side in turned
    ]
    alike = [
        (one.name, CLASSES[other].name)
        for one in CLASSES
        for other in classes_of_look(one.look)
        if CLASSES[other] is not one
    ]
    return {"part of": part_of, "mirrors": mirrors, "looks like": alike}
