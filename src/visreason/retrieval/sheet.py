"""A sheet of results as a picture: the query, and rankings of images beside it, row by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.patches import Rectangle

from visreason.data.images import Pixels, resize_image
from visreason.errors import UsageError
from visreason.metrics.style import COLOURS, FAINT, INK, QUIET, house_style, save_figure

COLUMNS = 5
"""Results side by side, at most; more go on below."""

_TILE = 300
"""Pixels of a tile's width, at most."""

_TILE_HEIGHT, _CAPTION = 1.37, 0.3
"""Inches of a tile of CLEVR's images, and of what stands below it."""

_QUERY_WIDTH = 1.3
"""Of the query, in tiles."""

_LONGEST_NAME = 22


@dataclass(frozen=True, slots=True)
class Tile:
    """One image of a sheet.

    Attributes:
        picture: the image; None leaves a blank.
        name: what stands below it.
        note: what stands in bold before the name, such as a distance.
    """

    picture: Pixels | None
    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One ranking of images.

    Attributes:
        title: what ranked them.
        tiles: best first.
    """

    title: str
    tiles: Sequence[Tile]


def draw_sheet(path: Path, query: Tile, rows: Sequence[Row], title: str = "") -> None:
    """Draw a query and what one or more rankings found for it.

    Args:
        path: the PNG to write.
        query: what was searched for.
        rows: the rankings; each goes over several lines where it is longer than `COLUMNS`.
        title: stands over the sheet.

    Raises:
        UsageError: the file is no .png, or there is nothing to draw.
        DataError: the file cannot be written.
    """
    check_sheet(path)
    lines = [
        (row.title if start == 0 else "", start, row.tiles[start : start + COLUMNS])
        for row in rows
        for start in range(0, len(row.tiles), COLUMNS)
    ]
    if not lines:
        raise UsageError("nothing was found, so there is nothing to draw.")
    columns = max(len(tiles) for _, _, tiles in lines)
    with house_style():
        above, below = (0.62 if title else 0.32), _CAPTION
        gap = below + (0.22 if len(rows) > 1 else 0)  # titles stand between the rows
        high = len(lines) * (_TILE_HEIGHT + gap) - gap + above + below
        figure = Figure(figsize=(_TILE_HEIGHT * 1.55 * (columns + _QUERY_WIDTH), high))
        grid = GridSpec(
            len(lines),
            columns + 1,
            figure,
            width_ratios=[_QUERY_WIDTH, *[1] * columns],
            left=0.012,
            right=0.992,
            top=1 - above / high,
            bottom=below / high,
            wspace=0.06,
            hspace=gap / _TILE_HEIGHT,
        )
        if title:
            title = shorten(title, round(9.5 * figure.get_figwidth()), placeholder=" …")
            figure.text(
                0.012, 1 - 0.12 / figure.get_figheight(), title, fontsize=12, fontweight="bold", va="top"
            )
        _draw_tile(figure.add_subplot(grid[: min(2, len(lines)), 0]), query, "the query", COLOURS[1])
        for line, (name, start, tiles) in enumerate(lines):
            for column, tile in enumerate(tiles):
                axes = figure.add_subplot(grid[line, column + 1])
                _draw_tile(axes, tile, name if column == 0 else "", place=start + column + 1)
        save_figure(figure, path, dpi=100)


def check_sheet(path: Path) -> None:
    """Make sure of a sheet's format before the work begins.

    Raises:
        UsageError: it does not end in .png.
    """
    if path.suffix.lower() != ".png":
        raise UsageError(f"a sheet is a .png file; got {path}.")


def _draw_tile(axes: Axes, tile: Tile, above: str, frame: str = FAINT, place: int | None = None) -> None:
    """An image in a thin frame, its place in the corner, its note and name below."""
    axes.set_axis_off()
    axes.set_anchor("NW")
    axes.set_aspect("equal")
    picture = None if tile.picture is None else _small(tile.picture)
    height, width = (200, 300) if picture is None else picture.shape[:2]
    if picture is None:
        axes.add_patch(Rectangle((0, 0), width, height, fc="#F4F6F8", ec="none"))
        axes.text(width / 2, height / 2, "no picture", ha="center", va="center", fontsize=8, color=QUIET)
    else:
        axes.imshow(picture, extent=(0, width, height, 0), interpolation="antialiased")
    line = 1 if frame == FAINT else 2
    axes.add_patch(Rectangle((0, 0), width, height, fill=False, ec=frame, lw=line, clip_on=False))
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    if above:
        axes.set_title(above, fontsize=9, color=INK, pad=4)
    if place is not None:
        box = {"boxstyle": "round,pad=0.22", "fc": "white", "ec": "none", "alpha": 0.9}
        _write(axes, f"{place}", (0, 1), (5, -5), fontsize=8, fontweight="bold", bbox=box)
    if tile.note:
        _write(axes, tile.note, (0, 0), (0, -3), fontsize=8.5, fontweight="bold", color=INK)
    shift = 7 + 5.6 * len(tile.note) if tile.note else 0
    _write(axes, _short(tile.name), (0, 0), (shift, -4), fontsize=7, color=QUIET)


def _write(
    axes: Axes, text: str, corner: tuple[float, float], offset: tuple[float, float], **look: Any
) -> None:
    """Write at some points from a corner of the image."""
    axes.annotate(text, corner, offset, "axes fraction", "offset points", va="top", **look)


def _small(picture: Pixels) -> Pixels:
    """An image no wider or higher than a tile needs."""
    height, width = picture.shape[:2]
    scale = min(1.0, _TILE / max(height, width))
    return resize_image(picture, (max(1, round(scale * height)), max(1, round(scale * width))))


def _short(name: str) -> str:
    """A file's name without its folder and kind, its middle left out where it is long.

    Example:
        >>> _short("images/CLEVR_val_000019.png")
        'CLEVR_val_000019'
    """
    stem = Path(name).stem if name.endswith((".png", ".jpg", ".jpeg", ".webp")) else name
    half = _LONGEST_NAME // 2
    return stem if len(stem) <= _LONGEST_NAME else f"{stem[:half]}…{stem[-half:]}"
