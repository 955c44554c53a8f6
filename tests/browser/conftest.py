"""A real browser, and a studio of tiny untrained models that it can open."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, Response, ViewportSize, expect, sync_playwright
from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.questions_file import read_questions
from visreason.clevr.referring_file import iter_expressions
from visreason.cli.main import main
from visreason.data.regions.folder import read_regions
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.models import ModelFile, build_model, load_model, save_model
from visreason.serve.application import create_app
from visreason.serve.limits import Limits
from visreason.serve.loaded import LoadedModel
from visreason.serve.searching import SearchableIndex
from visreason.serve.shown_data import ShownData
from visreason.serve.studio import Studio
from visreason.tasks.folders import data_folder
from visreason.tasks.material import GENERATED
from visreason.tasks.region_data import region_folder
from visreason.tasks.run_folder import RunFolder
from visreason.zoo.catalogue import load_recipe

SIZE: ViewportSize = {"width": 1040, "height": 800}
"""Of every window."""

THREE_PLACES = [[-1.2, 1.1], [1.5, -1.0], [1.8, 1.9]]
"""Where the three objects of most tests stand on the floor."""

SIZES: dict[str, Any] = {"vocabulary_size": 82, "answer_count": 28}
STATES = {"kind": "state", "encoding": "onehot", "max_objects": 10}
PIXELS = {"kind": "pixels", "image_size": [32, 48]}
GRID = {"kind": "pixels", "shape": [3, 32, 48], "channels": [4, 4], "coordinates": True}
LANGUAGE = {"functions": CLEVR_VOCABULARY.functions, "arities": CLEVR_VOCABULARY.arities}
STACK = {"dim": 8, "word_size": 6, "lstm_hidden": 8, "position_size": 4, "memory_size": 8, "answer_hidden": 8}
PAIRS = {"g_widths": [8, 8], "f_widths": [8], "lstm_hidden": 6, "input": "state", "object_size": 18}
WRITER = {"vocabulary_size": 82, "word_size": 5, "hidden": 8, "longest": 12, "grammar": True}
MODELS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "pairs": ("relation-network", SIZES | PAIRS, STATES),
    "stack": ("stack-nmn", SIZES | STACK | {"image": GRID, "locate": {"frame": [320, 480]}}, PIXELS),
    "writer": ("program-generator", WRITER | LANGUAGE | CLEVR_VOCABULARY.types, {"kind": "question"}),
}
"""Name to family, configuration and inputs of the models that answer."""


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield browser
        browser.close()


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port of this machine; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        server.should_exit = True
        thread.join()


@pytest.fixture
def serve_app() -> Iterator[Callable[[FastAPI], str]]:
    """Serves applications until the test is over."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(serving(app))


def tiny_file(name: str) -> ModelFile:
    """A tiny untrained model, always the same."""
    family, config, inputs = MODELS[name]
    torch.manual_seed(0)
    model = build_model(family, config).eval()
    meta = {"vocabulary": CLEVR_VOCABULARY.to_dict(), "inputs": inputs, "recipe": "mine"}
    return ModelFile(model, family, model.config, meta)


SHARE = {"value": 1 / 3, "low": 0.06, "high": 0.79, "count": 3}


def write_results(run: RunFolder, metrics: dict[str, Any], predictions: list[dict[str, Any]]) -> None:
    """What `visreason test` leaves in a run."""
    run.results.mkdir(parents=True)
    (run.results / "metrics.json").write_text(json.dumps({"split": "val"} | metrics))
    (run.results / "predictions.jsonl").write_text("\n".join(map(json.dumps, predictions)))


