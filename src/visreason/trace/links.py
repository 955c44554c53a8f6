"""From a pair map to a few things and the links between them, fit to be drawn.

A pair map over the cells of a grid has thousands of small entries, and a thing covers several cells. So cells
are gathered into spots first, and the pairs between two spots into one link. A pair map over objects needs no
gathering.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from visreason.trace.schema import Step

Numbers_N = NDArray[np.float64]
Numbers_NN = NDArray[np.float64]

MOST_SPOTS = 10
FAINTEST = 0.12


@dataclass(frozen=True, slots=True)
class Spot:
    """A thing on the image.

    Attributes:
        x: in pixels of the trace's image.
        y: likewise, downwards.
        weight: the sum of its regions' weights.
        members: the regions that it is made of.
    """

    x: float
    y: float
    weight: float
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """All pairs between two spots, in both orders; `first == second` for the pairs within one.

    Attributes:
        first: index of a spot.
        second: index of a spot, not before the first.
        weight: the sum of the pairs' weights.
    """

    first: int
    second: int
    weight: float


def region_weights(step: Step) -> Numbers_N:
    """How much each region speaks for the answer, `[N]`; of a grid's cells, how much more than its row's
    median.

    Most cells show nothing but floor, so the median is what floor contributes; it differs by row, with the
    distance and the border above.

    Args:
        step: with regions or pairs.
    """
    if step.regions is not None:
        weight_N = np.asarray(step.regions, dtype=float)
    else:
        pairs_NN = np.asarray(step.pairs, dtype=float)
        weight_N = (pairs_NN.sum(axis=0) + pairs_NN.sum(axis=1)) / 2
    if step.cells is None:
        return weight_N
    weight_HW = weight_N.reshape(step.cells)
    floored: Numbers_N = (weight_HW - np.median(weight_HW, axis=1, keepdims=True)).ravel()
    return floored


def pair_weights(step: Step) -> Numbers_NN:
    """How much each pair speaks for the answer, both orders together, `[N, N]`, the diagonal once.

    Of a grid's cells, how much more than the median pair, which is a pair of floor cells.

    Args:
        step: with pairs.
    """
    pairs_NN = np.asarray(step.pairs, dtype=float)
    if step.cells is not None:
        pairs_NN = pairs_NN - np.median(pairs_NN)
    both_NN: Numbers_NN = pairs_NN + pairs_NN.T - np.diag(np.diag(pairs_NN))
    return both_NN


def find_spots(step: Step) -> list[Spot]:
    """The things that a step weighs, strongest first: every object, or the strongest spots of a grid's cells.

    A spot is the strongest cell that is left and the free cells that touch it; its place is their mean, by
    strength. Cells centred on the image's edge see more of what is outside than in it and make no spot. Spots
    fainter than a twentieth of the strongest are left out, and so are all after the tenth.

    Example:
        >>> step = Step(
        ...     name="relations",
        ...     regions=(0, 4, 1, 0, 0),
        ...     cells=(1, 5),
        ...     anchors=((4, 4), (12, 4), (20, 4), (28, 4), (36, 4)),
        ... )
        >>> [(spot.x, spot.members) for spot in find_spots(step)]
        [(13.6, (0, 1, 2))]
    """
    if step.anchors is None or (step.regions is None and step.pairs is None):
        return []
    anchors_N2 = np.asarray(step.anchors, dtype=float)
    weight_N = region_weights(step)
    if step.cells is None:
        return [
            Spot(float(x), float(y), float(weight), (index,))
            for index, ((x, y), weight) in enumerate(zip(anchors_N2, weight_N, strict=True))
        ]
    strength_N = abs(weight_N)
    row_N, column_N = np.divmod(np.arange(len(anchors_N2)), step.cells[1])
    spacing_2 = np.ptp(anchors_N2, axis=0) / np.maximum(np.array(step.cells[::-1]) - 1, 1)
    free_N = (anchors_N2 >= spacing_2 / 4).all(axis=1)
    spots: list[Spot] = []
    while free_N.any() and len(spots) < MOST_SPOTS:
        peak = int(np.argmax(np.where(free_N, strength_N, -1.0)))
        if strength_N[peak] <= FAINTEST * strength_N.max():
            break
        touching_N = (abs(row_N - row_N[peak]) <= 1) & (abs(column_N - column_N[peak]) <= 1) & free_N
        members = np.flatnonzero(touching_N)
        x, y = np.average(anchors_N2[members], axis=0, weights=strength_N[members])
        spots.append(Spot(float(x), float(y), float(weight_N[members].sum()), tuple(members.tolist())))
        free_N &= ~touching_N
    return spots


def scaled_spots(step: Step, scale: tuple[float, float]) -> list[Spot]:
    """The spots of `find_spots` on an image whose pixels are `scale` (x, y) times the trace's."""
    return [replace(spot, x=spot.x * scale[0], y=spot.y * scale[1]) for spot in find_spots(step)]


def find_links(step: Step, spots: Sequence[Spot], most: int = 6) -> list[Link]:
    """The strongest links between spots, strongest first, without those fainter than a twentieth of the
    first.

    Example:
        >>> step = Step(name="relations", pairs=((0.0, 2.0), (1.0, 0.5)), anchors=((0, 0), (8, 0)))
        >>> find_links(step, find_spots(step), most=1)
        [Link(first=0, second=1, weight=3.0)]
    """
    if step.pairs is None or not spots:
        return []
    pairs_NN = pair_weights(step)
    links = []
    for first, one in enumerate(spots):
        within_MM = np.triu(pairs_NN[np.ix_(one.members, one.members)])
        links.append(Link(first, first, float(within_MM.sum())))
        for second in range(first + 1, len(spots)):
            between_MM = pairs_NN[np.ix_(one.members, spots[second].members)]
            links.append(Link(first, second, float(between_MM.sum())))
    links.sort(key=lambda link: -abs(link.weight))
    return [link for link in links[:most] if abs(link.weight) > FAINTEST * abs(links[0].weight)]
