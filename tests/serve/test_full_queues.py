"""A queue that is full refuses its own requests, and only these."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.testclient import TestClient

from visreason.serve.studio import Studio
from visreason.serve.worker import Worker

QUESTION = {"question": "How many red cubes are visible?"}


@contextmanager
def full(worker: Worker, most: int) -> Iterator[None]:
    """Let a worker work until the end, with as much waiting as may; what waited is done then."""
    begun, may_go = threading.Event(), threading.Event()

    def hold(items: Any) -> Any:
        begun.set()
        assert may_go.wait(20)
        return items

    worker.submit(hold, None)
    assert begun.wait(10)
    waiting = [worker.submit(hold, None) for _ in range(most)]
    try:
        yield
    finally:
        may_go.set()
        assert waiting[-1].result(20) is None


def requests(record: dict[str, Any], noise: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Thread to a request that needs it."""
    boxes = {"image": noise, "boxes": [[1, 1, 30, 30]], "model": "regions"}
    fresh = record | {"camera": [7.5, -6.5, 5.25]}  # not among the pictures that are kept
    return {
        "the renderer": ("/scenes/render", {"scene": fresh, "width": 30, "height": 20}),
        "the model blind": ("/ask", QUESTION | {"models": ["blind"]}),
        "the model states": (
            "/ask/batch",
            {"questions": ["Is it red?"], "scene": record, "models": ["states"]},
        ),
        "the model stack": ("/locate", {"expression": "the cube", "image": noise}),
        "the model regions": ("/regions", boxes),
        "the index": ("/search", {"image": noise}),
    }


@pytest.mark.parametrize("name", requests({}, ""))
def test_a_full_queue_refuses_what_needs_it_and_nothing_else(
    client: TestClient, studio: Studio, record: dict[str, Any], noise: str, name: str
) -> None:
    asked = requests(record, noise)
    (worker,) = (worker for worker in studio.workers if worker.name == name)
    with full(worker, studio.limits.waiting):
        for other, (path, body) in asked.items():
            told = client.post(path, json=body)
            if other == name:
                assert (told.status_code, told.headers["retry-after"]) == (503, "1")
                assert told.json()["error"]["code"] == "busy"
                assert name in told.json()["error"]["message"]
            elif other != "the renderer":  # whose picture would be kept for the next round
                assert told.status_code == 200, other
    path, body = asked[name]
    assert client.post(path, json=body).status_code == 200
