"""The page as such: its address, its weight and its safety."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from visreason.serve.page_files import PAGE

Open = Callable[..., Page]


def test_a_link_restores_what_is_on_the_screen(asked: Open) -> None:
    page = asked("How many red things are visible?")
    page.locator("[data-shows=oracle]").click()
    page.locator("#scrub").press("Home")
    page.locator("[data-object='1']").press("ArrowLeft")
    expect(page).to_have_url(re.compile("step=0.*~small-blue-rubber-sphere@1[.]4"))
    address, other = page.url, page.context.new_page()
    other.goto(address)
    expect(other.locator(".viewer")).to_have_attribute("data-model", "oracle")
    expect(other.locator("#step-label")).to_contain_text("Step 1 of 3")
    for selector in ("#question", "#scrub"):
        expect(other.locator(selector)).to_have_value(page.input_value(selector))
    expect(other).to_have_url(address)
    place = "one => [...one.querySelectorAll('.grip')].map(g => g.getAttribute('cx')).join()"
    assert other.locator("#handles").evaluate(place) == page.locator("#handles").evaluate(place)
    other.close()


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


def test_the_theme_is_chosen_and_kept(open_studio: Open) -> None:
    page = open_studio()
    colour = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(colour)
    page.click("#theme")
    after = page.evaluate(colour)
    assert after != before
    page.reload()
    assert page.evaluate(colour) == after


def test_the_link_is_copied(asked: Open) -> None:
    page = asked("How many red things are visible?")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("[data-shows=oracle]").click()
    page.locator("#scrub").press("Home")
    expect(page).to_have_url(re.compile("step=0"))  # the address follows the page after a moment
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
