"""The page as such: its address, its weight, its safety, and that everybody can use it."""

import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from visreason.serve.page_files import PAGE

Open = Callable[..., Page]
VIEWS = ("ask", "locate", "regions", "retrieve", "results")
CONTRAST = """() => {
    const light = colour => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(v => v / 255)
            .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = node => {
        for (let one = node; one; one = one.parentElement) {
            const colour = getComputedStyle(one).backgroundColor;
            if (!/^rgba\\(.*, 0\\)$|^color/.test(colour)) return colour;
        }
        return "rgb(255, 255, 255)";
    };
    const texts = [...document.querySelectorAll("main *, header *")].filter(one =>
        one.checkVisibility({ visibilityProperty: true }) && !one.closest("svg, .unseen, :disabled, .swatch, .word")
        && [...one.childNodes].some(child => child.nodeType === 3 && child.textContent.trim()));
    return texts.map(one => {
        const [a, b] = [light(getComputedStyle(one).color), light(behind(one))].sort((x, y) => y - x);
        return [(a + 0.05) / (b + 0.05), one.textContent.trim().slice(0, 40), one.className];
    }).filter(([ratio]) => ratio < 4.5);
}"""
"""Texts whose contrast with what is behind them is below 4.5 : 1 (WCAG 2.2, AA)."""


def test_a_link_restores_what_is_on_the_screen(asked: Open, studio_context: BrowserContext) -> None:
    page = asked("How many red things are visible?")
    page.locator("[data-shows=oracle]").click()
    page.locator("#scrub").press("Home")
    page.locator("[data-object='1']").press("ArrowLeft")
    expect(page).to_have_url(re.compile("step=0.*~small-blue-rubber-sphere@1[.]4"))
    other = studio_context.new_page()
    other.goto(page.url)
    expect(other.locator(".viewer")).to_have_attribute("data-model", "oracle")
    expect(other.locator("#step-label")).to_contain_text("Step 1 of 3")
    for selector in ("#question", "#scrub"):
        assert other.input_value(selector) == page.input_value(selector)
    assert other.url == page.url
    place = "one => [...one.querySelectorAll('.grip')].map(g => g.getAttribute('cx')).join()"
    assert other.locator("#handles").evaluate(place) == page.locator("#handles").evaluate(place)


def test_going_back_returns_to_the_view_before(asked: Open) -> None:
    page = asked("How many red things are visible?")
    page.locator("[data-shows=oracle]").click()
    page.locator("#scrub").press("Home")
    expect(page).to_have_url(re.compile("step=0"))
    page.click("[data-view=retrieve]")
    expect(page.locator("#view-retrieve")).to_be_visible()
    expect(page).to_have_url(re.compile("#retrieve"))
    page.go_back()
    expect(page.locator("#view-ask")).to_be_visible()
    expect(page.locator("[data-view=ask]")).to_have_attribute("aria-current", "page")
    expect(page.locator("#step-label")).to_contain_text("Step 1 of 3")


def test_a_spoilt_link_shows_a_scene_all_the_same(open_studio: Open) -> None:
    page = open_studio("#nowhere?scene=large-mauve-metal-cube@1,1,0&step=-3&boxes=1,2,x&camera=0,0,1")
    expect(page.locator("#view-ask")).to_be_visible()
    expect(page.locator("#handles [data-object]").first).to_be_visible()


@pytest.mark.parametrize("view", VIEWS)
def test_texts_can_be_read_and_a_phone_shows_all(open_studio: Open, three_objects: str, view: str) -> None:
    page = open_studio(f"#{view}?question=How+many+red+things+are+visible%3F&boxes=9,9,60,60&{three_objects}")
    waited = {
        "ask": ".viewer",
        "regions": ".region",
        "results": ".bar-table",
        "locate": "#expressions button",
    }
    expect(page.locator(waited.get(view, "#index-note")).first).to_be_visible()
    assert page.evaluate(CONTRAST) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert page.evaluate(CONTRAST) == []
    page.set_viewport_size({"width": 375, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_the_theme_is_chosen_and_kept(open_studio: Open) -> None:
    page = open_studio()
    colour = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(colour)
    page.click("#theme")
    after = page.evaluate(colour)
    assert after != before
    page.reload()
    assert page.evaluate(colour) == after


def test_everything_has_a_name_and_is_reached_by_keys(asked: Open) -> None:
    page = asked("How many red things are visible?")
    nameless = page.evaluate("""() => [...document.querySelectorAll("button, input, select, a, [role=button]")]
        .filter(one => one.checkVisibility() && !(one.getAttribute("aria-label") || one.textContent.trim()
            || one.labels?.length || one.title)).map(one => one.outerHTML)""")
    assert nameless == []
    page.locator("body").press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.dataset.object || ''"))
    assert {"share", "theme", "0", "1", "2", "shuffle", "add", "question", "scrub", "play"} <= reached


def test_headings_and_regions_are_in_order(asked: Open) -> None:
    page = asked("How many red things are visible?")
    levels = page.evaluate("""() => [...document.querySelectorAll("h1, h2, h3, h4")]
        .filter(one => one.checkVisibility()).map(one => Number(one.tagName[1]))""")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.locator("main").count() == 1
    assert page.locator("#spoken").get_attribute("aria-live") == "polite"
    assert page.locator("#notes").get_attribute("role") == "alert"


def test_the_link_is_copied(asked: Open, studio_context: BrowserContext) -> None:
    studio_context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = asked("How many red things are visible?")
    page.click("#share")
    expect(page.locator("#notes")).to_have_text("Link copied")
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_the_page_is_light_and_holds_no_code_or_style_of_its_own() -> None:
    files = [path for path in Path(PAGE).rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 300_000
    text = (PAGE / "index.html").read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=|javascript:", text) == []
    everything = "".join(path.read_text() for path in files)
    assert set(re.findall(r"https?://[^\s\"'`]+", everything)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", everything
    )
