"""How a model came to name the regions of an image, as one picture.

The image with boxes and arrows, the list of regions with what each owes its label to, the memory after each iteration,
and how much of each prediction went into the final one.
"""

import io
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from visreason.errors import UsageError
from visreason.files import write_atomically
from visreason.trace.regions import NamedRegion, Owed, RegionsTrace, path_of
from visreason.trace.regions_picture import draw_regions
from visreason.trace.style import FAINT, FOR, INK, QUIET, percent, signed

_WIDTH = 11.6
_LEFT, _IMAGE, _GAP = 0.35, 6.6, 0.35
"""Inches: the border, the image's width, and what lies between it and the list."""
_ROW, _LINE = 0.4, 0.165
"""Inches a region of the list takes, and a line of it."""
_COLUMNS = 5
"""Maps beside each other."""
_NUMBERED = 24
"""Up to so many regions the shares of attention are written out."""
_CHARACTER = 0.0062
"""Inches that a character of the list takes, a point of its size."""

_HEAT = LinearSegmentedColormap.from_list("heat", ["#FFFFFF", "#F6C9A3", FOR, "#5A2500"])


def draw_region_trace(trace: RegionsTrace, path: str | os.PathLike[str], image: NDArray[np.uint8]) -> None:
    """Write the picture of a trace, whole or not at all.

    Args:
        trace: what to draw.
        path: the file, `.png`.
        image: uint8 `[height, width, 3]`, the one that the boxes are told in.

    Raises:
        UsageError: another ending.
        DataError: the file cannot be written.
    """
    check_png(path)
    data = region_png(trace, image)
    with write_atomically(path) as file:
        file.write(data)


def check_png(path: str | os.PathLike[str]) -> None:
    """Refuse a file name that the picture cannot be written to, before any work is done.

    Raises:
        UsageError: the name does not end in `.png`.
    """
    if Path(path).suffix != ".png":
        raise UsageError(f"{path} ends in '{Path(path).suffix}'; named regions are drawn as .png.")


