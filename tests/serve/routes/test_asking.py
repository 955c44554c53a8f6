import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from visreason.clevr.questions import QuestionEngine
from visreason.clevr.scene import Scene
from visreason.models import ModelFile
from visreason.serve.application import create_app
from visreason.serve.limits import Limits
from visreason.serve.loaded import LoadedModel
from visreason.serve.studio import Studio
from visreason.tasks.asking import ask_model

QUESTION = "How many red cubes are visible?"
ABLE = ["states", "pixels", "attention", "blind", "stack", "generator", "engine"]


def test_every_able_model_and_the_oracle_answer_about_a_scene(
    client: TestClient, record: dict[str, Any], tiny: Callable[[str], ModelFile], scene: Scene
) -> None:
    told = client.post("/ask", json={"question": QUESTION, "scene": record, "top": 2}).json()
    assert [one["model"] for one in told["answers"]] == ABLE
    assert all(one["error"] is None for one in told["answers"])
    assert told["oracle"]["answer"].isdigit()
    assert told["note"] is None
    first = told["answers"][0]
    alone = ask_model(tiny("states"), QUESTION, scene=scene, top=2).to_dict()
    alone = json.loads(json.dumps(alone))
    assert (first["answer"], first["trace"]) == (alone["answer"], alone["trace"])
    assert len(first["top"]) == 2
    authors = {one["model"]: one["program"]["author"] for one in told["answers"] if one["program"]}
    assert authors == {"generator": "model", "engine": "parser"}


def test_an_image_takes_the_place_of_the_scene_for_those_that_look(client: TestClient, noise: str) -> None:
    told = client.post("/ask", json={"question": QUESTION, "image": noise, "trace": False}).json()
    by_name = {one["model"]: one for one in told["answers"]}
    assert by_name["states"]["error"]["code"] == "wrong_use"
    assert by_name["pixels"]["error"] is None
    assert by_name["pixels"]["trace"] is None
    assert told["oracle"] is None
    assert "no scene" in told["note"]


def test_only_the_named_models_are_asked_each_once(client: TestClient) -> None:
    request = {"question": QUESTION, "models": ["blind", "generator", "blind"]}
    told = client.post("/ask", json=request).json()
    assert [one["model"] for one in told["answers"]] == ["blind", "generator"]
    refused = client.post("/ask", json={"question": QUESTION, "models": ["other"]})
    assert refused.status_code == 404
    assert "states, pixels" in refused.json()["error"]["message"]


def test_an_unknown_word_is_told_by_models_and_oracle_alike(
    client: TestClient, record: dict[str, Any]
) -> None:
    request = {"question": "How many red cubez?", "models": ["states"], "scene": record}
    told = client.post("/ask", json=request).json()
    assert told["answers"][0]["error"]["code"] == "unknown_word"
    assert "'cubes'" in told["answers"][0]["error"]["message"]
    assert "'cubes'" in told["note"]


def test_a_batch_is_the_same_as_its_questions(
    client: TestClient, record: dict[str, Any], scene: Scene
) -> None:
    texts = [question.text for question in QuestionEngine(seed=0).generate([scene], 10)]
    shared = {"scene": record, "models": ["states", "blind"], "top": 1}
    together = client.post("/ask/batch", json={"questions": texts, **shared}).json()["results"]
    assert [one["question"] for one in together] == texts
    for text, one in zip(texts, together, strict=True):
        alone = client.post("/ask", json={"question": text, "trace": False, **shared}).json()
        assert one["oracle"] == alone["oracle"]
        assert [each["answer"] for each in one["answers"]] == [each["answer"] for each in alone["answers"]]


def test_the_oracles_words_are_told(client: TestClient) -> None:
    told = client.get("/ask/words").json()
    assert {"cubes", "colour", "how"} <= set(told["questions"])
    assert "cube" in told["expressions"]
    assert "how" not in told["expressions"]


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"question": ""},
        {"question": "x" * 1001},
        {"question": QUESTION, "top": 0},
        {"question": QUESTION, "more": 1},
        {"question": QUESTION, "scene": {"objects": [{}]}},
        {"question": QUESTION, "image": "%"},
        {"question": "<script>alert(1)</script>", "top": 0},
    ],
)
def test_a_wrong_request_is_refused_and_never_echoed_as_a_page(
    client: TestClient, request_: dict[str, Any]
) -> None:
    refused = client.post("/ask", json=request_)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/json"
    assert refused.headers["x-content-type-options"] == "nosniff"
    assert set(refused.json()) == {"error"}
    assert "<script>" not in refused.text


@pytest.fixture
def held(tiny: Callable[[str], ModelFile]) -> Any:
    """A client of a studio whose one model is at work until it is let go; two may wait, for a moment."""
    limits = Limits(waiting=2, batch=1, seconds=0.2)
    model = LoadedModel("blind", tiny("blind"), limits)
    begun, may_go = threading.Event(), threading.Event()

    def hold(items: Any) -> Any:
        begun.set()
        assert may_go.wait(20)
        return items

    model.worker.submit(hold, None)
    assert begun.wait(10)
    studio = Studio({"blind": model}, limits)
    yield TestClient(create_app(studio), base_url="http://localhost/api/v1"), model
    may_go.set()
    studio.close()


def test_a_full_queue_is_told_with_when_to_come_again(held: Any) -> None:
    client, model = held
    for _ in range(2):
        model.worker.submit(lambda items: items, None)
    refused = client.post("/ask", json={"question": QUESTION})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json()["error"]["code"] == "busy"
    assert client.get("/ready").json()["waiting"]["the model blind"] == 2


def test_what_takes_too_long_is_told(held: Any) -> None:
    client, _ = held
    late = client.post("/ask", json={"question": QUESTION})
    assert (late.status_code, late.json()["error"]["code"]) == (504, "timeout")
