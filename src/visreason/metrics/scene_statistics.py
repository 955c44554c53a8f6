"""What a file of scenes is made of: how many objects, which attributes, where they stand and are seen.

Shape legend: N objects of a scene, h, w bins of the image.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Self

import numpy as np

from visreason.clevr.attributes import ATTRIBUTES, RADIUS, RELATIONS
from visreason.clevr.camera import HEIGHT, WIDTH
from visreason.clevr.relations import DIRECTIONS
from visreason.clevr.scene import Scene
from visreason.metrics.shares import Shares

BIN = 10
"""Side of a bin of `SceneStatistics.seen_hw`, in pixels of the 480x320 image."""

_AXES = np.array([DIRECTIONS["right"][:2], DIRECTIONS["behind"][:2]])


class SceneStatistics:
    """Statistics of scenes.

    Attributes:
        count: how many scenes.
        objects: number of objects, as text, to its share of the scenes.
        attributes: attribute to the shares of its values among the objects.
        related: relation to how many ordered pairs of objects stand in it.
        pairs: how many ordered pairs there are.
        seen_hw: how many centres of objects are seen in each bin of the image, [320 / 10, 480 / 10].
        ranges: the least and the greatest of: `x` and `y` (where a centre is seen, in pixels), `depth` (along
            the viewing axis), `extent` (the larger of an object's |x| and |y|), `gap` (between two objects,
            from rim to rim) and `margin` (between two centres, along the direction right or behind), the last
            four in world units.

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> found = SceneStatistics.of(sample_scene(scene_rng(0, "val", i), i, "val") for i in range(5))
        >>> found.count, found.related["left"] / found.pairs, found.ranges["gap"][0] >= 0.25
        (5, 0.5, True)
    """

    def __init__(self) -> None:
        self.count = 0
        self.objects = Shares()
        self.attributes = {name: Shares() for name in ATTRIBUTES}
        self.related: Counter[str] = Counter()
        self.pairs = 0
        self.seen_hw = np.zeros((HEIGHT // BIN, WIDTH // BIN), np.int64)
        self.ranges: dict[str, tuple[float, float]] = {}

    @classmethod
    def of(cls, scenes: Iterable[Scene]) -> Self:
        """Count scenes, one in memory at a time."""
        found = cls()
        for scene in scenes:
            found.add(scene)
        return found

    def add(self, scene: Scene) -> None:
        """Count one more scene."""
        things = scene.objects
        self.count += 1
        self.objects.add([str(len(things))])
        for name, shares in self.attributes.items():
            shares.add(getattr(thing, name) for thing in things)
        for name in RELATIONS:
            self.related[name] += sum(map(len, scene.relationships[name]))
        self.pairs += len(things) * (len(things) - 1)
        if things:
            self._add_places(scene)

    def _add_places(self, scene: Scene) -> None:
        """Count where objects stand and are seen."""
        pixel_N3 = np.array([thing.pixel for thing in scene.objects])
        floor_N2 = np.array([thing.position[:2] for thing in scene.objects])
        for name, values_N in zip(("x", "y", "depth"), pixel_N3.T, strict=True):
            self._widen(name, values_N)
        self._widen("extent", np.abs(floor_N2).max(axis=1))
        column_N, row_N = (pixel_N3[:, :2] // BIN).astype(int).T
        height, width = self.seen_hw.shape
        inside = (row_N >= 0) & (row_N < height) & (column_N >= 0) & (column_N < width)
        np.add.at(self.seen_hw, (row_N[inside], column_N[inside]), 1)
        if len(scene.objects) > 1:
            radius_N = np.array([RADIUS[thing.size] for thing in scene.objects])
            one, other = np.triu_indices(len(scene.objects), 1)
            offset_P2 = floor_N2[one] - floor_N2[other]
            self._widen("gap", np.hypot(*offset_P2.T) - radius_N[one] - radius_N[other])
            self._widen("margin", np.abs(offset_P2 @ _AXES.T).min(axis=1))

    def _widen(self, name: str, values: np.ndarray[Any, Any]) -> None:
        """Let a range hold some values more."""
        low, high = self.ranges.get(name, (np.inf, -np.inf))
        self.ranges[name] = (min(low, float(values.min())), max(high, float(values.max())))

    def to_dict(self) -> dict[str, Any]:
        """All figures, as `statistics --json` prints them."""
        numbers = sorted(self.objects.counts, key=int)
        return {
            "count": self.count,
            "objects": self.objects.to_dict(numbers),
            "attributes": {
                name: shares.to_dict(ATTRIBUTES[name]) for name, shares in self.attributes.items()
            },
            "related": {name: self.related[name] / max(1, self.pairs) for name in RELATIONS},
            "ranges": {name: list(both) for name, both in self.ranges.items()},
            "seen": {"bin": BIN, "counts": self.seen_hw.tolist()},
        }