def region_png(trace: RegionsTrace, image: NDArray[np.uint8]) -> bytes:
    """The picture of a trace as PNG; arguments as for `draw_region_trace`."""
    shape = image.shape[0] / image.shape[1]
    high = min(max(_IMAGE * shape, 3.2), 7.6)
    films = -(-len(trace.memory) // _COLUMNS)
    wide = (_WIDTH - 2 * _LEFT - 0.16 * (_COLUMNS - 1)) / _COLUMNS
    memory = films * (wide * shape + 0.3) + 0.1 if trace.memory else 0.0
    reasons = len(trace.names) > 1
    attention = 0.75 + 0.24 * len(trace.names) if reasons else 0.0
    inches = 0.55 + high + (0.3 if trace.memory else 0.15) + memory + attention
    figure = Figure(figsize=(_WIDTH, inches), dpi=150, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    top = inches - 0.45
    share = (_LEFT / _WIDTH, (top - high) / inches, _IMAGE / _WIDTH, high / inches)
    draw_regions(figure, share, image, trace.regions)
    _text(figure, _LEFT, top + 0.14, _headline(trace), 9, QUIET, bold=True)
    _draw_list(figure, trace, _LEFT + _IMAGE + _GAP, top, high)
    if trace.memory:
        _draw_memory(figure, trace, image, top - high - 0.3, wide)
    if reasons:
        _draw_attention(figure, trace, attention)
    data = io.BytesIO()
    canvas.print_png(data)  # type: ignore[no-untyped-call]
    return data.getvalue()


def _headline(trace: RegionsTrace) -> str:
    changed = sum(region.changed for region in trace.regions)
    count = f"{len(trace.regions)} region{'s' if len(trace.regions) != 1 else ''}"
    if len(trace.names) == 1:
        return f"{count} named without the others ({trace.family})"
    return f"{count}, {changed or 'none'} of them named anew by reasoning ({trace.family})"


def _draw_list(figure: Figure, trace: RegionsTrace, left: float, top: float, high: float) -> None:
    """Region by region: label before and after, its probability, and what it is owed to."""
    heading = "Regions: by themselves → in context" if len(trace.names) > 1 else "Regions"
    _text(figure, left, top + 0.14, heading, 9, QUIET, bold=True)
    width = _WIDTH - left - _LEFT
    room = int((high - 0.1) / _ROW)
    shown = listed(trace.regions, room)
    y = top - 0.14
    for region in shown:
        colour = FOR if region.changed else INK
        path = path_of((region.before, region.label))
        fitting = _fit(f"{region.number}  {path}", width - 0.6, 9.5 if not region.changed else 10.6)
        _text(figure, left, y, fitting, 9.5, colour, bold=region.changed)
        _text(figure, left + width, y, percent(region.probability), 9, INK, align="right")
        reason = reason_of(region, trace.regions)
        if reason:
            _text(figure, left + 0.17, y - _LINE, _fit(reason, width - 0.2, 7.6), 7.6, QUIET)
        y -= _ROW
    if len(shown) < len(trace.regions):
        rest = f"and {len(trace.regions) - len(shown)} more; the table tells all"
        _text(figure, left, y, rest, 8.5, QUIET)


def listed(regions: Sequence[NamedRegion], room: int) -> list[NamedRegion]:
    """The regions that are listed where there is room for so many, in order: those that changed before others."""
    if len(regions) <= room:
        return list(regions)
    best = sorted(regions, key=lambda one: (not one.changed, one.number))[: max(room - 1, 1)]
    return sorted(best, key=lambda one: one.number)


def reason_of(region: NamedRegion, regions: Sequence[NamedRegion]) -> str:
    """What a label is owed to, in words; empty where nothing moved it.

    Example:
        >>> region = NamedRegion(number=1, box=(0, 0, 9, 9), top=(("oak leaf", 0.9),), said=(),
        ...     edge=Owed(shift=2.5, without="elm leaf", edge=("oak leaf", "part of", "oak")))
        >>> reason_of(region, [region])
        'oak leaf —part of→ oak: +2.5, else elm leaf'
    """
    if region.most is None:
        return ""
    owed = region.most
    instead = "" if owed.without == region.label else f", else {owed.without}"
    return f"{_told(owed, regions)}: {signed(owed.shift)}{instead}"


def _told(owed: Owed, regions: Sequence[NamedRegion]) -> str:
    """A neighbour or an edge in words."""
    if owed.edge is not None:
        start, relation, end = owed.edge
        return f"{start} —{relation}→ {end}"
    assert owed.number is not None
    return f"{owed.number} {regions[owed.number - 1].label}{f', {owed.where}' if owed.where else ''}"


def _draw_memory(
    figure: Figure, trace: RegionsTrace, image: NDArray[np.uint8], top: float, wide: float
) -> None:
    """The memory's maps, all on one scale, with the boxes."""
    _text(figure, _LEFT, top, "Memory: the mean size of its numbers, dark is most", 9, QUIET, bold=True)
    height, width = image.shape[:2]
    high = wide * height / width
    most = max((max(map(max, cells)) for cells in trace.memory), default=0.0)
    total_width, total_height = figure.get_size_inches()
    for place, cells in enumerate(trace.memory):
        down, across = divmod(place, _COLUMNS)
        x, y = _LEFT + across * (wide + 0.16), top - 0.12 - (down + 1) * high - down * 0.3
        axes = figure.add_axes((x / total_width, y / total_height, wide / total_width, high / total_height))
        half, rows, columns = trace.cell / 2, len(cells), len(cells[0])
        extent = (-half, columns * trace.cell - half, rows * trace.cell - half, -half)
        axes.imshow(np.asarray(cells), extent=extent, cmap=_HEAT, vmin=0, vmax=max(most, 1e-12))
        axes.set_xlim(0, width)
        axes.set_ylim(height, 0)
        axes.set_xticks([])
        axes.set_yticks([])
        for region in trace.regions:
            corner, size = region.box[:2], region.box[2:]
            axes.add_patch(Rectangle(corner, *size, fill=False, ec=INK, lw=0.5, alpha=0.55))
        title = "at the start" if place == 0 else f"after iteration {place}"
        _text(figure, x, y - 0.15, title, 8, INK)


def _draw_attention(figure: Figure, trace: RegionsTrace, high: float) -> None:
    """A table of regions and predictions, tinted by the share of each prediction in the final one."""
    heading = "Attention: the share of each prediction in the final one; coloured numbers were named anew"
    _text(figure, _LEFT, high - 0.2, heading, 9, QUIET, bold=True)
    total_width, total_height = figure.get_size_inches()
    count, rows = len(trace.regions), len(trace.names)
    left = _LEFT + 0.8
    wide = min(_WIDTH - left - _LEFT, 0.56 * count)
    place = (left / total_width, 0.3 / total_height, wide / total_width, 0.24 * rows / total_height)
    axes = figure.add_axes(place)
    share_RP = np.array([[one.attention for one in region.said] for region in trace.regions])
    axes.imshow(share_RP.T, cmap=_HEAT, vmin=0, vmax=1, aspect="auto")
    axes.set_yticks(range(rows), trace.names, fontsize=8, color=INK)
    axes.set_xticks(
        range(count), [str(region.number) for region in trace.regions], fontsize=7 if count > 40 else 8
    )
    for tick, region in zip(axes.get_xticklabels(), trace.regions, strict=True):
        tick.set_color(FOR if region.changed else INK)
        tick.set_fontweight("bold" if region.changed else "normal")
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_color(FAINT)
    if count <= _NUMBERED:
        for column, row in np.ndindex(share_RP.shape):
            value = float(share_RP[column, row])
            colour = "white" if value > 0.55 else INK
            axes.text(
                column, row, f"{100 * value:.0f} %", fontsize=6.8, color=colour, ha="center", va="center"
            )


def _fit(text: str, inches: float, size: float) -> str:
    """As much of a text as is sure to fit."""
    most = max(int(inches / (size * _CHARACTER * 1.32)), 4)
    return text if len(text) <= most else text[: most - 1] + "…"


def _text(
    figure: Figure,
    x: float,
    y: float,
    text: str,
    size: float,
    colour: str,
    *,
    bold: bool = False,
    align: str = "left",
) -> None:
    """A line of text at a place in inches."""
    width, height = figure.get_size_inches()
    figure.text(
        x / width,
        y / height,
        text,
        fontsize=size,
        color=colour,
        weight="bold" if bold else "normal",
        ha=align,
        parse_math=False,
    )
