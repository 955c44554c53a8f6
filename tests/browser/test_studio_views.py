"""Locating, naming regions, retrieving, and results."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Response, expect

Open = Callable[..., Page]


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Draw on the layer of boxes, in shares of it."""
    box = page.locator("#boxes").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    for share in (0.5, 1.0):
        x, y = (a + share * (b - a) for a, b in zip(start, end, strict=True))
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.mouse.up()


def distances_of(found: Response) -> list[str]:
    """What the page is to say of the pictures of a search."""
    return [f"distance {one['distance']:.3f}" for one in found.json()["results"]]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture of noise, 90 pixels wide and 60 high."""
    noise = np.random.default_rng(0).integers(0, 255, (60, 90, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def test_an_expression_is_located_beside_the_truth(follow: Open, three_objects: str) -> None:
    page = follow(f"#locate?{three_objects}")
    with page.expect_response("**/api/v1/locate") as told:
        page.get_by_role("button", name="the cube").click()
    found = told.value.json()
    expect(page.locator("#expression")).to_have_value("the cube")
    expect(page.locator("#located .answer.oracle")).to_contain_text("large red metal cube")
    row = page.locator("#located [data-model=stack]")
    expect(row.locator(".verdict")).to_have_text("wrong")  # nobody taught it
    for kind, box in (("truth-box", found["oracle"]["box"]), ("tone-1", found["boxes"][0]["box"])):
        drawn = page.locator(f"#boxes .{kind} .line")
        sides = [float(drawn.get_attribute(name) or 0) for name in ("x", "y", "width", "height")]
        assert sides[:2] == pytest.approx(box[:2])
        assert sides[2:] == pytest.approx([max(side, 1) for side in box[2:]])
    expect(page.locator("#viewers .viewer")).to_have_attribute("data-model", "stack")


def test_boxes_are_drawn_and_named_before_and_after(follow: Open, photo: Path) -> None:
    page = follow("#regions")
    page.set_input_files("#upload", photo)
    expect(page.locator("#picture")).to_have_attribute("alt", "Your picture photo.png")
    expect(page.locator("#picture")).to_have_attribute(
        "src", re.compile("^data:")
    )  # it has loaded, so its size is known
    drag(page, (0.1, 0.2), (0.4, 0.7))
    expect(page.locator("#regions .region")).to_have_count(1)
    with page.expect_response("**/api/v1/regions") as told:
        drag(page, (0.9, 0.8), (0.5, 0.3))  # from the right lower corner
    sent: Any = told.value.request.post_data_json
    np.testing.assert_allclose(sent["boxes"], [[9, 12, 27, 30], [45, 18, 36, 30]], atol=1)
    named = told.value.json()
    rows = page.locator("#regions .region")
    expect(rows).to_have_count(2)
    for row, region in zip(rows.all(), named["regions"], strict=True):
        expect(row.locator(".region-label b")).to_have_text(region["label"])
        expect(row.locator("s")).to_have_count(int(region["changed"]))
        expect(row.locator(".trail li")).to_have_count(len(region["predictions"]))
    expect(page.locator("#memory canvas")).to_have_count(len(named["memory"]))


def test_boxes_are_moved_and_removed_with_keys(follow: Open, three_objects: str) -> None:
    page = follow(f"#regions?{three_objects}")
    page.click("#add-box")
    box = page.locator("#boxes [data-box='0']")
    expect(box).to_be_focused()
    expect(box).to_have_attribute("aria-label", "Box 1: x 192, y 128, 96 wide, 64 high")
    box.press("ArrowRight")
    box.press("Shift+ArrowDown")
    expect(box).to_have_attribute("aria-label", "Box 1: x 200, y 128, 96 wide, 72 high")
    expect(page.locator("#regions .region")).to_have_count(1)
    box.press("Delete")
    expect(page.locator("#regions .region")).to_have_count(0)
    page.click("#object-boxes")
    expect(page.locator("#boxes [data-box]")).to_have_count(3)
    expect(page.locator("#regions .region")).to_have_count(3)
    page.get_by_role("button", name="Remove box 2").click()
    expect(page.locator("#boxes [data-box]")).to_have_count(2)
    page.click("#clear-boxes")
    expect(page.locator("#boxes [data-box]")).to_have_count(0)


def test_scenes_are_found_by_words_and_by_the_picture(follow: Open, three_objects: str) -> None:
    page = follow(f"#retrieve?{three_objects}")
    expect(page.locator("#index-note")).to_contain_text("6 pictures")
    page.fill("#sought", "red metal cube left of large sphere")
    with page.expect_response("**/api/v1/search") as told:
        page.press("#sought", "Enter")
    expect(page.locator("#found .found-face img[src]")).to_have_count(6)
    distances = distances_of(told.value)
    expect(page.locator("#found .number")).to_have_text(distances)
    assert distances == sorted(distances)
    expect(page.locator("#found-note")).to_contain_text("red metal cube")
    with page.expect_response("**/api/v1/search") as told:
        page.click("#search-picture")
    sent: Any = told.value.request.post_data_json
    assert [thing["color"] for thing in sent["scene"]["objects"]] == ["red", "blue", "green"]
    expect(page.locator("#found .number")).to_have_text(
        distances_of(told.value)
    )  # and no more the words' findings
    second = page.locator("#found button").nth(1)
    name = second.locator("img").get_attribute("alt")
    second.click()  # and it is on the stage, with its scene
    expect(page.locator("#picture")).to_have_attribute("alt", f"Your picture {name}")
    expect(page.locator("#handles [data-object]").first).to_be_visible()


def test_a_description_that_is_not_understood_is_told(follow: Open, three_objects: str) -> None:
    page = follow(f"#retrieve?{three_objects}")
    page.fill("#sought", "a mauve cube")
    page.press("#sought", "Enter")
    expect(page.locator("#notes")).to_contain_text("mauve")


def test_results_tell_shares_with_intervals_and_what_is_confused(follow: Open) -> None:
    page = follow("#results")
    score = page.locator(".score").first
    expect(score).to_contain_text("33.3 %")
    expect(score).to_contain_text("6.0–79.0 of 3")
    rows = page.locator(".bar-table tbody")
    expect(rows.locator("th")).to_have_text(["count", "query color"])
    assert page.locator(".whisker").first.evaluate("one => [one.style.left, one.style.width]") == [
        "6%",
        "73%",
    ]
    expect(page.locator("#results")).to_contain_text("Not tested yet: writer.")
    page.get_by_text("What it takes for what").first.click()
    cell = page.locator(".confusion td.wrong", has_text="100").first
    expect(cell).to_have_attribute("title", re.compile("^.+, taken for (purple|9): 1 of 1$"))


@pytest.fixture
def mistake(follow: Open) -> Callable[[str], tuple[Page, Locator]]:
    """Opens the results; gives the page and the last mistake of a model."""

    def find(model: str) -> tuple[Page, Locator]:
        page = follow("#results")
        card = page.get_by_label(f"Errors of {model}").locator(".errors button").last
        expect(card.locator("img[src]")).to_be_visible()
        return page, card

    return find


def test_a_wrong_answer_opens_with_its_reasoning(mistake: Callable[..., tuple[Page, Locator]]) -> None:
    page, card = mistake("pairs")
    expect(card.locator("s")).to_have_text("9")
    question = card.locator(".error-question").inner_text()
    card.click()
    expect(page.locator("#viewers .viewer")).to_have_attribute("data-model", "pairs")
    expect(page.locator("#question")).to_have_value(question)
    expect(page.locator("#picture")).to_have_attribute("alt", "Your picture CLEVR_val_000000.png")
    expect(page.locator("#answers [data-model=pairs]")).to_contain_text("said “9” in its test")
    expect(page).to_have_url(re.compile("#ask"))


def test_a_box_beside_the_true_one_opens_where_things_are_located(
    mistake: Callable[..., tuple[Page, Locator]],
) -> None:
    page, card = mistake("stack")
    expect(card).to_contain_text("IoU 0.00")
    expect(card.locator(".truth-box")).to_have_count(1)
    expression = card.locator(".error-question").inner_text()
    card.click()
    expect(page.locator("#expression")).to_have_value(expression)
    expect(page.locator("#located [data-model=stack]")).to_contain_text("IoU")
    expect(page.locator("#located .answer.oracle")).to_be_visible()


def test_a_region_named_wrong_opens_among_the_others(
    mistake: Callable[..., tuple[Page, Locator]],
) -> None:
    page, card = mistake("regions")
    truth = card.locator("b").inner_text()
    card.click()
    expect(page.locator("#regions .region").nth(1).locator(".recalled")).to_contain_text(truth)
    expect(page.locator("#regions .recalled")).to_have_count(1)
