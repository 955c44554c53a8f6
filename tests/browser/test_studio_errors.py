"""When things go wrong: the server is gone, busy, or wants a token."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from visreason.serve.application import create_app
from visreason.serve.guard import Gate
from visreason.serve.studio import Studio

Open = Callable[..., Page]
QUESTION = "How many red things are visible?"


@pytest.mark.slow  # the page waits before it looks again
def test_a_server_that_is_gone_is_told_and_its_return_too(
    asked_alone: Open, studio_context: BrowserContext
) -> None:
    page = asked_alone(QUESTION)
    studio_context.set_offline(True)
    page.fill("#question", "How many blue things are visible?")
    page.press("#question", "Enter")
    expect(page.locator("#status")).to_have_text("Not connected")
    expect(page.locator("#notes")).to_contain_text("The server does not answer")
    page.locator("[data-object='0']").press("Delete")  # building goes on
    expect(page.locator("#handles [data-object]")).to_have_count(2)
    studio_context.set_offline(False)
    expect(page.locator("#status")).to_have_text("4 models")
    expect(page.locator("#notes")).to_be_empty()
    expect(page.locator(".answer.oracle .answer-said")).to_have_text("1")


@pytest.mark.slow  # the same
def test_a_page_that_opens_without_its_server_waits_for_it(
    studio_context: BrowserContext, studio_url: str
) -> None:
    page = studio_context.new_page()
    page.route("**/api/v1/**", lambda route: route.abort())
    page.goto(studio_url)
    expect(page.locator("#status")).to_have_text("Not connected")
    page.unroute_all()
    expect(page.locator("#status")).to_have_text("4 models")
    expect(page.locator("#answers .answer.oracle")).to_be_visible()


def busy(route: Route, seconds: int = 0) -> None:
    message = '{"error": {"code": "busy", "message": "too many questions wait. Ask again in a moment."}}'
    route.fulfill(status=503, headers={"Retry-After": str(seconds)}, body=message)


def test_a_busy_server_is_asked_again(asked: Open) -> None:
    page = asked(QUESTION)
    page.route(
        "**/api/v1/ask", lambda route: busy(route, seconds=2), times=1
    )  # as long as it takes to see it
    page.fill("#question", "How many blue things are visible?")
    page.press("#question", "Enter")
    expect(page.locator("#status")).to_have_text("Busy, a moment")
    expect(page.locator("#spoken")).to_contain_text("3 answers")
    expect(page.locator("#status")).to_have_text("4 models")


def test_a_server_that_stays_busy_is_told(asked: Open) -> None:
    page = asked(QUESTION)
    page.route("**/api/v1/ask", busy)
    page.press("#question", "Enter")
    expect(page.locator("#notes")).to_contain_text("Too many questions wait. Ask again in a moment.")
    expect(page.locator("#answers")).to_have_attribute("aria-busy", "false")


def test_a_fault_of_the_server_is_no_fault_of_the_page(asked: Open) -> None:
    page = asked(QUESTION)
    page.route("**/api/v1/counterfactuals", lambda route: route.fulfill(status=500, body="<h1>oh</h1>"))
    page.click("#find-counterfactuals")
    expect(page.locator("#notes")).to_contain_text("The server answered 500.")


@pytest.fixture
def guarded(serve_app: Callable[..., str]) -> str:
    """The address of a studio without models that wants a token."""
    return serve_app(create_app(Studio(), Gate(token="open sesame")))


def test_a_token_is_asked_for_and_used(studio_context: BrowserContext, guarded: str) -> None:
    page = studio_context.new_page()
    page.goto(guarded)
    page.fill("#token", "abracadabra")
    page.press("#token", "Enter")
    expect(page.locator("#token-dialog")).to_be_visible()  # a wrong one is asked for again
    page.fill("#token", "open sesame")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#status")).to_have_text("0 models")
    expect(page.locator(".stage.ready")).to_be_visible()
    expect(page.locator(".answer.oracle .answer-said")).to_be_visible()  # it answers without any model
    page.fill("#question", "")
    page.type("#question", "How many cyli")  # and completes its own words
    expect(page.locator("#question-list [role=option]")).to_have_text(["cylinder", "cylinders"])
    page.fill("#question", "How many cubez are there?")
    expect(page.locator("#question-note")).to_contain_text("Nobody here has learnt the word cubez")
