"""The confusion picture: which answers a model takes for which."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, PowerNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from visreason.clevr.answers import ANSWERS
from visreason.errors import UsageError
from visreason.metrics.confusion import class_boundaries
from visreason.metrics.style import FAINT, INK, QUIET, house_style, save_figure

_SHADES = LinearSegmentedColormap.from_list("white to blue", ["#FFFFFF", "#9CC7E4", "#2F7FBC", "#0B3C73"])
_DARK = 0.3
"""From this share on, a cell is dark enough for white figures."""

_SMALL: dict[str, Any] = {"fontsize": 7.5, "color": QUIET, "annotation_clip": False}


def plot_confusion(
    counts: NDArray[np.int64], path: str | Path, labels: Sequence[str] = ANSWERS, title: str = ""
) -> None:
    """Draw a confusion matrix: row = true answer, column = the model's, shade = share of the row.

    Rows are normalised, so that rare answers can be read too; the shade grows with the square root, so that
    a 1 % confusion is visible; each answer class has a frame, and what lies outside the frames is an
    invalid answer. The number of questions stands right of each row.

    Args:
        counts: [labels, labels] from `visreason.metrics.confusion.confusion_matrix`.
        path: the PNG to write.
        labels: the words of rows and columns.
        title: stands over the picture, such as the model's name.

    Raises:
        UsageError: `counts` is not square in the labels.
        DataError: the file cannot be written.
    """
    size = len(labels)
    if counts.shape != (size, size):
        raise UsageError(
            f"a confusion matrix of {size} labels is [{size}, {size}]; got {list(counts.shape)}."
        )
    totals = counts.sum(axis=1)
    share = counts / np.maximum(totals, 1)[:, None]
    with house_style():
        figure = Figure(figsize=(2.4 + 0.34 * max(size, 6), 1.7 + 0.3 * max(size, 6)), layout="constrained")
        axes = figure.add_subplot()
        image = axes.imshow(share, cmap=_SHADES, norm=PowerNorm(0.5, 0, 1), aspect="auto")
        _name_rows_and_columns(axes, labels, totals)
        _print_shares(axes, share)
        _frame_classes(axes, labels)
        right = f"{100 * np.trace(counts) / max(1, totals.sum()):.1f} % of {totals.sum():,} right"
        figure.suptitle(f"{title}: {right}" if title else right, fontsize=12, fontweight="bold")
        bar = figure.colorbar(
            image, ax=axes, shrink=0.5, aspect=25, pad=0.02, ticks=[0, 0.01, 0.1, 0.25, 0.5, 1]
        )
        bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.0f} %"))
        bar.set_label("share of the row")
        save_figure(figure, path)


def _name_rows_and_columns(axes: Axes, labels: Sequence[str], totals: NDArray[np.int64]) -> None:
    """Label rows and columns, draw thin lines between the cells, and put each row's questions at its end."""
    edges = np.arange(len(labels) + 1) - 0.5
    axes.spines[:].set_visible(False)
    axes.set_xticks(range(len(labels)), labels, rotation=90)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xticks(edges, minor=True)
    axes.set_yticks(edges, minor=True)
    axes.tick_params(which="both", length=0)
    axes.grid(False)
    axes.grid(which="minor", color=FAINT, linewidth=0.5)
    axes.set_xlabel("the model's answer")
    axes.set_ylabel("true answer")
    for row, total in enumerate(totals):
        axes.annotate(
            f"{total:,}", (edges[-1], row), (5, 0), textcoords="offset points", va="center", **_SMALL
        )
    axes.annotate("questions", (edges[-1], edges[0]), (5, 5), textcoords="offset points", **_SMALL)


def _print_shares(axes: Axes, share: NDArray[np.float64]) -> None:
    """Print every share from 1 % on into its cell, in per cent."""
    for row, column in np.argwhere(share >= 0.01):
        value = share[row, column]
        colour = "white" if value >= _DARK else INK
        axes.text(column, row, f"{100 * value:.0f}", ha="center", va="center", fontsize=7.5, color=colour)


def _frame_classes(axes: Axes, labels: Sequence[str]) -> None:
    """Frame the cells in which answers are of the right class, and name the class over its columns if it has two."""
    for name, (start, stop) in class_boundaries(labels).items():
        side = stop - start
        corner = (start - 0.5, start - 0.5)
        axes.add_patch(Rectangle(corner, side, side, fill=False, ec=INK, lw=1.3, clip_on=False))
        axes.annotate(
            name if side > 1 else "",
            (start + (side - 1) / 2, -0.5),
            (0, 5),
            textcoords="offset points",
            ha="center",
            fontsize=9,
            fontweight="bold",
            annotation_clip=False,
        )
