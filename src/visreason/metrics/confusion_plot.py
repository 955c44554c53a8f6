"""The confusion picture: which answers a model takes for which."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import PercentFormatter
from matplotlib.transforms import ScaledTranslation
from numpy.typing import NDArray

from visreason.clevr.answers import ANSWERS
from visreason.errors import UsageError
from visreason.metrics.confusion import class_boundaries
from visreason.metrics.style import FAINT, INK, house_style, save_figure


def plot_confusion(
    counts: NDArray[np.int64], path: str | Path, labels: Sequence[str] = ANSWERS, title: str = ""
) -> None:
    """Draw a confusion matrix: row = true answer, column = the model's, shade = share of the row.

    Rows are normalised, so that rare answers can be read too; the shade grows with the square root, so that
    a 1 % confusion is visible; each answer class has a frame, and what lies outside the frames is an
    invalid answer. The number of questions stands right of each row, and rows without questions stay white.

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
    share = np.divide(counts, totals[:, None], out=np.full(counts.shape, np.nan), where=totals[:, None] > 0)
    with house_style():
        figure = Figure(figsize=(2.9 + 0.335 * size, 2.3 + 0.3 * size), layout="constrained")
        axes = figure.add_subplot()
        image = axes.imshow(share, cmap="Blues", norm=PowerNorm(0.5, 0, 1), aspect="auto")
        _name_cells(axes, share, labels, totals)
        for name, (start, stop) in class_boundaries(labels).items():
            axes.add_patch(
                Rectangle((start - 0.5, start - 0.5), stop - start, stop - start, fill=False, ec=INK, lw=1.3)
            )
            _write_above(axes, (start + stop - 1) / 2, name, ha="center", fontsize=9, fontweight="bold")
        axes.set_xlabel("the model's answer")
        axes.set_ylabel("true answer")
        right = np.trace(counts) / max(1, totals.sum())
        axes.set_title(
            f"{title + ': ' if title else ''}{right:.1%} of {totals.sum():,} right".replace("%", " %"), pad=32
        )
        ticks = [0, 0.01, 0.05, 0.1, 0.25, 0.5, 1] if size > 12 else [0, 0.1, 0.5, 1]
        bar = figure.colorbar(image, ax=axes, shrink=0.5, pad=0.06, ticks=ticks)
        bar.ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        bar.set_label("share of the row")
        bar.outline.set_visible(False)
        save_figure(figure, path)


def _name_cells(
    axes: Axes, share: NDArray[np.float64], labels: Sequence[str], totals: NDArray[np.int64]
) -> None:
    """Label rows and columns, print every share from 1 % on, and each row's number of questions."""
    axes.grid(False)
    axes.spines[:].set_visible(False)
    axes.set_xticks(range(len(labels)), labels, rotation=90)
    axes.set_yticks(range(len(labels)), labels)
    axes.tick_params(which="both", length=0)
    axes.set_xticks(np.arange(len(labels) + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(labels) + 1) - 0.5, minor=True)
    axes.grid(which="minor", color=FAINT, linewidth=0.4)
    for row, column in np.argwhere(np.nan_to_num(share) >= 0.01):
        value = share[row, column]
        colour = "white" if value > 0.35 else INK
        axes.text(column, row, f"{100 * value:.0f}", ha="center", va="center", fontsize=7, color=colour)
    for row, total in enumerate(totals):
        axes.text(len(labels) - 0.3, row, f"{total:,}", ha="left", va="center", fontsize=7.5, color="#6A737D")
    _write_above(axes, len(labels) - 0.3, "questions", ha="left", fontsize=7.5, color="#6A737D")


def _write_above(axes: Axes, x: float, words: str, **style: Any) -> None:
    """Write over the matrix, at the same distance whatever its size."""
    above = ScaledTranslation(0, 9 / 72, axes.figure.dpi_scale_trans)
    axes.text(x, -0.5, words, va="bottom", transform=axes.transData + above, **style)
