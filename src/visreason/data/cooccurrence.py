"""What annotations tell of classes: which are seen in one image, and which are parts of which."""

from collections import Counter

import numpy as np

from visreason.data.knowledge import Pairs, with_inverse
from visreason.data.regions.region_set import RegionSet

FEWEST = 2
"""Images at least in which two classes are both seen, for an edge."""

MOST = 20
"""Edges at most from each class to those it is seen with."""


def annotated_relations(regions: RegionSet) -> dict[str, Pairs]:
    """Edges weighted by counts in training annotations.

    *seen with*: from each class to the 20 that it shares most images with, two at least; the weight is the number of
    these images. *seen as part of* and its inverse: how many regions of one class are parts of a region of the other,
    which is how Chen et al. (CVPR 2018) made the part-of edges of ADE20K.

    Example:
        >>> from pathlib import Path
        >>> from visreason.data.regions.collector import Collector, Found
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "a.jpg"
        >>> file.touch()
        >>> collector = Collector("cars")
        >>> found = [Found((0, 0, 9, 9), "car", "1"), Found((0, 5, 4, 9), "wheel", "2", whole="1")]
        >>> for _ in range(2):
        ...     collector.add(file, 10, 10, found)
        >>> annotated_relations(collector.finish())
        {'seen with': {('car', 'wheel'): 2.0, ('wheel', 'car'): 2.0},
         'seen as part of': {('wheel', 'car'): 2.0},
         'seen with part': {('car', 'wheel'): 2.0}}
    """
    names = regions.classes
    together: Counter[tuple[int, int]] = Counter()
    parts: Counter[tuple[int, int]] = Counter()
    for image in regions.images:
        there = np.unique(image.labels).tolist()
        together.update((one, other) for one in there for other in there if one != other)
        inner = image.wholes >= 0
        of = zip(image.labels[inner].tolist(), image.labels[image.wholes[inner]].tolist(), strict=True)
        parts.update((part, whole) for part, whole in of if part != whole)
    companions: dict[int, list[tuple[int, int]]] = {}
    for (one, other), count in together.items():
        if count >= FEWEST:
            companions.setdefault(one, []).append((-count, other))
    seen = {
        (names[one], names[other]): float(-count)
        for one, some in sorted(companions.items())
        for count, other in sorted(some)[:MOST]
    }
    inside = {(names[part], names[whole]): float(count) for (part, whole), count in sorted(parts.items())}
    return {"seen with": seen} | with_inverse("seen as part of", inside)
