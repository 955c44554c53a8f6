"""A reasoning trace as a picture or a page."""

import io
import os
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from visreason.errors import UsageError
from visreason.files import write_atomically
from visreason.trace.film import draw_film, film_height, frames
from visreason.trace.page import trace_html
from visreason.trace.picture import canvas_size, draw_image
from visreason.trace.schema import Trace
from visreason.trace.sidebar import Sidebar
from visreason.trace.style import AGAINST, DASHES, FOR, INK, QUIET, relational_step

FORMATS = (".png", ".html")

_FILM_WIDTH = 10.9
"""Inches."""


def draw_trace(trace: Trace, path: str | os.PathLike[str], image: NDArray[np.uint8] | None = None) -> None:
    """Write a trace as a picture (`.png`) or a page that needs nothing else (`.html`), whole or not at all.

    Args:
        trace: what to draw, with words and answers filled in (`Trace.describe`).
        path: the file; its ending says which.
        image: uint8 `[height, width, 3]`, of any size, what the question is about. None: a blank sheet.

    Raises:
        UsageError: another ending.
        DataError: the file cannot be written.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "why.png"
        >>> draw_trace(Trace(family="question-only", steps=(), words=("is", "it", "red", "?")), path)
        >>> path.read_bytes()[1:4]
        b'PNG'
    """
    check_format(path)
    data = trace_html(trace, image).encode() if Path(path).suffix == ".html" else trace_png(trace, image)
    with write_atomically(path) as file:
        file.write(data)


def check_format(path: str | os.PathLike[str]) -> None:
    """Refuse a file name that no trace can be written to, before any work is done.

    Raises:
        UsageError: the name does not end in one of `FORMATS`.
    """
    if Path(path).suffix not in FORMATS:
        raise UsageError(f"{path} ends in '{Path(path).suffix}'; explanations are written as .png or .html.")


def trace_png(trace: Trace, image: NDArray[np.uint8] | None = None) -> bytes:
    """The picture of a trace as PNG; arguments as for `draw_trace`."""
    height, width = canvas_size(trace, image)
    shape = min(max(height / width, 0.6), 1.1)  # of the image's part
    shown = frames(trace)
    below = film_height(len(shown), _FILM_WIDTH, height / width)
    above = 6.6 * shape + 1.0
    inches = above + below
    figure = Figure(figsize=(11.6, inches), dpi=150, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    main = (0.03, (below + 0.65) / inches, 0.57, (above - 1.0) / inches)
    draw_image(figure.add_axes(main), trace, image)
    step = relational_step(trace)
    if step is not None and step.anchors is not None:
        _draw_legend(figure, 0.03, (below + 0.38) / inches, pairs=step.pairs is not None)
    sidebar = Sidebar(figure, left=0.635, right=0.975, top=1 - 0.5 / inches)
    sidebar.question(trace)
    sidebar.answers(trace.answers)
    if shown:
        seen = image if image is not None else np.full((height, width, 3), 255, np.uint8)
        draw_film(figure, shown, seen, 0.35, below + 0.35, _FILM_WIDTH)
    data = io.BytesIO()
    canvas.print_png(data)  # type: ignore[no-untyped-call]
    return data.getvalue()


def _draw_legend(figure: Figure, left: float, bottom: float, *, pairs: bool) -> None:
    """What the colours, and with pairs the numbers, mean: one line under the image."""
    for start, colour, dashes, text in (
        (left, FOR, "-", "speaks for the answer"),
        (left + 0.175, AGAINST, DASHES, "speaks against it"),
    ):
        figure.add_artist(
            Line2D((start, start + 0.026), (bottom + 0.008, bottom + 0.008), color=colour, ls=dashes, lw=2.6)
        )
        figure.text(start + 0.033, bottom, text, fontsize=8.5, color=INK)
    if pairs:
        figure.text(
            left + 0.325,
            bottom,
            "numbers: by how much two things shift its log-odds",
            fontsize=8.5,
            color=QUIET,
        )
