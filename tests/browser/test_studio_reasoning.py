"""Seeing the reasoning: words, maps, links, programs, stack; step by step, one model or two."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from visreason.trace.links import find_links, find_spots
from visreason.trace.schema import Trace
from visreason.trace.style import relational_step, signed, word_shares

Open = Callable[..., Page]
QUESTION = "How many red things are visible?"


@pytest.fixture
def told(asked: Open) -> tuple[Page, dict[str, Any]]:
    """The page with the answers to `QUESTION`, and the answers by the models' names."""
    page = asked(QUESTION)
    with page.expect_response("**/api/v1/ask") as response:
        page.press("#question", "Enter")
    found = response.value.json()
    expect(page.locator("#answers")).to_have_attribute("aria-busy", "false")  # they are on the page
    return page, {one["model"]: one for one in found["answers"]} | {"oracle": found["oracle"]}


def show(page: Page, name: str) -> None:
    page.select_option("#shown", name)
    expect(page.locator(f"#viewers .viewer[data-model={name}]")).to_be_visible()


def test_links_are_those_that_pictures_show(told: tuple[Page, dict[str, Any]]) -> None:
    page, answers = told
    show(page, "pairs")
    trace = Trace.from_json(answers["pairs"]["trace"])
    step = relational_step(trace)
    assert step is not None
    links = find_links(step, find_spots(step))
    drawn = page.locator(".links .link")
    expect(drawn).to_have_count(len(links))
    titles = page.eval_on_selector_all(".links .link title", "all => all.map(one => one.textContent)")
    assert titles == [signed(link.weight) for link in reversed(links)]
    dashed = page.locator(".links .link.against").count()
    assert dashed == sum(link.weight < 0 for link in links)
    told_of = page.locator(".link-list li b").all_inner_texts()
    assert told_of == [signed(link.weight) for link in links]


def test_words_are_tinted_by_their_part(told: tuple[Page, dict[str, Any]]) -> None:
    page, answers = told
    show(page, "pairs")
    shares = word_shares(Trace.from_json(answers["pairs"]["trace"]))
    strengths = page.eval_on_selector_all(
        ".viewer-question .word", "all => all.map(one => Number(one.style.getPropertyValue('--strength')))"
    )
    assert strengths == pytest.approx([abs(share) for share in shares], abs=1e-3)
    kinds = page.eval_on_selector_all(".viewer-question .word", "all => all.map(one => one.className)")
    for kind, share in zip(kinds, shares, strict=True):
        assert ("against" in kind) == (share <= -0.08)


def test_the_oracle_goes_through_its_program(told: tuple[Page, dict[str, Any]]) -> None:
    page, answers = told
    page.locator("[data-shows=oracle]").click()
    nodes = page.locator(".viewer .node")
    expect(nodes).to_have_text(["scene", "filter red", "count"])
    assert nodes.count() == len(answers["oracle"]["steps"])
    expect(page.locator(".tree-lines path")).to_have_count(2)
    nodes.nth(1).click()
    expect(page.locator(".said")).to_contain_text("large red metal cube")
    expect(page.locator(".stack li")).to_have_text(["2 filter redtop"])
    page.click("#on")
    expect(page.locator("#step-label")).to_have_text("Step 3 of 3: count")
    expect(page.locator(".viewer .node.current")).to_have_text("count")
    expect(page.locator(".viewer .node.current")).to_have_attribute("aria-current", "step")


def test_scrubbing_goes_to_a_step(told: tuple[Page, dict[str, Any]]) -> None:
    page, answers = told
    show(page, "stack")
    steps = answers["stack"]["trace"]["steps"]
    scrub = page.locator("#scrub")
    scrub.focus()
    scrub.press("Home")
    expect(page.locator("#step-label")).to_contain_text(f"Step 1 of {len(steps)}")
    first = page.locator(".look canvas").evaluate("one => one.toDataURL()")
    for number in range(2, len(steps) + 1):
        scrub.press("ArrowRight")
        expect(page.locator("#step-label")).to_contain_text(f"Step {number} of")
    looking = [number for number, step in enumerate(steps) if "grid" in step]
    assert page.locator(".film .frame").count() == (len(looking) if len(looking) > 1 else 0)
    assert scrub.get_attribute("aria-valuetext") == page.inner_text("#step-label")
    assert page.locator(".look canvas").evaluate("one => one.toDataURL()") != first
    shares = [name for name, share in steps[-1]["addressing"] if share > 0.005][:6]
    assert page.locator(".mixture dt").all_inner_texts() == [name.replace("_", " ") for name in shares]


def test_playing_goes_to_the_end_and_stops(asked_alone: Open) -> None:
    page = asked_alone(QUESTION)
    page.locator("[data-shows=oracle]").click()
    page.locator("#scrub").press("Home")
    page.clock.install()
    page.click("#play")
    assert page.get_attribute("#play", "aria-label") == "Pause"
    for label in ("filter red", "count"):
        page.clock.run_for(1100)
        expect(page.locator("#step-label")).to_contain_text(label)
    page.clock.run_for(1100)
    assert page.get_attribute("#play", "aria-label") == "Play the steps"


def test_two_models_side_by_side_move_together(told: tuple[Page, dict[str, Any]]) -> None:
    page, answers = told
    show(page, "stack")
    page.select_option("#compared", "writer")
    panels = page.locator("#viewers .viewer")
    expect(panels).to_have_count(2)
    assert [panel.get_attribute("data-model") for panel in panels.all()] == ["stack", "writer"]
    page.locator("#scrub").press("End")
    for name, panel in zip(("stack", "writer"), panels.all(), strict=True):
        count = len(answers[name]["trace"]["steps"])
        if count > 1:
            expect(panel.locator(".node").nth(count - 1)).to_have_attribute("aria-current", "step")
    boxes = [panel.bounding_box() for panel in panels.all()]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    page.select_option("#compared", "")
    expect(panels).to_have_count(1)


def test_a_card_shows_its_reasoning(told: tuple[Page, dict[str, Any]]) -> None:
    page, _ = told
    card = page.locator("[data-shows=writer]")
    card.click()
    expect(card).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#viewers .viewer")).to_have_attribute("data-model", "writer")
    assert page.evaluate("document.activeElement.dataset.shows") == "writer"


def test_the_page_draws_what_python_draws(shared_page: Page) -> None:
    """The page's own gathering of cells into spots and links, held against `visreason.trace.links`."""
    step = {
        "name": "relations",
        "cells": [3, 4],
        "anchors": [[8 * x + 8, 8 * y + 8] for y in range(3) for x in range(4)],
        "pairs": [[((7 * i * j + 3 * i + j) % 11) - 4 for j in range(12)] for i in range(12)],
    }
    trace = Trace.from_json({"version": 1, "family": "any", "steps": [step]})
    spots = find_spots(trace.steps[0])
    found = shared_page.evaluate(
        """async step => {
            const { findLinks, findSpots } = await import(new URL("trace/links.js", document.baseURI));
            const spots = findSpots(step);
            return { spots, links: findLinks(step, spots) };
        }""",
        json.loads(json.dumps(step)),
    )
    assert [one["members"] for one in found["spots"]] == [list(spot.members) for spot in spots]
    for one, spot in zip(found["spots"], spots, strict=True):
        assert (one["x"], one["y"], one["weight"]) == pytest.approx((spot.x, spot.y, spot.weight))
    links = [(one["first"], one["second"], one["weight"]) for one in found["links"]]
    expected = find_links(trace.steps[0], spots)
    assert links == [pytest.approx((link.first, link.second, link.weight)) for link in expected]
