from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.typing import NDArray

from visreason.errors import UsageError
from visreason.metrics import training_plot
from visreason.metrics.style import colours
from visreason.metrics.training_plot import Curve, RunCurves, plot_training, running_mean

Look = Callable[[Path], NDArray[np.int64]]


def run(offset: float = 0.0) -> RunCurves:
    steps = range(0, 100, 10)
    falling = [2.0 - step / 80 + offset for step in steps]
    return RunCurves(
        loss=Curve(steps, falling),
        test_loss=Curve([50, 100], [1.5, 1.0]),
        accuracy=Curve([50, 100], [0.5, 0.8]),
        accuracy_by_class={"number": Curve([50, 100], [0.4, 0.6]), "exist": Curve([50, 100], [0.6, 0.9])},
        invalid=Curve([50, 100], [0.1, 0.0]),
        learning_rate=Curve(steps, [1e-4] * 10),
    )


def drawn(runs: dict[str, RunCurves], path: Path) -> Figure:
    """The figure, kept from being saved and forgotten."""
    with patch.object(training_plot, "save_figure") as save:
        plot_training(runs, path)
    figure: Figure = save.call_args.args[0]
    return figure


def test_a_panel_for_each_figure(tmp_path: Path) -> None:
    figure = drawn({"one": run()}, tmp_path / "x.png")
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert titles == ["Loss", "Accuracy on unseen questions", "Invalid answers", "Learning rate"]
    assert figure.axes[3].get_yscale() == "log"


def test_the_score_keeps_its_name(tmp_path: Path) -> None:
    precise = RunCurves(accuracy=Curve([1], [0.7]), accuracy_name="Average precision")
    figure = drawn({"one": precise, "two": precise, "three": run()}, tmp_path / "x.png")
    assert figure.axes[1].get_title(loc="left") == "Average precision / Accuracy on unseen questions"


def test_panels_without_values_are_left_out(tmp_path: Path) -> None:
    figure = drawn({"begun": RunCurves(loss=Curve([1, 2], [3.0, 2.0]))}, tmp_path / "x.png")
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Loss"]


def test_runs_keep_their_colours_and_stand_in_the_legend(tmp_path: Path) -> None:
    figure = drawn({"one": run(), "two": run(0.5)}, tmp_path / "x.png")
    accuracy = figure.axes[1].lines
    assert [line.get_color() for line in accuracy] == colours(2)
    assert np.asarray(accuracy[0].get_ydata()).tolist() == [0.5, 0.8]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["one", "two"]


def test_a_single_run_shows_the_kinds_of_answer(tmp_path: Path) -> None:
    single = drawn({"one": run()}, tmp_path / "x.png").axes[1]
    assert len(single.lines) == 3
    legend = single.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["number", "exist"]
    assert drawn({"one": run(), "two": run()}, tmp_path / "x.png").axes[1].get_legend() is None


def test_many_runs_with_gaps_make_a_picture(tmp_path: Path, look: Look) -> None:
    gap = RunCurves(loss=Curve([1, 2, 3], [1.0, None, float("nan")]))
    runs = {f"experiments/a-long-name-{place}": run(place) for place in range(9)} | {"gap": gap}
    plot_training(runs, tmp_path / "training.png")
    picture = look(tmp_path / "training.png")
    assert picture.shape[0] > 600
    assert picture.min() < 120


def test_nothing_recorded_yet(tmp_path: Path) -> None:
    for runs in ({}, {"empty": RunCurves()}):
        with pytest.raises(UsageError, match="nothing to plot"):
            plot_training(runs, tmp_path / "training.png")
    assert not list(tmp_path.iterdir())


def test_a_curve_needs_a_step_for_each_value() -> None:
    with pytest.raises(UsageError, match="got 2 and 1"):
        Curve([1, 2], [0.5])


def test_running_mean_keeps_level_slope_and_ends() -> None:
    line = np.linspace(5.0, 1.0, 200)
    np.testing.assert_allclose(running_mean(line, share=0.1), line, atol=1e-12)


def test_running_mean_smooths() -> None:
    noise = np.random.default_rng(0).normal(size=2000)
    assert running_mean(noise)[50:-50].std() < 0.3


def test_running_mean_skips_gaps() -> None:
    assert running_mean(np.array([1.0, np.nan, 3.0]), share=1.0).tolist() == [1.0, 2.0, 3.0]
    assert np.isnan(running_mean(np.array([np.nan]))).all()
    assert running_mean(np.array([])).size == 0
