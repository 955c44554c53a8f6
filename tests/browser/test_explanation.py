"""The page that `visreason ask --explain why.html` writes, opened in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from visreason.trace.drawing import draw_trace
from visreason.trace.schema import Candidate, Step, Trace

QUESTION = ("is", "the", "<b>ball</b>", "red", "?")


@pytest.fixture
def problems() -> list[str]:
    """What went wrong in the page, and whatever it asked of the network."""
    return []


@pytest.fixture
def page(browser: Browser, problems: list[str], tmp_path: Path) -> Iterator[Page]:
    step = Step(name="relations", pairs=((0.1, 0.6), (-0.4, 0.0)), anchors=((20.0, 20.0), (70.0, 40.0)))
    trace = Trace(
        family="relation-network",
        steps=(step,),
        size=(96.0, 64.0),
        words=QUESTION,
        answers=(
            Candidate(index=0, answer="yes", probability=0.75),
            Candidate(index=1, answer="no", probability=0.25),
        ),
    )
    file = tmp_path / "why.html"
    draw_trace(trace, file, np.full((64, 96, 3), 128, np.uint8))
    opened = browser.new_page()
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on(
        "request", lambda request: problems.append(request.url) if request.url.startswith("http") else None
    )
    opened.goto(file.as_uri())
    yield opened
    opened.close()


def test_it_shows_question_answers_and_their_probabilities(page: Page, problems: list[str]) -> None:
    text = page.inner_text("body")
    assert "<b>ball</b>" in text  # a word of the question is text, never markup
    for part in ("yes", "no", "75", "25"):
        assert part in text
    assert problems == []


def test_the_picture_is_inside_and_loads(page: Page) -> None:
    sources = page.eval_on_selector_all("svg image", "all => all.map(one => one.getAttribute('href'))")
    assert sources
    assert all(source.startswith("data:image/") for source in sources)  # the picture, and the glow upon it
    drawn = page.evaluate(
        "async href => { const i = new Image(); i.src = href; await i.decode(); return [i.width, i.height]; }",
        sources[0],
    )
    assert drawn == [96, 64]


def test_pairs_are_drawn_on_the_picture(page: Page) -> None:
    frame = page.locator("svg").first.bounding_box()
    links = page.locator("svg path").all()
    assert frame is not None
    assert links
    for link in links:
        box = link.bounding_box()
        assert box is not None
        assert box["x"] < frame["x"] + frame["width"]
        assert box["y"] < frame["y"] + frame["height"]


def test_it_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
