"""What can be known of a region, by four observers that know how the world is made and see more or less of an image.

Every observer sees what a region itself looks like: its look, and its mark where the view is sharp. `local` also sees
what stands on the eight sites around it and where; `graph` also sees what else is in the image, though not where, and
knows which classes belong together; `both` does both. Each gives the exact posterior over all classes, so that its
accuracy is the best that can be had from what it sees.

Shape suffix: K classes, in the order of `visreason.region_world.classes.CLASSES`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from visreason.region_world.classes import CLASSES, RegionClass, classes_of_look
from visreason.region_world.scene import RegionDesign, RegionScene

Observer = Literal["appearance", "local", "graph", "both"]
OBSERVERS: tuple[Observer, ...] = ("appearance", "local", "graph", "both")


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to see of a region.

    Attributes:
        look: its look.
        mark: its mark, where it has one and the view is sharp.
        row, column: its site.
    """

    look: str
    mark: int | None
    row: int
    column: int


def seen(scene: RegionScene) -> list[Seen]:
    """What there is to see of each region; nothing else of a scene reaches the observers."""
    return [
        Seen(one.of.look, one.of.mark if one.view == "sharp" else None, one.row, one.column)
        for one in scene.regions
    ]


def posterior(
    image: Sequence[Seen], region: int, design: RegionDesign, observer: Observer
) -> NDArray[np.float64]:
    """How likely each class is, `[K]`, to one observer.

    Args:
        image: what there is to see of all regions.
        region: which of them is meant.
        design: how the world is made.
        observer: who looks.

    Example:
        >>> image = [Seen("post", None, 1, 1), Seen("fitting", None, 0, 1), Seen("mill", None, 3, 3)]
        >>> float(posterior(image, 1, RegionDesign(), "appearance").max().round(3))
        0.167
        >>> CLASSES[posterior(image, 1, RegionDesign(), "local").argmax()].name
        'post lamp'
    """
    one = image[region]
    places = [
        place
        for place in classes_of_look(one.look)
        if (one.mark is None or CLASSES[place].mark == one.mark)
        and (observer in ("appearance", "graph") or _stands(CLASSES[place], one, image))
        and (observer in ("appearance", "local") or _belongs(CLASSES[place], image))
    ]
    weights = design.tree_weights
    likely_K = np.zeros(len(CLASSES))
    for place in places:
        tree = CLASSES[place].tree
        likely_K[place] = 1.0 if tree is None or len(places) == 1 else weights[tree]
    likely_K /= likely_K.sum()
    return likely_K


def _stands(candidate: RegionClass, one: Seen, image: Sequence[Seen]) -> bool:
    """Whether a region stands as a class does: on the right side of the right body."""
    if candidate.body is None:
        return True
    step = {"left": (0, 1), "right": (0, -1), "above": (1, 0), "below": (-1, 0)}[str(candidate.side)]
    there = (one.row + step[0], one.column + step[1])
    return any((other.row, other.column) == there and other.look == candidate.body for other in image)


def _belongs(candidate: RegionClass, image: Sequence[Seen]) -> bool:
    """Whether nothing in the image shows that its grove has another tree there than the class's."""
    if candidate.grove is None:
        return True
    trees = {
        CLASSES[place].tree
        for other in image
        for place in classes_of_look(other.look)
        if CLASSES[place].grove == candidate.grove
        and (CLASSES[place].kind == "tree" or (other.mark is not None and CLASSES[place].mark == other.mark))
    }
    return not trees or candidate.tree in trees
