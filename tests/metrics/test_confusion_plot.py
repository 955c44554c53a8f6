from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from visreason.clevr.answers import ANSWERS
from visreason.errors import DataError, UsageError
from visreason.metrics.confusion_plot import plot_confusion

Look = Callable[[Path], NDArray[np.int64]]


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that is written into the picture."""
    written: list[str] = []

    def listen(kind: type, name: str, place: int) -> None:
        draw = getattr(kind, name)

        def listening(artist: Any, *given: Any, **style: Any) -> Any:
            written.append(given[place])
            return draw(artist, *given, **style)

        monkeypatch.setattr(kind, name, listening)

    listen(Axes, "text", 2)
    listen(Axes, "annotate", 0)
    listen(Figure, "suptitle", 0)
    return written


def test_shares_counts_classes_and_accuracy_are_written(tmp_path: Path, words: list[str]) -> None:
    counts = np.zeros((28, 28), np.int64)
    counts[0, 0], counts[0, 1], counts[27, 26] = 150, 50, 1000
    plot_confusion(counts, tmp_path / "confusion.png", title="rn")
    assert "rn: 12.5 % of 1,200 right" in words
    assert {"75", "25", "100", "200", "1,000"} <= set(words)
    assert {"number", "material", "color", "shape", "size", "exist"} <= set(words)


def test_more_is_darker(tmp_path: Path, look: Look) -> None:
    weak, strong = np.zeros((2, 2), np.int64), np.zeros((2, 2), np.int64)
    weak[0], strong[0] = (50, 50), (100, 0)
    plot_confusion(weak, tmp_path / "weak.png", ("yes", "no"))
    plot_confusion(strong, tmp_path / "strong.png", ("yes", "no"))
    a, b = look(tmp_path / "weak.png"), look(tmp_path / "strong.png")
    height, width = a.shape[0], a.shape[1]
    corner = np.s_[height // 4 : height // 3, width // 4 : width // 3]
    assert a[corner].mean() > b[corner].mean() + 20


def test_no_questions_at_all(tmp_path: Path, look: Look) -> None:
    plot_confusion(np.zeros((28, 28), np.int64), tmp_path / "empty.png")
    assert look(tmp_path / "empty.png").shape[2] == 3


def test_same_numbers_same_bytes(tmp_path: Path) -> None:
    counts = np.eye(28, dtype=np.int64)
    for name in ("a.png", "b.png"):
        plot_confusion(counts, tmp_path / name, ANSWERS)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_wrong_shape(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is \[28, 28\]; got \[2, 3\]"):
        plot_confusion(np.zeros((2, 3), np.int64), tmp_path / "confusion.png")
    assert not list(tmp_path.iterdir())


def test_unwritable_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot write"):
        plot_confusion(np.zeros((28, 28), np.int64), tmp_path / "file" / "confusion.png")
