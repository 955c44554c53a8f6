"""How our pictures look: one calm style and colours that colour-blind readers can tell apart."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from visreason.files import write_atomically

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5B5B5B")
"""Okabe and Ito's palette (https://jfly.uni-koeln.de/color/) without its yellow, which fades on white."""

INK = "#22272E"
QUIET = "#6A737D"
FAINT = "#D9DEE4"

_STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#8A939E",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "figure.facecolor": "white",
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "grid.color": FAINT,
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "text.color": INK,
    "xtick.color": INK,
    "xtick.major.size": 3,
    "ytick.color": INK,
    "ytick.major.size": 3,
}


def colours(count: int) -> list[str]:
    """Return `count` different colours: the palette's, or shades from violet to green where it is too short.

    Example:
        >>> colours(2)
        ['#0072B2', '#D55E00']
        >>> len(set(colours(12)))
        12
    """
    if count <= len(COLOURS):
        return list(COLOURS[:count])
    return [to_hex(mpl.colormaps["viridis"](0.85 * place / (count - 1))) for place in range(count)]


@contextmanager
def house_style() -> Iterator[None]:
    """Draw in the house's style inside the block; the user's own matplotlib settings come back after it.

    Example:
        >>> with house_style():
        ...     axes = Figure().add_subplot()
        >>> axes.spines["top"].get_visible()
        False
    """
    with mpl.rc_context(_STYLE):  # type: ignore[arg-type]
        yield


def save_figure(figure: Figure, path: str | Path, dpi: int = 150) -> None:
    """Write a figure as PNG, whole or not at all, without a window system and without a time stamp.

    Raises:
        DataError: the file cannot be written.
    """
    buffer = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    with write_atomically(path) as file:
        file.write(buffer.getvalue())
