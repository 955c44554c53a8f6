"""The training picture: loss, accuracy, invalid answers and learning rate of one or more runs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from visreason.errors import UsageError
from visreason.metrics.style import INK, colours, house_style, save_figure


@dataclass(frozen=True, slots=True)
class Curve:
    """Values along training; `steps[i]` belongs to `values[i]`, and None or NaN is a gap in the line."""

    steps: Sequence[float] = ()
    values: Sequence[float | None] = ()

    def __post_init__(self) -> None:
        if len(self.steps) != len(self.values):
            raise UsageError(
                f"a curve needs a step for each value; got {len(self.steps)} and {len(self.values)}."
            )

    def array(self) -> NDArray[np.float64]:
        """The values as numbers, NaN in the gaps."""
        return np.array(self.values, np.float64)


@dataclass(frozen=True, slots=True)
class RunCurves:
    """What one run recorded; a curve that it lacks is left empty.

    Attributes:
        loss, test_loss: of training and of unseen questions.
        accuracy: of unseen questions, a fraction; or the task's own score.
        accuracy_name: what `accuracy` is, the title of its panel.
        accuracy_by_class: the same for each kind of answer; drawn when a single run is shown.
        invalid: fraction of answers of the wrong kind.
        learning_rate: as set for each step.
    """

    loss: Curve = Curve()
    test_loss: Curve = Curve()
    accuracy: Curve = Curve()
    accuracy_name: str = "Accuracy on unseen questions"
    accuracy_by_class: Mapping[str, Curve] = field(default_factory=dict)
    invalid: Curve = Curve()
    learning_rate: Curve = Curve()


def plot_training(runs: Mapping[str, RunCurves], path: str | Path, x_label: str = "step") -> None:
    """Draw loss, accuracy, invalid answers and learning rate of one or more runs in one picture.

    Training loss is a pale line with its running mean over it, test loss is dashed. A run keeps its colour in
    every panel; panels for which no run has values are left out.

    Args:
        runs: run name to its curves, at least one.
        path: the PNG to write.
        x_label: what `Curve.steps` count.

    Raises:
        UsageError: there is no run, or none has recorded anything yet.
        DataError: the file cannot be written.
    """
    panels = [
        panel
        for panel in _PANELS
        if any(len(getattr(run, name).steps) for run in runs.values() for name in panel.curves)
    ]
    if not panels:
        raise UsageError("there is nothing to plot: no run has recorded a loss, an accuracy or a rate yet.")
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    with house_style():
        figure = Figure(figsize=(5.6 * columns, 3.3 * rows + 0.5), layout="constrained")
        for place, panel in enumerate(panels, start=1):
            axes = figure.add_subplot(rows, columns, place)
            axes.set_title(panel.title)
            axes.set_xlabel(x_label)
            panel.draw(axes, list(runs.values()))
            axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10], integer=True))
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        handles = [
            Line2D([], [], color=colour, label=name)
            for name, colour in zip(runs, colours(len(runs)), strict=True)
        ]
        room = 62 * columns // (6 + max(map(len, runs)))
        figure.legend(handles=handles, loc="outside upper left", ncols=max(1, min(room, len(runs))))
        save_figure(figure, path)


def _draw_loss(axes: Axes, runs: Sequence[RunCurves]) -> None:
    """Training loss pale, its running mean strong, test loss dashed with dots."""
    tested: dict[str, Any] = {"linestyle": "--", "marker": "o", "markersize": 3.5, "linewidth": 1.3}
    for run, colour in zip(runs, colours(len(runs)), strict=True):
        loss = run.loss.array()
        axes.plot(run.loss.steps, loss, color=colour, alpha=0.22, linewidth=0.9)
        axes.plot(run.loss.steps, running_mean(loss), color=colour)
        axes.plot(run.test_loss.steps, run.test_loss.array(), color=colour, **tested)
    axes.set_ylim(bottom=0)
    styles = [Line2D([], [], color=INK, label="training"), Line2D([], [], color=INK, label="test", **tested)]
    tests = sum(len(run.test_loss.steps) for run in runs)
    shown = styles if tests else styles[:1]
    axes.legend(handles=shown, loc="lower right", bbox_to_anchor=(1, 1), borderpad=0, ncols=2, fontsize=8)


def _draw_accuracy(axes: Axes, runs: Sequence[RunCurves]) -> None:
    """Accuracy, or the tasks' own scores; with a single run also a thin line for each kind of answer."""
    if len(runs) == 1 and runs[0].accuracy_by_class:
        kinds = runs[0].accuracy_by_class
        for (name, curve), colour in zip(kinds.items(), colours(len(kinds) + 1)[1:], strict=True):
            axes.plot(curve.steps, curve.array(), color=colour, linewidth=1.0, label=name)
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8)
    _draw_fractions(axes, [run.accuracy for run in runs])
    axes.set_title(" / ".join(dict.fromkeys(run.accuracy_name for run in runs if len(run.accuracy.steps))))


def _draw_invalid(axes: Axes, runs: Sequence[RunCurves]) -> None:
    """Fraction of answers of the wrong kind."""
    _draw_fractions(axes, [run.invalid for run in runs])


def _draw_fractions(axes: Axes, curves: Sequence[Curve]) -> None:
    """Fractions as per cent from 0, one line a run."""
    for curve, colour in zip(curves, colours(len(curves)), strict=True):
        axes.plot(curve.steps, curve.array(), "-o", color=colour, markersize=3.5)
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g} %"))


def _draw_learning_rate(axes: Axes, runs: Sequence[RunCurves]) -> None:
    """Learning rate on a logarithmic axis."""
    for run, colour in zip(runs, colours(len(runs)), strict=True):
        axes.plot(run.learning_rate.steps, run.learning_rate.array(), color=colour)
    axes.set_yscale("log")


@dataclass(frozen=True, slots=True)
class _Panel:
    """One panel: its title, the curves it shows, and how it is drawn."""

    title: str
    curves: tuple[str, ...]
    draw: Callable[[Axes, Sequence[RunCurves]], None]


_PANELS = (
    _Panel("Loss", ("loss", "test_loss"), _draw_loss),
    _Panel("Accuracy", ("accuracy",), _draw_accuracy),
    _Panel("Invalid answers", ("invalid",), _draw_invalid),
    _Panel("Learning rate", ("learning_rate",), _draw_learning_rate),
)


def running_mean(values: NDArray[np.float64], share: float = 0.02) -> NDArray[np.float64]:
    """Smooth a noisy curve: a value becomes the mean of its neighbours within `share` of the curve's length.

    The window stays centred and shrinks at both ends, so that nothing is shifted; NaN counts for nothing.

    Example:
        >>> running_mean(np.array([0.0, 3.0, 0.0, 3.0, 0.0]), share=0.5).tolist()
        [0.0, 1.0, 2.0, 1.0, 0.0]
    """
    count = len(values)
    index = np.arange(count)
    half = np.minimum(max(1, int(count * share / 2)), np.minimum(index, count - 1 - index))
    known = np.isfinite(values)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    start, stop = index - half, index + half + 1
    total, number = sums[stop] - sums[start], counts[stop] - counts[start]
    mean = np.full(count, np.nan)
    np.divide(total, number, out=mean, where=number > 0)
    return mean
