from pathlib import Path

import numpy as np
import pytest

from visreason.data.images import load_image
from visreason.errors import UsageError
from visreason.retrieval.sheet import COLUMNS, Row, Tile, draw_sheet

RED, GREEN, BLUE = (
    np.full((32, 48, 3), colour, np.uint8) for colour in ((200, 10, 10), (10, 200, 10), (10, 10, 200))
)


def areas(path: Path) -> dict[str, int]:
    """How many pixels of each colour the sheet has."""
    pixels = load_image(path)
    colours = {"red": RED[0, 0], "green": GREEN[0, 0], "blue": BLUE[0, 0]}
    return {
        name: int((np.abs(pixels.astype(int) - colour).max(2) < 12).sum()) for name, colour in colours.items()
    }


def test_the_query_and_every_result_are_shown(tmp_path: Path) -> None:
    tiles = [Tile(GREEN, f"{number}.png", "0.123") for number in range(3)]
    draw_sheet(
        tmp_path / "sheet.png", Tile(RED, "mine.png"), [Row("found", tiles), Row("true", [Tile(BLUE, "b")])]
    )
    seen = areas(tmp_path / "sheet.png")
    assert seen["green"] == pytest.approx(3 * seen["blue"], rel=0.05)
    assert seen["red"] > 1.4 * seen["blue"] > 1000


def test_long_rankings_go_on_below(tmp_path: Path) -> None:
    heights = []
    for count in (COLUMNS, COLUMNS + 1):
        draw_sheet(tmp_path / "sheet.png", Tile(RED, "q"), [Row("", [Tile(GREEN, "g")] * count)], "a title")
        heights.append(load_image(tmp_path / "sheet.png").shape[0])
    assert heights[1] > 1.5 * heights[0]


def test_upright_and_missing_pictures_have_their_place(tmp_path: Path) -> None:
    upright = np.full((400, 100, 3), BLUE[0, 0], np.uint8)
    draw_sheet(
        tmp_path / "sheet.png", Tile(None, ""), [Row("", [Tile(upright, "x" * 200), Tile(None, "gone")])]
    )
    blue_HW = np.abs(load_image(tmp_path / "sheet.png").astype(int) - BLUE[0, 0]).max(2) < 12
    height, width = blue_HW.any(1).sum(), blue_HW.any(0).sum()
    assert height == pytest.approx(4 * width, rel=0.1)  # a thin frame covers a pixel of each side


def test_what_cannot_be_drawn_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a sheet is a \.png file; got"):
        draw_sheet(tmp_path / "sheet.pdf", Tile(RED, "q"), [Row("", [Tile(RED, "r")])])
    with pytest.raises(UsageError, match="nothing was found"):
        draw_sheet(tmp_path / "sheet.png", Tile(RED, "q"), [Row("", [])])
