"""Everybody can use the page: what WCAG 2.2 (AA) asks for and can be told by a program, on every view."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

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

FAULTS = """() => {
    const seen = one => one.checkVisibility({ visibilityProperty: true });
    const all = chosen => [...document.querySelectorAll(chosen)].filter(seen);
    const name = one => one.getAttribute("aria-label") || one.textContent.trim() || one.title
        || [...one.labels ?? []].map(label => label.textContent.trim()).join(" ")
        || document.getElementById(one.getAttribute("aria-labelledby"))?.textContent;
    const told = (text, nodes) => nodes.map(one => `${text}: ${one.outerHTML.slice(0, 120)}`);
    const ids = [...document.querySelectorAll("[id]")].map(one => one.id);
    const points = one => ["aria-labelledby", "aria-describedby", "aria-controls", "aria-activedescendant", "for"]
        .flatMap(key => (one.getAttribute(key) ?? "").split(" ").filter(Boolean));
    const small = one => Math.min(...["width", "height"].map(side => one.getBoundingClientRect()[side])) < 24;
    return [
        ...told("no name", all("button, input, select, a, summary, dialog, nav, section, [role]:not([role=status],"
            + " [role=alert], [role=presentation])").filter(one => !name(one))),
        ...told("no alt", all("img").filter(one => one.getAttribute("alt") === null)),
        ...told("points nowhere", all("*").filter(one => points(one).some(id => !ids.includes(id)))),
        ...told("a tab order of its own", all("[tabindex]").filter(one => one.tabIndex > 0)),
        ...told("no item of a list", all("ul > *, ol > *").filter(one => one.tagName !== "LI")),
        ...told("a control in a control", all("button :is(a, button, input, select)")),
        ...told("too small to press", all("button, select, summary, nav a").filter(one =>
            !one.closest(".unseen, li p, .word-note") && small(one))),
        ...(new Set(ids).size < ids.length ? ["an id twice"] : []),
        ...(document.documentElement.lang ? [] : ["no language"]),
    ];
}"""
"""What an audit would name."""

STOPS = """() => [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
    .filter(one => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && !one.closest("[inert]")
        && (one.type !== "radio" || one.checked))"""
"""What the tab key has to reach: of a group of radio buttons the one that is chosen."""

COUNT = f"() => ({STOPS})().length"

REACHED = f"() => ({STOPS})().indexOf(document.activeElement)"

UNMARKED = f"""() => {{
    const look = one => [one, one.parentElement, ...one.labels ?? [], ...one.querySelectorAll("*")].map(part => {{
        const {{ outline, boxShadow, border, stroke, strokeWidth, background, opacity }} = getComputedStyle(part);
        return [outline, boxShadow, border, stroke, strokeWidth, background, opacity].join();
    }}).join();
    const all = {STOPS}, same = [];
    for (let n = 0; n < all().length; n += 1) {{  // what is focused may be drawn anew, or bring more
        document.activeElement.blur();
        const before = look(all()[n]);
        all()[n].focus({{ focusVisible: true, preventScroll: true }});
        if (look(all()[n]) === before) same.push(all()[n].outerHTML.slice(0, 120));
    }}
    return same;
}}"""
"""What looks the same with the focus and without."""


@pytest.fixture
def view(request: pytest.FixtureRequest, follow: Open, three_objects: str) -> Page:
    """One view with all that it shows."""
    name = request.param
    page = follow(f"#{name}?question=How+many+red+things+are+visible%3F&boxes=9,9,60,60&{three_objects}")
    waited = {
        "ask": ".viewer",
        "regions": ".region",
        "results": ".bar-table, .error-face",
        "retrieve": "#index-note",
    }
    expect(page.locator(waited.get(name, "#expressions button")).first).to_be_visible()
    if name == "results":
        expect(page.locator(".errors button").first).to_be_visible()
    return page


@pytest.mark.parametrize("view", VIEWS, indirect=True)
def test_texts_can_be_read_and_a_phone_shows_all(view: Page) -> None:
    assert view.evaluate(CONTRAST) == []
    view.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert view.evaluate(CONTRAST) == []
    view.set_viewport_size({"width": 375, "height": 800})
    assert view.evaluate("document.documentElement.scrollWidth") <= 375
    assert view.evaluate(FAULTS) == []


@pytest.mark.parametrize("view", VIEWS, indirect=True)
def test_all_is_reached_by_keys_and_shows_the_focus(view: Page) -> None:
    assert view.evaluate(FAULTS) == []
    assert view.evaluate(UNMARKED) == []
    reached: set[int] = set()
    for _ in range(
        3 * view.evaluate(COUNT) + 3
    ):  # around, from wherever the focus was last, while more may come
        view.keyboard.press("Tab")
        place, count = view.evaluate(f"() => [({REACHED})(), ({COUNT})()]")
        reached.add(place)
        if reached >= set(range(count)):
            break
    assert reached >= set(range(count))


def test_headings_and_regions_are_in_order(asked: Open) -> None:
    page = asked("How many red things are visible?")
    levels = page.evaluate("""() => [...document.querySelectorAll("h1, h2, h3, h4")]
        .filter(one => one.checkVisibility()).map(one => Number(one.tagName[1]))""")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.locator("main").count() == 1
    assert page.locator("#spoken").get_attribute("aria-live") == "polite"
    assert page.locator("#notes").get_attribute("role") == "alert"
