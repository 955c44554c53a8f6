"""Building a scene: with the pointer on the floor, with keys, and by what objects are."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from playwright.sync_api import Page, Response, expect

from visreason.clevr.attributes import RADIUS
from visreason.clevr.camera import project
from visreason.clevr.relations import DIRECTIONS

Open = Callable[..., Page]
CAMERA = (7.48, -6.51, 5.34)
QUESTION = "How many red things are visible?"
CUBE, SPHERE = "[data-object='0']", "[data-object='1']"


def objects(page: Page) -> list[dict[str, Any]]:
    """The objects of the scene on the stage, as the address tells them."""
    text = parse_qs(page.url.split("?", 1)[1])["scene"][0]
    found = []
    for one in text.split("~"):
        words, numbers = one.split("@")
        x, y, _ = map(float, numbers.split(","))
        found.append({"words": words, "x": x, "y": y})
    return found


def sent(told: Any) -> Any:
    """What the request behind a response carried."""
    return told.value.request.post_data_json


def place(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a pixel of the picture (at 480x320) is in the window."""
    box = page.locator("#handles").bounding_box()
    assert box is not None
    return box["x"] + x * box["width"] / 480, box["y"] + y * box["height"] / 320


def pull(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Press at one pixel of the picture, and go to another."""
    page.mouse.move(*place(page, *start))
    page.mouse.down()
    for share in (0.3, 0.7, 1.0):
        page.mouse.move(*place(page, *(a + share * (b - a) for a, b in zip(start, end, strict=True))))


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    pull(page, start, end)
    page.mouse.up()


def test_a_dragged_object_stays_under_the_pointer(asked: Open) -> None:
    page = asked(QUESTION)
    px, py, _ = project([(1.5, -1.0, RADIUS["small"])], CAMERA)[0]
    with page.expect_response("**/api/v1/ask") as told:
        drag(page, (px + 3, py - 2), (px - 60, py + 40))
    sphere = sent(told)["scene"]["objects"][1]
    there = project([sphere["3d_coords"]], CAMERA)[0]
    np.testing.assert_allclose(there[:2], (px - 63, py + 42), atol=1.5)
    assert sphere["3d_coords"][2] == RADIUS["small"]
    np.testing.assert_allclose(sphere["pixel_coords"], there, atol=1)
    expect(page.locator(SPHERE)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#inspector")).to_contain_text("small blue rubber sphere")


def test_relations_are_those_of_the_new_places(asked: Open) -> None:
    page = asked("What color is the thing left of the green cylinder?")
    px, py, _ = project([(-1.2, 1.1, RADIUS["large"])], CAMERA)[0]
    with page.expect_response("**/api/v1/ask") as told:
        drag(page, (px, py), (px + 190, py + 60))
    scene = sent(told)["scene"]
    positions = np.array([thing["3d_coords"] for thing in scene["objects"]])
    along = positions @ np.array(DIRECTIONS["left"])
    expected = [[j for j in range(3) if along[j] - along[i] > 0.2] for i in range(3)]
    assert scene["relationships"]["left"] == expected


def test_it_is_drawn_small_while_it_is_dragged_and_whole_after(asked: Open) -> None:
    page = asked(QUESTION)
    widths: list[int] = []

    def drawn(told: Response, width: int) -> bool:
        """Whether it is a picture so wide of the scene with the sphere moved; notes the widths of all such."""
        if not told.url.endswith("scenes/render"):
            return False
        asked_for: Any = told.request.post_data_json
        if len(asked_for["scene"]["objects"]) != 3 or asked_for["scene"]["objects"][1]["3d_coords"][0] == 1.5:
            return False
        widths.append(asked_for["width"])
        return widths[-1] == width

    px, py, _ = project([(1.5, -1.0, RADIUS["small"])], CAMERA)[0]
    with page.expect_response(lambda told: drawn(told, 240)):
        pull(page, (px, py), (px - 40, py + 10))
    with page.expect_response(lambda told: drawn(told, 480)):
        page.mouse.up()
    assert set(widths[:-1]) == {240}


def test_nothing_leaves_the_floor(asked: Open) -> None:
    page = asked(QUESTION)
    px, py, _ = project([(1.5, -1.0, RADIUS["small"])], CAMERA)[0]
    with page.expect_response("**/api/v1/ask") as told:
        drag(page, (px, py), (470, 310))
    x, y, _ = sent(told)["scene"]["objects"][1]["3d_coords"]
    assert max(abs(x), abs(y)) == 3


def test_keys_move_turn_and_remove(asked: Open) -> None:
    page = asked(QUESTION)
    cube = page.locator(CUBE)
    cube.focus()
    cube.press("ArrowRight")
    page.locator(CUBE).press("Shift+ArrowDown")
    page.locator(CUBE).press(".")
    moved = (
        np.array((-1.2, 1.1))
        + 0.1 * np.array(DIRECTIONS["right"][:2])
        + 0.5 * np.array(DIRECTIONS["front"][:2])
    )
    expect(page).to_have_url(re.compile(f"cube@[^~]*,{0.5 + np.pi / 24:.3f}~"))
    thing = objects(page)[0]
    np.testing.assert_allclose((thing["x"], thing["y"]), moved, atol=2e-3)
    assert page.evaluate("document.activeElement.dataset.object") == "0"  # the focus stays where it was
    page.locator(CUBE).press("Delete")
    expect(page.locator("#handles [data-object]")).to_have_count(2)
    expect(page.locator(".answer.oracle .answer-said")).to_have_text("0")
    left = "small blue rubber sphere, large green rubber cylinder"
    expect(page.locator("#picture")).to_have_attribute("alt", f"A rendered scene: {left}")


def test_an_object_becomes_another(asked: Open) -> None:
    page = asked(QUESTION)
    page.locator(SPHERE).focus()
    page.locator(SPHERE).press("Enter")
    assert page.evaluate("document.activeElement.id") == "color-blue"
    page.keyboard.press("ArrowLeft")  # from blue to red, as radio buttons do
    expect(page.locator(".answer.oracle .answer-said")).to_have_text("2")
    for name in ("shape-cylinder", "size-large", "material-metal"):
        page.locator(f"#{name}").check()
    expect(page.locator(".inspected")).to_have_text("The large red metal cylinder")
    page.locator("#turn").fill("90")
    expect(page).to_have_url(re.compile("large-red-metal-cylinder@1.5,-1,1.571"))
    expect(page.locator(SPHERE)).to_have_attribute("aria-label", "large red metal cylinder")


@pytest.mark.slow  # twenty answers and drawings
def test_objects_are_added_until_a_scene_is_full(asked: Open) -> None:
    page = asked("How many things are visible?")
    for count in range(4, 11):
        if page.locator("#add").is_disabled():
            break
        page.click("#add")
        if page.locator("#handles [data-object]").count() < count:
            break  # there was no room left
    number = page.locator("#handles [data-object]").count()
    assert number >= 6
    expect(page.locator(".answer.oracle .answer-said")).to_have_text(str(number))
    page.click("#remove")
    expect(page.locator("#handles [data-object]")).to_have_count(number - 1)
    expect(page.locator(".answer.oracle .answer-said")).to_have_text(str(number - 1))


def test_an_empty_floor_is_a_scene_too(asked: Open) -> None:
    page = asked("How many things are visible?")
    for _ in range(3):
        page.locator("#handles [data-object]").first.press("Delete")
    expect(page.locator("#inspector")).to_contain_text("An empty floor")
    expect(page.locator(".answer.oracle .answer-said")).to_have_text("0")


def test_what_is_odd_is_told(asked: Open) -> None:
    page = asked(QUESTION)
    sphere = project([(1.5, -1.0, RADIUS["small"])], CAMERA)[0]
    cube = project([(-1.2, 1.1, RADIUS["large"])], CAMERA)[0]
    drag(page, (sphere[0], sphere[1]), (cube[0] + 10, cube[1] + 12))
    expect(page.locator("#checks")).to_contain_text("stand in each other")


def test_a_fresh_scene_is_one_click_away(asked: Open) -> None:
    page = asked(QUESTION)
    with page.expect_response("**/api/v1/ask") as told:
        page.click("#shuffle")
    assert sent(told)["scene"]["lamps"].keys() == {"key", "fill", "back"}
