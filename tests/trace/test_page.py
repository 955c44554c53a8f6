import re
from html.parser import HTMLParser

import numpy as np

from visreason.trace.page import trace_html
from visreason.trace.schema import Candidate, Trace

VOID = {"meta", "path", "circle", "rect", "image"}


class Balance(HTMLParser):
    """Checks that every tag is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        pass

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def test_tags_are_balanced(grid, objects):
    for trace in (grid, objects):
        for image in (None, np.zeros((32, 48, 3), np.uint8)):
            parser = Balance()
            parser.feed(trace_html(trace, image))
            assert parser.open == []


def test_needs_nothing_from_outside(grid):
    page = trace_html(grid, np.zeros((32, 48, 3), np.uint8))
    assert not re.search(r"https?://|<script|<link|url\(|src=", page)
    assert page.count("data:image/png;base64,") == 2  # the image and the glow


def test_words_and_answers_cannot_break_out():
    trace = Trace(
        family="x",
        steps=(),
        words=("<script>", '"'),
        answers=(Candidate(index=0, probability=1.0, answer="<b>"),),
    )
    page = trace_html(trace)
    assert "<script>" not in page
    assert "&lt;b&gt;" in page


def test_links_carry_their_weights(objects):
    page = trace_html(objects)
    assert page.count('class="link"') == 3
    for weight in ("+3.0", "−1.5", "+0.5"):
        assert f"<title>{weight}</title>" in page
    assert page.count("stroke-dasharray") == 1


def test_words_carry_their_part(grid):
    page = trace_html(grid)
    assert 'title="+100%">red</span>' in page
    assert 'title="-50%">?</span>' in page


def test_what_has_no_answer_has_no_heading_for_it(grid):
    assert "<h2>Answer</h2>" in trace_html(grid)
    assert "Answer</h2>" not in trace_html(Trace(family="x", steps=(), words=("the", "ball")))
