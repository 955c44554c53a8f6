"""An image with its named regions: boxes, labels before and after, and arrows from what moved them most.

A box whose label changed is drawn strong and in colour, the others thin and white. All places are in pixels of the
image.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyArrowPatch, Rectangle
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from visreason.trace.regions import NamedRegion, Owed
from visreason.trace.style import DASHES, FOR, INK, colour_of, signed

MOST_ARROWS = 6
"""So many arrows at most, of the labels that were moved most; those that changed come first."""
_BEND = 0.18
"""How far an arrow's control point lies beside the straight line, as a share of its length."""
_SHARES = (0.5, 0.35, 0.65, 0.2, 0.8)
"""Where on an arrow its words may stand, the best first."""
CROWD = 14
"""Where there are more regions, only those that changed have their labels on the image; the others have numbers."""

Rect = tuple[float, float, float, float]
"""Left, top, right and bottom."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """From a region to one whose label it moved.

    Attributes:
        start: the region that speaks, an index.
        end: the region that it moved.
        owed: by how much, and by which edge between classes if by one.
    """

    start: int
    end: int
    owed: Owed


def arrows(regions: Sequence[NamedRegion]) -> list[Arrow]:
    """What is worth an arrow: for each region the neighbour or the edge between classes that moved it most.

    An edge between classes is drawn from the surest other region of the class that is heard along it; where there is
    none, there is no arrow.
    """
    found = []
    for end, region in enumerate(regions):
        start = None if region.most is None else _speaker(regions, end, region.most)
        if start is not None and region.most is not None:
            found.append(Arrow(start, end, region.most))
    found.sort(key=lambda one: (not regions[one.end].changed, -abs(one.owed.shift)))
    return found[:MOST_ARROWS]


def _speaker(regions: Sequence[NamedRegion], end: int, owed: Owed) -> int | None:
    """Which region an arrow starts from."""
    if owed.edge is None:
        return None if owed.number is None else owed.number - 1
    named = [place for place, one in enumerate(regions) if place != end and one.label == owed.edge[2]]
    return max(named, key=lambda place: regions[place].probability, default=None)


def draw_regions(
    figure: Figure, place: Rect, image: NDArray[np.uint8], regions: Sequence[NamedRegion]
) -> Axes:
    """The image with everything on it.

    Args:
        figure: what to draw on.
        place: left, bottom, width and height of the image, as shares of the figure.
        image: uint8 `[height, width, 3]`.
        regions: of it.
    """
    height, width = image.shape[:2]
    axes = figure.add_axes(place)
    axes.set_axis_off()
    axes.imshow(image, extent=(0, width, height, 0), interpolation="antialiased")
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.set_aspect("equal")
    axes.set_anchor("NW")
    for region in sorted(regions, key=lambda one: one.changed):
        x, y, wide, high = region.box
        strong = region.changed
        box = Rectangle(
            (x, y), wide, high, fill=False, ec=FOR if strong else "white", lw=2.2 if strong else 1.1
        )
        box.set_path_effects([withStroke(linewidth=3.4 if strong else 2.1, foreground=INK, alpha=0.75)])
        axes.add_patch(box)
    shown_width, shown_height = figure.get_size_inches() * (place[2], place[3])
    inches = min(shown_width / width, shown_height / height)  # a pixel
    tags = Tags(axes, figure.dpi, inches, (height, width))
    tags.draw(regions)
    for arrow in arrows(regions):
        _draw_arrow(axes, arrow, regions, tags)
    return axes


class Tags:
    """Labels beside their boxes, none on another.

    Args:
        axes: of the image.
        dpi: dots an inch.
        inches: the size of a pixel of the image on paper.
        size: height and width of the image.
    """

    def __init__(self, axes: Axes, dpi: float, inches: float, size: tuple[int, int]) -> None:
        self.axes, self.height, self.width = axes, size[0], size[1]
        self.pixel = 1 / (dpi * inches)  # pixels of the image a dot
        self.point = self.pixel * dpi / 72
        self.renderer = RendererAgg(10, 10, dpi)  # type: ignore[no-untyped-call]
        self.taken: list[Rect] = []

    def draw(self, regions: Sequence[NamedRegion]) -> None:
        """All labels; those of regions that changed have the first choice of place."""
        crowded = len(regions) > CROWD
        size = 6.4 if crowded else 7.4
        for region in sorted(regions, key=lambda one: (not one.changed, one.number)):
            lines = [f"{region.number} {region.before}", f"→ {region.label}"]
            if not region.changed:
                lines = [f"{region.number}" if crowded else f"{region.number} {region.label}"]
            free = self.free(self._spots(region, lines, size))
            if free is None:  # its number at least; the list tells the rest
                lines = [f"{region.number}"]
                spots = self._spots(region, lines, size)
                free = self.free(spots) or spots[-1]
            self._draw(free, lines, size, changed=region.changed)

    def free(self, spots: Sequence[Rect]) -> Rect | None:
        """The first place inside the image that nothing has taken."""
        for spot in spots:
            inside = spot[0] >= 0 and spot[1] >= 0 and spot[2] <= self.width and spot[3] <= self.height
            if inside and not any(_meet(spot, other) for other in self.taken):
                return spot
        return None

    def size_of(self, lines: Sequence[str], size: float) -> tuple[float, float]:
        """Width and height of bold lines of text, in pixels of the image."""
        font = FontProperties(family="DejaVu Sans", size=size, weight="bold")
        widths = [
            self.renderer.get_text_width_height_descent(line, font, ismath=False)[0]  # type: ignore[no-untyped-call]
            for line in lines
        ]
        return max(widths) * self.pixel + 5 * self.point, (1.22 * size * len(lines) + 2.5) * self.point

    def _spots(self, region: NamedRegion, lines: Sequence[str], size: float) -> list[Rect]:
        """Places at the corners of the box, the best first; the last is pushed into the image."""
        wide, high = self.size_of(lines, size)
        x, y, width, height = region.box
        right, bottom = x + width, y + height
        left = max(min(x, self.width - wide), 0)
        corners = [
            (left, y - high),
            (left, y),
            (left, bottom),
            (left, bottom - high),
            (right - wide, y - high),
            (right - wide, bottom),
            (right, y),
            (x - wide, y),
            (right, bottom - high),
            (x - wide, bottom - high),
            (left, min(max(y - high, 0), self.height - high)),
        ]
        return [(one, two, one + wide, two + high) for one, two in corners]

    def _draw(self, spot: Rect, lines: Sequence[str], size: float, *, changed: bool) -> None:
        self.taken.append(spot)
        left, top, right, bottom = spot
        self.axes.add_patch(
            Rectangle(
                (left, top),
                right - left,
                bottom - top,
                fc=FOR if changed else INK,
                ec="none",
                alpha=0.88,
                zorder=5,
            )
        )
        self.axes.text(
            left + 2.5 * self.point,
            (top + bottom) / 2,
            "\n".join(lines),
            fontsize=size,
            color="white",
            weight="bold" if changed else "normal",
            va="center",
            linespacing=1.12,
            parse_math=False,
            zorder=6,
        )


def _draw_arrow(axes: Axes, arrow: Arrow, regions: Sequence[NamedRegion], tags: Tags) -> None:
    """A bent arrow from centre to centre; where there is room with its shift, or the relation that it follows."""
    colour = colour_of(arrow.owed.shift)
    start, end = (_centre(regions[place]) for place in (arrow.start, arrow.end))
    patch = FancyArrowPatch(
        start,
        end,
        connectionstyle=f"arc3,rad={_BEND}",
        arrowstyle="-|>,head_length=5,head_width=3",
        shrinkA=3,
        shrinkB=3,
        color=colour,
        lw=2.0,
        ls="-" if arrow.owed.shift >= 0 else DASHES,
        zorder=4,
    )
    patch.set_path_effects([withStroke(linewidth=3.6, foreground="white", alpha=0.85)])
    axes.add_patch(patch)
    words = signed(arrow.owed.shift)
    if arrow.owed.edge is not None:
        words = f"{arrow.owed.edge[1]} {words}"
    spot = tags.free(
        [_around(_on_curve(start, end, share), *tags.size_of([words], 7.5)) for share in _SHARES]
    )
    if spot is None:
        return
    tags.taken.append(spot)
    text = axes.text(
        (spot[0] + spot[2]) / 2,
        (spot[1] + spot[3]) / 2,
        words,
        fontsize=7.5,
        color=colour,
        ha="center",
        va="center",
        weight="bold",
        parse_math=False,
        zorder=6,
    )
    text.set_path_effects([withStroke(linewidth=2.8, foreground="white")])


def _on_curve(start: tuple[float, float], end: tuple[float, float], share: float) -> tuple[float, float]:
    """A point of an arrow: of the quadratic curve whose control point lies beside its middle."""
    (x1, y1), (x2, y2) = start, end
    control = ((x1 + x2) / 2 + _BEND * (y1 - y2), (y1 + y2) / 2 + _BEND * (x2 - x1))
    weights = ((1 - share) ** 2, 2 * share * (1 - share), share**2)
    x, y = (
        sum(weight * point[axis] for weight, point in zip(weights, (start, control, end), strict=True))
        for axis in (0, 1)
    )
    return x, y


def _around(centre: tuple[float, float], wide: float, high: float) -> Rect:
    """A rectangle around a point."""
    x, y = centre
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


def _centre(region: NamedRegion) -> tuple[float, float]:
    x, y, width, height = region.box
    return x + width / 2, y + height / 2


def _meet(one: Rect, other: Rect) -> bool:
    """Whether two rectangles share more than an edge."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