def answered(run: RunFolder, data: Path) -> RunFolder:
    """A run that was tested on three questions, two of which it answered wrongly: "purple" and "9"."""
    asked = read_questions(ClevrFolder(data).questions_file("val"))
    predictions = [
        {
            "question_index": one.index,
            "image_filename": one.image_filename,
            "answer": one.answer,
            "prediction": said or one.answer,
            "probability": 0.5,
            "correct": said is None,
            "type": one.type,
        }
        for one, said in zip(asked, (None, "purple", "9"), strict=False)
    ]
    accuracy = {"overall": SHARE, "by_type": {"count": SHARE, "query_color": SHARE}}
    write_results(run, {"task": "answering", "data": str(data), "accuracy": accuracy}, predictions)
    return run


def located(folder: Path) -> RunFolder:
    """A run that located one expression of its own generated world, beside the true box."""
    world = {"world.scenes": 1, "world.validation_scenes": 1, "world.refexps_per_scene": 1}
    run = RunFolder.create(folder, load_recipe("snmn-loc-quick", world), None)
    made = data_folder(run.recipe(), None, ["val"], Console(quiet=True))
    (one,) = iter_expressions(made.referring_file("val"))
    told = {"question_index": one.index, "image_filename": one.image_filename, "box": one.box, "iou": 0.0}
    told |= {"prediction": [1, 2, 30, 20], "probability": 0.5, "correct": False, "type": "attributes"}
    write_results(run, {"task": "locating", "data": GENERATED, "iou50": {"overall": SHARE}}, [told])
    return run


def named(folder: Path, model: ModelFile) -> RunFolder:
    """A run that named one region of its own generated world wrongly; the model learns what the classes are called."""
    world = {"world.images": 1, "world.validation_images": 1, "world.image_size": 64}
    run = RunFolder.create(folder, load_recipe("region-full-quick", world), None)
    regions = read_regions(region_folder(run.recipe(), None, ["val"], Console(quiet=True)), "val")
    image = regions.images[0]
    here = dict.fromkeys([*image.labels.tolist(), *range(1, 6)])
    model.meta["classes"] = ["__background__", *(regions.classes[label] for label in list(here)[:5])]
    told = {"image_filename": image.file.name, "region": image.ids[1], "box": image.boxes[1].tolist()}
    told |= {"answer": regions.classes[image.labels[1]], "prediction": "cup", "correct": False}
    metrics = {"task": "regions", "data": GENERATED, "per_instance_ac": {"overall": SHARE}}
    write_results(run, metrics, [told | {"probability": 0.5}])
    return run


@pytest.fixture(scope="session")
def studio_url(
    tmp_path_factory: pytest.TempPathFactory, tiny_data: Path, region_models: dict[str, str]
) -> Iterator[str]:
    """The address of a studio with models of every task, data, results and an index."""
    folder = tmp_path_factory.mktemp("studio")
    limits = Limits(seconds=120)
    files = {name: tiny_file(name) for name in MODELS}
    files["regions"] = load_model(region_models["full"])
    runs = {
        "pairs": answered(RunFolder(folder / "answered"), tiny_data),
        "stack": located(folder / "located"),
        "regions": named(folder / "named", files["regions"]),
    }
    models = {
        name: LoadedModel(name, file, limits, runs[name].path if name in runs else None)
        for name, file in files.items()
    }
    pairs = folder / "pairs.safetensors"
    save_model(pairs, files["pairs"].model, files["pairs"].meta)
    assert (
        main(["index", str(pairs), str(tiny_data), str(folder / "index"), "--split", "val", "--layer", "g1"])
        == 0
    )
    index = SearchableIndex.open(folder / "index", limits)
    with serving(create_app(Studio(models, limits, ShownData(tiny_data), index))) as url:
        yield url


@contextmanager
def window(browser: Browser) -> Iterator[BrowserContext]:
    """A window of its own, as wide as those of all tests."""
    expect.set_options(timeout=40_000)
    context = browser.new_context(viewport=SIZE, reduced_motion="reduce")
    context.set_default_timeout(40_000)
    yield context
    context.close()


