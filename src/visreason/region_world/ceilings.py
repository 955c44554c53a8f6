"""How right each observer of `visreason.region_world.oracles` is: expected of a design, and measured on scenes.

With c the share of sharp views, w the weight of a common tree, h the share of groves whose tree
itself is missing, and k = 1 - h (1 - c)^(s - 1) the share of unclear parts whose tree is told by the tree itself or by
one of the other s - 1 parts of it in the image, the accuracies are

| a region needs          | appearance | local | graph             | both          |
|-------------------------|------------|-------|-------------------|---------------|
| appearance              | 1          | 1     | 1                 | 1             |
| local: fitting / bough  | 1/6, 1/2   | 1     | 1/6, 1/2          | 1             |
| graph                   | w          | w     | k + (1-k) w       | k + (1-k) w   |
| both                    | w/2        | w     | (k + (1-k) w) / 2 | k + (1-k) w   |

Those of all regions together are their means, weighted by how often each need occurs.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from visreason.region_world.classes import BOUGH_SIDES, CLASSES, SLOTS
from visreason.region_world.oracles import OBSERVERS, Observer, posterior, seen
from visreason.region_world.scene import (
    BOUGHS,
    FITTINGS,
    GROVES_SHOWN,
    LEAVES,
    NEEDS,
    VIEWS,
    RegionDesign,
    RegionScene,
)

Ceilings = dict[str, dict[str, float]]
"""Observer to accuracy: of all regions, of those of each need, and of the parts of rare trees that need the graph."""

GROUPS = ("all", *NEEDS, "rare")
"""The groups of regions that accuracies are told of; `rare` are the unclear parts of rare trees."""


@dataclass(slots=True)
class CeilingTally:
    """Counts regions and how many of them each observer names rightly.

    Attributes:
        regions: group to how many regions.
        right: (observer, group) to how many of these the most likely class is the true one.

    Example:
        >>> from visreason.region_world.scene import sample_region_scene
        >>> import numpy as np
        >>> tally = CeilingTally()
        >>> tally.add(sample_region_scene(np.random.default_rng(0), RegionDesign(), 0, "val"), RegionDesign())
        >>> tally.accuracies()["both"]["local"]
        1.0
    """

    regions: Counter[str] = field(default_factory=Counter)
    right: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, scene: RegionScene, design: RegionDesign) -> None:
        """Let all observers look at a scene."""
        image = seen(scene)
        for number, region in enumerate(scene.regions):
            groups = ["all", region.needs]
            if region.of.rare and region.needs in ("graph", "both"):
                groups.append("rare")
            self.regions.update(groups)
            for observer in OBSERVERS:
                guess = CLASSES[int(posterior(image, number, design, observer).argmax())]
                if guess.name == region.name:
                    self.right.update((observer, group) for group in groups)

    def to_dict(self) -> dict[str, Any]:
        """The counts as JSON."""
        return {"regions": dict(self.regions), "right": [[*key, count] for key, count in self.right.items()]}

    def add_dict(self, counts: dict[str, Any]) -> None:
        """Add the counts of another tally, from its `to_dict`."""
        self.regions.update(counts["regions"])
        self.right.update({(observer, group): count for observer, group, count in counts["right"]})

    def accuracies(self) -> Ceilings:
        """Those of every observer, of the groups that occur."""
        return {
            observer: {
                group: self.right[observer, group] / self.regions[group]
                for group in GROUPS
                if self.regions[group]
            }
            for observer in OBSERVERS
        }


def expected_ceilings(design: RegionDesign) -> Ceilings:
    """The accuracies that are to be expected of every observer.

    Example:
        >>> ceilings = expected_ceilings(RegionDesign())
        >>> {observer: round(groups["all"], 3) for observer, groups in ceilings.items()}
        {'appearance': 0.693, 'local': 0.893, 'graph': 0.771, 'both': 0.99}
    """
    told = {"graph": _told(design), "both": _told(design)}
    return {observer: _accuracies(design, observer, told) for observer in OBSERVERS}


def expected_counts(design: RegionDesign) -> dict[str, float]:
    """How many regions of each group an image has on average.

    Example:
        >>> counts = expected_counts(RegionDesign())
        >>> round(counts["all"], 2), round(counts["rare"], 2)
        (9.8, 0.35)
    """
    fittings, boughs, leaves, groves = map(_mean, (FITTINGS, BOUGHS, LEAVES, GROVES_SHOWN))
    unclear = 1 - design.clear
    rails = (fittings + boughs + leaves) * unclear / (len(VIEWS) - 1)
    counts = {
        "appearance": 2 + groves * (1 - design.hidden) + rails + leaves * design.clear,
        "local": fittings + boughs * design.clear,
        "graph": leaves * unclear,
        "both": boughs * unclear,
    }
    return {"all": sum(counts.values()), **counts, "rare": (leaves + boughs) * unclear * design.rare}


def _accuracies(
    design: RegionDesign, observer: Observer, told: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """The accuracies of one observer by group."""
    places, common = observer in ("local", "both"), max(design.tree_weights)
    knows = told.get(observer, {"graph": 0.0, "both": 0.0})
    side = 1.0 if places else 1 / len(BOUGH_SIDES)
    slot = 1.0 if places else 1 / len(SLOTS)
    fittings, boughs = _mean(FITTINGS), _mean(BOUGHS) * design.clear
    counts = expected_counts(design)
    found = {
        "appearance": 1.0,
        "local": (slot * fittings + side * boughs) / (fittings + boughs),
        "graph": knows["graph"] + (1 - knows["graph"]) * common,
        "both": side * (knows["both"] + (1 - knows["both"]) * common),
    }
    whole = sum(counts[need] * found[need] for need in NEEDS) / counts["all"]
    rare = (counts["graph"] * knows["graph"] + counts["both"] * side * knows["both"]) / max(
        counts["graph"] + counts["both"], 1e-14
    )
    everything = {"all": whole, **found, "rare": rare}
    return {group: accuracy for group, accuracy in everything.items() if counts[group] > 0}


def _told(design: RegionDesign) -> dict[str, float]:
    """The shares k of unclear leaves and seeds (`graph`), and of unclear boughs (`both`), whose tree is told elsewhere.

    The parts of an image are dealt to its groves in turn, in random order, so a part is as likely to be any of them.
    """
    sums, counts = Counter[str](), Counter[str]()
    for groves, leaves, boughs in product(GROVES_SHOWN, LEAVES, BOUGHS):
        parts = leaves + boughs
        sizes = [len(range(grove, parts, groves)) for grove in range(groves)]
        told = (
            sum(size * (1 - design.hidden * (1 - design.clear) ** (size - 1)) for size in sizes if size)
            / parts
        )
        sums.update({"graph": leaves * told, "both": boughs * told})
        counts.update({"graph": leaves, "both": boughs})
    return {need: sums[need] / counts[need] for need in counts}


def _mean(options: tuple[int, ...]) -> float:
    return sum(options) / len(options)
