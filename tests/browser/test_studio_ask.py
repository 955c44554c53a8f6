"""Asking in the studio: at once, with help over words, and with what would change the answer."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

Open = Callable[..., Page]


def test_a_first_visit_shows_a_scene_answers_and_their_reasoning(open_studio: Open) -> None:
    page = open_studio()
    expect(page.locator("#answers .answer.oracle")).to_be_visible()
    expect(page.locator("#answers [data-model]")).to_have_count(3)
    expect(page.locator("#viewers .viewer canvas").first).to_be_visible()
    assert page.input_value("#question").endswith("?")
    assert page.locator("#examples .example").count() >= 3


def test_every_model_answers_with_how_sure_it_is_and_whether_it_is_right(asked: Open) -> None:
    page = asked("How many things are visible?")
    expect(page.locator(".answer.oracle .answer-said")).to_have_text("3")
    for name in ("pairs", "stack"):
        card = page.locator(f"#answers [data-model={name}]")
        expect(card.locator(".verdict")).to_have_text(
            "right" if card.locator(".answer-said").inner_text() == "3" else "wrong"
        )
        expect(card.locator(".answer-sure .number")).to_contain_text("%")
    expect(page.locator("#spoken")).to_contain_text("The oracle: 3")


def test_an_example_is_asked_with_one_click(asked: Open) -> None:
    page = asked("How many things are visible?")
    click = "one => { one.click(); return one.firstChild.textContent; }"  # at once, as others may take their place
    with page.expect_response("**/api/v1/ask") as told:
        question = page.locator("#examples .example").last.evaluate(click)
    assert told.value.json()["question"] == question
    expect(page.locator("#question")).to_have_value(question)


def test_known_words_are_completed(asked: Open) -> None:
    page = asked("How many things are visible?")
    page.fill("#question", "")
    page.type("#question", "What is the materi")
    expect(page.locator("#question-list [role=option]")).to_have_text(["material"])
    page.press("#question", "ArrowDown")
    chosen = page.get_attribute("#question", "aria-activedescendant")
    assert page.inner_text(f"#{chosen}") == "material"
    page.press("#question", "Enter")
    assert page.input_value("#question") == "What is the material "
    expect(page.locator("#question-list")).to_be_hidden()
    page.type("#question", "of the cyl")
    page.press("#question", "Tab")
    assert page.input_value("#question") == "What is the material of the cylinder "
    page.type("#question", "i")
    expect(page.locator("#question-list")).to_be_visible()
    page.press("#question", "Escape")
    expect(page.locator("#question-list")).to_be_hidden()


def test_an_unknown_word_is_told_at_once_and_can_be_replaced(asked: Open) -> None:
    page = asked("How many things are visible?")
    page.fill("#question", "How many <b>redd</b> cubes are visible?")
    note = page.locator("#question-note")
    expect(note).to_contain_text("Nobody here has learnt the word <b>redd</b>")
    assert page.locator("#question-note b b").count() == 0  # it is text, never markup
    page.fill("#question", "How many redd cubes are visible?")
    note.get_by_role("button", name="red", exact=True).click()
    assert page.input_value("#question") == "How many red cubes are visible?"
    expect(note).to_be_empty()


def test_an_unknown_word_that_is_asked_is_no_accident(asked: Open) -> None:
    page = asked("How many things are visible?")
    page.fill("#question", "How many mauve cubes are visible?")
    page.press("#question", "Enter")
    expect(page.locator("#answers [data-model=pairs].failed")).to_contain_text("mauve")
    expect(page.locator("#answers .answer-note")).to_be_visible()  # why there is no oracle
    expect(page.locator("#reasoning")).to_be_hidden()


def test_what_would_change_the_answer(asked: Open) -> None:
    page = asked("How many red things are visible?")
    expect(page.locator(".answer.oracle .answer-said")).to_have_text("1")
    page.click("#find-counterfactuals")
    first = page.locator(".counterfactual").first
    expect(first.locator("[class=counterfactual-answers] li")).to_have_count(3)
    after = first.locator(".flip b").inner_text()
    assert after != "1"
    first.get_by_role("button").click()
    expect(page.locator(".answer.oracle .answer-said")).to_have_text(after)
    expect(page.locator(".counterfactual")).to_have_count(0)


def test_a_picture_of_ones_own(asked: Open, tmp_path: Path) -> None:
    page = asked("How many things are visible?")
    noise = np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "mine.png")
    page.set_input_files("#upload", tmp_path / "mine.png")
    expect(page.locator("#answers .answer.oracle")).to_have_count(0)
    expect(page.locator("#answers [data-model=stack] .answer-said")).to_be_visible()
    expect(page.locator("#answers [data-model=pairs].failed")).to_be_visible()  # it reads scenes
    assert page.get_attribute("#picture", "alt") == "Your picture mine.png"
    expect(page.locator("#handles > *")).to_have_count(0)
    expect(page.locator("#inspector")).to_be_hidden()


def test_a_file_that_is_no_picture_is_refused(asked: Open, tmp_path: Path) -> None:
    page = asked("How many things are visible?")
    (tmp_path / "letter.png").write_text("dear reader")
    page.set_input_files("#upload", tmp_path / "letter.png")
    expect(page.locator("#notes")).to_contain_text("“letter.png” cannot be read as a picture")
    expect(page.locator("#handles [data-object]")).to_have_count(3)
    page.get_by_role("button", name="Put this note away").click()
    expect(page.locator("#notes")).to_be_empty()


def test_pictures_of_the_data_are_picked_and_become_scenes_when_edited(asked: Open) -> None:
    page = asked("How many things are visible?")
    page.select_option("#source", "val")
    picture = page.locator("#gallery button").first
    expect(page.locator("#gallery button")).to_have_count(5)  # of the split, as it has put all others away
    with page.expect_response("**/api/v1/ask") as told:
        picture.click()
    sent: Any = told.value.request.post_data_json
    assert sent["image"].startswith("data:image/png")
    assert len(sent["scene"]["objects"]) >= 3
    with page.expect_response("**/api/v1/ask") as told:
        page.locator("#handles [data-object]").first.press("ArrowLeft")
    sent = told.value.request.post_data_json
    assert "image" not in sent