@contextmanager
def watched(page: Page, url: str) -> Iterator[Page]:
    """Errors in a page, whatever its content security policy refused, and requests to elsewhere fail the test."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda told: problems.append(told.text) if "Policy" in told.text else None)
    own = (url, "data:", "blob:")
    page.on("request", lambda one: None if one.url.startswith(own) else problems.append(one.url))
    yield page
    assert problems == []


def settled(page: Page, fragment: str) -> Page:
    """The page with a picture, or with results, on it."""
    expect(page.locator("#status")).to_contain_text("models")
    if not fragment.startswith("#results"):
        expect(page.locator(".stage.ready")).to_be_visible()
    return page


@pytest.fixture
def studio_context(browser: Browser) -> Iterator[BrowserContext]:
    """A window of the test's own."""
    with window(browser) as context:
        yield context


@pytest.fixture
def open_studio(studio_context: BrowserContext, studio_url: str) -> Iterator[Callable[[str], Page]]:
    """Opens the studio at a fragment, in the test's own window."""

    def opened(fragment: str = "") -> Page:
        page.goto(f"{studio_url}{fragment}")
        return settled(page, fragment)

    with watched(studio_context.new_page(), studio_url) as page:
        yield opened


@pytest.fixture(scope="module")
def shared_page(browser: Browser, studio_url: str) -> Iterator[Page]:
    """A studio that the tests of a file use one after the other: loading it takes longer than most tests."""
    with window(browser) as context, watched(context.new_page(), studio_url) as page:
        page.goto(studio_url)
        yield settled(page, "")


@pytest.fixture
def follow(shared_page: Page) -> Iterator[Callable[[str], Page]]:
    """Goes to a fragment in the shared studio, as readers do who follow a link."""

    def followed(fragment: str) -> Page:
        shared_page.evaluate(
            "to => { history.pushState(null, '', to); dispatchEvent(new PopStateEvent('popstate')); }",
            fragment,
        )
        return settled(shared_page, fragment)

    yield followed
    shared_page.unroute_all()
    shared_page.emulate_media(color_scheme="null", reduced_motion="reduce")
    shared_page.set_viewport_size(SIZE)


@pytest.fixture(scope="session")
def three_objects() -> str:
    """A scene of three objects, as fragments tell it."""
    return (
        "scene=large-red-metal-cube@{},{},0.5~small-blue-rubber-sphere@{},{},0~large-green-rubber-cylinder@{},{},0"
        "&camera=7.48,-6.51,5.34"
    ).format(*(f"{x:g}" for place in THREE_PLACES for x in place))


@pytest.fixture
def asked(follow: Callable[[str], Page], shared_page: Page, three_objects: str) -> Callable[[str], Page]:
    """Asks a question about `three_objects` in the shared studio, and waits for the answers."""

    def ours(told: Response, question: str) -> bool:
        """Whether it answers this very question: what the test before moved may be asked about until now."""
        if not told.url.endswith("/api/v1/ask"):
            return False
        sent: dict[str, Any] = told.request.post_data_json or {}
        places = [thing["3d_coords"][:2] for thing in sent.get("scene", {}).get("objects", [])]
        return sent.get("question") == question and places == THREE_PLACES

    def ask(question: str) -> Page:
        with shared_page.expect_response(lambda told: ours(told, question)):
            page = follow(f"#ask?question={question.replace(' ', '+')}&{three_objects}")
        expect(page.locator("#answers [data-model]")).to_have_count(3)
        expect(page.locator("#answers")).to_have_attribute("aria-busy", "false")
        return page

    return ask


@pytest.fixture
def asked_alone(open_studio: Callable[[str], Page], three_objects: str) -> Callable[[str], Page]:
    """As `asked`, in the test's own window."""

    def ask(question: str) -> Page:
        page = open_studio(f"#ask?question={question.replace(' ', '+')}&{three_objects}")
        expect(page.locator("#answers [data-model]")).to_have_count(3)
        return page

    return ask
