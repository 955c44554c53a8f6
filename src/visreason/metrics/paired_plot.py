"""The picture of a comparison: by how much models are better or worse than the first, on each type of question."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from visreason.metrics.paired import Paired
from visreason.metrics.style import INK, QUIET, colours, house_style, save_figure


def plot_paired(
    comparisons: Mapping[str, Mapping[str, Paired]], path: str | Path, *, baseline: str, overall: str
) -> None:
    """Draw a row for all questions and each type, and on it a point with its interval for each model.

    Args:
        comparisons: by model, by type of question, the comparison with the baseline.
        path: the PNG to write.
        baseline: the name of the model that all are compared with.
        overall: the type that is all questions; it comes first.

    Raises:
        DataError: the file cannot be written.
    """
    names = list(dict.fromkeys((overall, *(kind for types in comparisons.values() for kind in types))))
    with house_style():
        figure = Figure(figsize=(7.6, 1.5 + 0.34 * len(names) * max(1.0, 0.6 * len(comparisons))))
        figure.set_layout_engine("constrained")
        axes = figure.add_subplot()
        axes.axvline(0, color=INK, lw=1)
        for place, ((model, types), colour) in enumerate(
            zip(comparisons.items(), colours(len(comparisons)), strict=True)
        ):
            shift = (place - (len(comparisons) - 1) / 2) * 0.7 / len(comparisons)
            rows = [(row + shift, types[name]) for row, name in enumerate(names) if name in types]
            values = [100 * one.difference for _, one in rows]
            reach = [
                [value - 100 * one.low for value, (_, one) in zip(values, rows, strict=True)],
                [100 * one.high - value for value, (_, one) in zip(values, rows, strict=True)],
            ]
            axes.errorbar(
                values,
                [row for row, _ in rows],
                xerr=reach,
                fmt="o",
                ms=4.5,
                lw=1.6,
                color=colour,
                label=model,
            )
        axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
        axes.invert_yaxis()
        axes.grid(axis="y", visible=False)
        axes.xaxis.set_major_formatter(
            FuncFormatter(lambda value, _: f"{value:+.0f}".replace("-", "−") if value else "0")
        )
        axes.set_xlabel(f"points of accuracy above {baseline}, with 95 % intervals", color=QUIET)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=min(3, len(comparisons)))
        save_figure(figure, path)
