"""Scenes of the region world: what is in an image, where, and how well it can be seen.

An image is a grid of 4 by 4 sites. What is in it is drawn by lot first, then the sites for it, so that places say
nothing about trees:

* a mill and a post, always;
* one to three fittings beside them, in different slots of `visreason.region_world.classes.SLOTS`;
* two or three groves, and of each one tree, common or rare; the tree itself is missing in a few images;
* one or two leaves and seeds, and a bough left or right of the post, of the trees of these groves.

No part stands next to its own tree or to a part of the same tree (not across a corner either), so that neighbours tell
nothing about it; every fitting and bough stands next to one body only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations, permutations
from typing import Literal

import numpy as np

from visreason.errors import UsageError
from visreason.region_world.classes import (
    BOUGH_SIDES,
    CLASSES,
    COMMON,
    GROVES,
    NUMBERS,
    SLOTS,
    RegionClass,
    Side,
)

GRID = 4
"""Sites along each side of an image."""

View = Literal["sharp", "blurred", "tiny", "occluded"]
VIEWS: tuple[View, ...] = ("sharp", "blurred", "tiny", "occluded")
"""How a region is seen; a mark shows in the first only."""

Needs = Literal["appearance", "local", "graph", "both"]
NEEDS: tuple[Needs, ...] = ("appearance", "local", "graph", "both")
"""What it takes to name a region: its own look, its neighbours too, the graph and the rest of the image too, or all."""

GROVES_SHOWN, FITTINGS, LEAVES, BOUGHS = (2, 3), (1, 2, 3), (1, 2), (1,)
"""How many there may be in an image, all equally likely: groves, fittings, leaves and seeds, boughs."""

_STEPS: dict[Side, tuple[int, int]] = {"left": (0, -1), "right": (0, 1), "above": (-1, 0), "below": (1, 0)}
"""From a body to what stands beside it: rows, columns."""

_SHIFT, _SWELL, _TINT = 0.06, 0.08, 12.0
_TRIES = 200


@dataclass(frozen=True, slots=True)
class RegionDesign:
    """What decides how much can be told from what.

    Attributes:
        clear: the share of leaves, seeds, boughs and fittings that are seen sharp.
        rare: the share of groves whose tree is one of the two rare ones.
        hidden: the share of groves whose tree itself is missing, so that only marked parts tell which it is.

    Raises:
        UsageError: a share is out of range.

    Example:
        >>> RegionDesign().tree_weights
        (0.4, 0.4, 0.1, 0.1)
    """

    clear: float = 0.3
    rare: float = 0.2
    hidden: float = 0.1

    def __post_init__(self) -> None:
        for name, most in (("clear", 1.0), ("rare", 0.5), ("hidden", 1.0)):
            if not 0 <= getattr(self, name) <= most:
                raise UsageError(f"the share {name} must be 0 to {most:g}; got {getattr(self, name):g}.")

    @property
    def tree_weights(self) -> tuple[float, ...]:
        """How likely each tree of a grove is, where the grove is in the image."""
        rares = len(GROVES[0]) - COMMON
        return ((1 - self.rare) / COMMON,) * COMMON + (self.rare / rares,) * rares


@dataclass(frozen=True, slots=True)
class Region:
    """One thing in an image.

    Attributes:
        name: of its class.
        view: how it is seen.
        row, column: its site.
        x, y: its centre, in sites from the upper left corner of the image.
        swell: its size, 1 being usual for its class and view.
        turn: its rotation in radians.
        tint: added to its red, green and blue, in levels of 255.
    """

    name: str
    view: View
    row: int
    column: int
    x: float
    y: float
    swell: float
    turn: float
    tint: tuple[float, float, float]

    @property
    def of(self) -> RegionClass:
        """Its class."""
        return CLASSES[NUMBERS[self.name]]

    @property
    def needs(self) -> Needs:
        """What it takes to name it."""
        kind, sharp = self.of.kind, self.view == "sharp"
        if kind == "fitting" or (kind == "bough" and sharp):
            return "local"
        if kind == "bough":
            return "both"
        return "graph" if kind in ("leaf", "seed") and not sharp else "appearance"


@dataclass(frozen=True, slots=True)
class RegionScene:
    """One image's regions, in reading order by their sites; a rail comes right behind what it hides.

    Attributes:
        regions: all of them.
        index, split: which image of the set this is.
        ground: the seed of the ground's texture.
    """

    regions: tuple[Region, ...]
    index: int
    split: str
    ground: int


def sample_region_scene(
    rng: np.random.Generator, design: RegionDesign, index: int, split: str
) -> RegionScene:
    """Make one random scene.

    Args:
        rng: where the randomness comes from; see `visreason.clevr.sampling.scene_rng`.
        design: what is how likely.
        index, split: which image of the set it is.

    Example:
        >>> scene = sample_region_scene(np.random.default_rng(0), RegionDesign(), 0, "val")
        >>> {"mill", "post"} <= {region.name for region in scene.regions}
        True
    """
    contents = _contents(rng, design)
    sites = _layout(rng, contents)
    regions: list[Region] = []
    for name, (row, column) in sorted(zip(contents, sites, strict=True), key=lambda each: each[1]):
        view = _view(rng, design, CLASSES[NUMBERS[name]])
        dx, dy, swell = rng.uniform(-1, 1, 3).tolist()
        turn = float(rng.uniform(0, 2 * np.pi))
        red, green, blue = rng.uniform(-_TINT, _TINT, 3).tolist()
        x, y = column + 0.5 + _SHIFT * dx, row + 0.5 + _SHIFT * dy
        tint = (red, green, blue)
        regions.append(Region(name, view, row, column, x, y, 1 + _SWELL * swell, turn, tint))
        if view == "occluded":
            regions.append(Region("rail", "sharp", row, column, x, y, 1.0, 0.0, tint))
    return RegionScene(tuple(regions), index, split, int(rng.integers(2**32)))


def _contents(rng: np.random.Generator, design: RegionDesign) -> list[str]:
    """The names of what is in an image, rails apart."""

    def one_of(options: tuple[int, ...]) -> int:
        return options[int(rng.integers(len(options)))]

    shown = rng.permutation(len(GROVES))[: one_of(GROVES_SHOWN)].tolist()
    trees = {g: int(rng.choice(len(GROVES[g]), p=design.tree_weights)) for g in shown}
    names = ["mill", "post"]
    names += [GROVES[g][t] for g, t in trees.items() if rng.random() >= design.hidden]
    slots = rng.permutation(len(SLOTS))[: one_of(FITTINGS)].tolist()
    names += [
        next(c.name for c in CLASSES if (c.kind, c.body, c.side) == ("fitting", *SLOTS[s])) for s in slots
    ]
    boughs = rng.permutation(len(BOUGH_SIDES))[: one_of(BOUGHS)].tolist()
    parts = [f"{BOUGH_SIDES[side]} {{}} bough" for side in boughs]
    parts += [f"{{}} {('leaf', 'seed')[int(rng.integers(2))]}" for _ in range(one_of(LEAVES))]
    for place, part in enumerate(rng.permutation(parts).tolist()):
        grove = shown[place % len(shown)]
        names.append(part.format(GROVES[grove][trees[grove]]))
    return names


def _view(rng: np.random.Generator, design: RegionDesign, one: RegionClass) -> View:
    """How a thing is seen; what can be named at sight always sharp."""
    unclear = rng.random() >= design.clear
    view = VIEWS[1 + int(rng.integers(len(VIEWS) - 1))]
    return view if unclear and one.kind in ("leaf", "seed", "bough", "fitting") else "sharp"


_Site = tuple[int, int]


def _layout(rng: np.random.Generator, names: list[str]) -> list[_Site]:
    """A site for everything."""
    classes = [CLASSES[NUMBERS[name]] for name in names]
    beside = {place: (one.body, one.side) for place, one in enumerate(classes) if one.body and one.side}
    bodies = _body_places(tuple(sorted(beside.values())))
    while True:
        at = dict(zip(("mill", "post"), bodies[int(rng.integers(len(bodies)))], strict=True))
        fixed = {place: at[one.name] for place, one in enumerate(classes) if one.kind == "body"}
        fixed |= {place: _step(at[body], side) for place, (body, side) in beside.items()}
        free = [site for site in _sites() if site not in fixed.values()]
        loose = [place for place in range(len(names)) if place not in fixed]
        for _ in range(_TRIES):
            drawn = rng.permutation(len(free))[: len(loose)].tolist()
            sites = fixed | {place: free[number] for place, number in zip(loose, drawn, strict=True)}
            if _apart(classes, sites):
                return [sites[place] for place in range(len(names))]


def _apart(classes: list[RegionClass], sites: dict[int, _Site]) -> bool:
    """Whether no two regions of one tree are neighbours."""
    for one, other in combinations(
        [place for place, each in enumerate(classes) if each.grove is not None], 2
    ):
        if classes[one].grove == classes[other].grove and _distance(sites[one], sites[other]) < 2:
            return False
    return True


@cache
def _body_places(beside: tuple[tuple[str, Side], ...]) -> list[tuple[_Site, _Site]]:
    """Where mill and post may stand: what stands beside one of them is on the grid, and not next to the other."""
    places = []
    for mill, post in permutations(_sites(), 2):
        at = {"mill": mill, "post": post}
        taken = [(body, _step(at[body], side)) for body, side in beside]
        sites = [mill, post, *(site for _, site in taken)]
        whole = len(set(sites)) == len(sites) and set(sites) <= set(_sites())
        if whole and all(
            not _touches(site, at["post" if body == "mill" else "mill"]) for body, site in taken
        ):
            places.append((mill, post))
    return places


def _sites() -> Iterator[_Site]:
    return ((row, column) for row in range(GRID) for column in range(GRID))


def _step(site: _Site, side: Side) -> _Site:
    down, right = _STEPS[side]
    return site[0] + down, site[1] + right


def _distance(one: _Site, other: _Site) -> int:
    """Moves of a king from one site to the other."""
    return max(abs(one[0] - other[0]), abs(one[1] - other[1]))


def _touches(one: _Site, other: _Site) -> bool:
    """Whether two sites share an edge."""
    return abs(one[0] - other[0]) + abs(one[1] - other[1]) == 1
