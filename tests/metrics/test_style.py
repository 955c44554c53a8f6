from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from PIL import Image

from visreason.errors import DataError
from visreason.metrics.style import COLOURS, colours, house_style, save_figure


def luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_lines_stand_out_from_white() -> None:
    assert all(1.05 / (luminance(colour) + 0.05) > 1.9 for colour in COLOURS)


@pytest.mark.parametrize("count", [1, 7, 8, 30])
def test_as_many_different_colours_as_runs(count: int) -> None:
    assert len(set(colours(count))) == count


def test_the_users_settings_come_back() -> None:
    before = dict(mpl.rcParams)
    with house_style():
        assert mpl.rcParams["axes.spines.top"] is False
    assert dict(mpl.rcParams) == before


def test_saved_whole_and_without_a_date(tmp_path: Path) -> None:
    figure = Figure(figsize=(2, 1))
    save_figure(figure, tmp_path / "sub" / "picture.png", dpi=100)
    with Image.open(tmp_path / "sub" / "picture.png") as image:
        assert image.size == (200, 100)
        assert "Software" not in image.info
        assert "Creation Time" not in image.info


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot write"):
        save_figure(Figure(figsize=(1, 1)), tmp_path / "file" / "picture.png")
