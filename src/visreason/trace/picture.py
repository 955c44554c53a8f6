"""The image of a trace's picture: glow where something mattered, dots on things, curves for pairs."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Circle, PathPatch, Rectangle
from matplotlib.path import Path
from numpy.typing import NDArray

from visreason.trace.links import Link, Spot, find_links, region_weights, scaled_spots
from visreason.trace.schema import Step, Trace
from visreason.trace.style import AGAINST, DASHES, FAINT, FOR, colour_of, relational_step, signed

LABELLED_LINKS = 4
"""So many of the strongest links carry their weight."""
BEND = 0.22
"""How far a curve's control point lies beside the straight line, as a share of its length."""


def draw_image(axes: Axes, trace: Trace, image: NDArray[np.uint8] | None) -> None:
    """The image (None: a blank sheet) with what drove the answer."""
    height, width = canvas_size(trace, image)
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.set_aspect("equal")
    axes.set_anchor("N")
    if image is None:
        axes.add_patch(Rectangle((0, 0), width, height, fc=FAINT, ec="none", zorder=-1))
    else:
        axes.imshow(image, extent=(0, width, height, 0), interpolation="antialiased")
    step = relational_step(trace)
    if step is None or step.anchors is None:
        return
    scale = anchor_scale(trace, (height, width))
    light = glow(step, scale, (height, width))
    axes.imshow(light, extent=(0, width, height, 0), interpolation="bilinear")
    spots = scaled_spots(step, scale)
    _draw_links(axes, spots, find_links(step, spots), width / 480)


def canvas_size(trace: Trace, image: NDArray[np.uint8] | None) -> tuple[int, int]:
    """Height and width to draw on: the image's, else the trace's, else CLEVR's 320 x 480."""
    if image is not None:
        return image.shape[0], image.shape[1]
    return (round(trace.size[1]), round(trace.size[0])) if trace.size else (320, 480)


def anchor_scale(trace: Trace, size: tuple[int, int]) -> tuple[float, float]:
    """Factors from the trace's pixels to those of a canvas of `size` (height, width), for x and y."""
    return (size[1] / trace.size[0], size[0] / trace.size[1]) if trace.size else (1.0, 1.0)


def glow(step: Step, scale: tuple[float, float], size: tuple[int, int]) -> NDArray[np.float64]:
    """The regions' weights as soft light round their anchors: RGBA of a quarter of the canvas's size.

    ```
    light(x, y) = sum_n weight_n exp(-|(x, y) - anchor_n|^2 / (2 s^2))
    ```

    where s is about half a cell of a grid, or 1/24 of the width round an object.

    Args:
        step: with anchors, and regions or pairs.
        scale: from anchors to the canvas, for x and y.
        size: of the canvas, height and width.
    """
    height, width = (max(1, extent // 4) for extent in size)
    anchors_N2 = np.asarray(step.anchors, dtype=float) * np.asarray(scale) / 4
    rows, columns = step.cells or (0, 0)
    reach_x = 0.55 * width / columns if columns else width / 24
    reach_y = 0.55 * height / rows if rows else width / 24
    x_NW = np.exp(-(((np.arange(width) + 0.5 - anchors_N2[:, :1]) / reach_x) ** 2) / 2)
    y_NH = np.exp(-(((np.arange(height) + 0.5 - anchors_N2[:, 1:]) / reach_y) ** 2) / 2)
    light_HW = np.einsum("n,nh,nw->hw", region_weights(step), y_NH, x_NW)
    light_HW /= max(float(abs(light_HW).max()), 1e-12)
    colour_HW3 = np.where(light_HW[..., None] > 0, to_rgb(FOR), to_rgb(AGAINST))
    return np.concatenate([colour_HW3, 0.6 * abs(light_HW[..., None])], axis=2)


def link_control(one: Spot, other: Spot) -> tuple[float, float]:
    """The control point of the quadratic curve between two spots, which bends upwards."""
    dx, dy = other.x - one.x, other.y - one.y
    bend = BEND if dx >= 0 else -BEND
    return (one.x + other.x) / 2 + bend * dy, (one.y + other.y) / 2 - bend * dx


def _draw_links(axes: Axes, spots: list[Spot], links: list[Link], unit: float) -> None:
    """Pairs of two spots as curves, within one as rings, the strongest with their weight; spots as dots."""
    strongest = max((abs(link.weight) for link in links), default=1.0)
    for order, link in reversed(list(enumerate(links))):
        one, other, colour = spots[link.first], spots[link.second], colour_of(link.weight)
        if link.first == link.second:
            path, place = Path.circle((one.x, one.y), 13 * unit), (one.x, one.y - 25 * unit)
        else:
            control = link_control(one, other)
            path = Path(
                [(one.x, one.y), control, (other.x, other.y)], [Path.MOVETO, Path.CURVE3, Path.CURVE3]
            )
            place = ((one.x + other.x) / 4 + control[0] / 2, (one.y + other.y) / 4 + control[1] / 2)
        line = 1.2 + 4.0 * abs(link.weight) / strongest
        dashes = "-" if link.weight >= 0 else DASHES
        axes.add_patch(PathPatch(path, fill=False, ec="white", lw=line + 2.4, alpha=0.8, zorder=3))
        axes.add_patch(PathPatch(path, fill=False, ec=colour, lw=line, ls=dashes, zorder=4))
        if order < LABELLED_LINKS:
            _draw_label(axes, place, signed(link.weight), colour)
    for index in {end for link in links for end in (link.first, link.second)}:
        spot = spots[index]
        axes.add_patch(
            Circle((spot.x, spot.y), 5 * unit, fc=colour_of(spot.weight), ec="white", lw=1.5, zorder=5)
        )


def _draw_label(axes: Axes, place: tuple[float, float], text: str, colour: str) -> None:
    """A small number on white."""
    axes.text(
        *place,
        text,
        fontsize=7.8,
        fontweight="bold",
        color=colour,
        ha="center",
        va="center",
        zorder=6,
        bbox={"boxstyle": "round,pad=0.25,rounding_size=0.6", "fc": "white", "ec": "none", "alpha": 0.93},
    )
