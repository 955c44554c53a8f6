"""How many questions a second the studio's server answers, and how long the slowest wait, beside one alone.

A server in a process of its own serves an untrained network of the recipe rn-quick on loopback. Clients that keep their
connections ask it about scenes, first one question at a time, then many at once, fewer than the server lets wait.
"""

import http.client
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from visreason.benchmarks.row import Row
from visreason.clevr.questions import QuestionEngine
from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene, scene_to_json
from visreason.models import build_model, save_model
from visreason.tasks.recipes.model_settings import model_config
from visreason.zoo.catalogue import load_recipe
from visreason.zoo.counting import usual_meta

CLIENTS = 32
"""Half of what may wait at a model."""

_SCENES = 8
_PICTURES = 6
_ALIKE = 1e-4
"""Probabilities that differ by less are the same."""

Request = tuple[str, dict[str, Any]]
"""A path, and what is sent there."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a request: how long it took, and its body; None where it was refused."""

    seconds: float
    body: bytes | None


def run(requests: int = 640, clients: int = CLIENTS) -> list[Row]:
    """Ask a server one question at a time, then many at once.

    Args:
        requests: how many questions are asked.
        clients: how many ask at once.

    Returns:
        Seconds from the start of the process to its first answer; milliseconds of a question alone (median); questions
        a second of all clients together, as a ratio to one client alone, and whether all answers are the same; the
        99th percentile of milliseconds then; how many requests failed; milliseconds of a picture of 480x320 (median).
    """
    asked = _questions(requests)
    pictures = [
        ("/api/v1/scenes/render", {"scene": scene_to_json(_scene(_SCENES + number))})
        for number in range(_PICTURES)
    ]
    with tempfile.TemporaryDirectory() as folder, _server(Path(folder)) as (address, started):
        _send(address, asked[:1])
        first = time.perf_counter() - started
        alone, one_by_one = _timed(address, asked, 1)
        together, at_once = _timed(address, asked, clients)
        drawn = _send(address, pictures)[1:]  # the first loads the renderer
    replies = [*alone, *together, *drawn]
    same = all(_same(one, other) for one, other in zip(alone, together, strict=True))
    slowest = float(np.quantile([reply.seconds for reply in together], 0.99))
    return [
        Row(name="serving.first-answer", value=first, unit="s"),
        Row(name="serving.alone", value=_milliseconds(alone), unit="ms"),
        Row(
            name="serving.together",
            value=requests / at_once,
            unit="questions/s",
            ratio=one_by_one / at_once,
            equal=same,
        ),
        Row(name="serving.99th-percentile", value=1000 * slowest, unit="ms"),
        Row(name="serving.failed", value=sum(reply.body is None for reply in replies), unit="requests"),
        Row(name="serving.rendering", value=_milliseconds(drawn), unit="ms"),
    ]


def _scene(number: int) -> Scene:
    return sample_scene(scene_rng(0, "bench", number), number, "bench")


def _questions(count: int) -> list[Request]:
    """Questions about a few scenes in turn."""
    scenes = [_scene(number) for number in range(_SCENES)]
    records = [scene_to_json(scene) for scene in scenes]
    made = [list(QuestionEngine(seed=0).generate([scene], 40)) for scene in scenes]
    return [
        (
            "/api/v1/ask",
            {
                "question": made[i % _SCENES][(i // _SCENES) % len(made[i % _SCENES])].text,
                "scene": records[i % _SCENES],
                "trace": False,
            },
        )
        for i in range(count)
    ]


@contextmanager
def _server(folder: Path) -> Iterator[tuple[str, float]]:
    """A server's address, and when its process was started."""
    recipe = load_recipe("rn-quick")
    meta = usual_meta(recipe)
    save_model(folder / "rn.safetensors", build_model(recipe.model.family, model_config(recipe, meta)), meta)
    command = [sys.executable, "-m", "visreason", "serve", "rn.safetensors", "--port", "0"]
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        yield urlsplit(process.stdout.readline().split()[2]).netloc, started
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()


def _timed(address: str, requests: Sequence[Request], clients: int) -> tuple[list[Reply], float]:
    """The replies to requests that clients share out among them, and the seconds until the last."""
    start = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        shares = list(pool.map(lambda place: _send(address, requests[place::clients]), range(clients)))
    seconds = time.perf_counter() - start
    return [shares[i % clients][i // clients] for i in range(len(requests))], seconds


def _send(address: str, requests: Sequence[Request]) -> list[Reply]:
    """The replies to requests that one client sends one after the other."""
    replies = []
    with closing(http.client.HTTPConnection(address, timeout=120)) as connection:
        for path, request in requests:
            start = time.perf_counter()
            connection.request("POST", path, json.dumps(request), {"Content-Type": "application/json"})
            response = connection.getresponse()
            body = response.read()
            replies.append(Reply(time.perf_counter() - start, body if response.status == 200 else None))
    return replies


def _same(one: Reply, other: Reply) -> bool:
    """Whether two replies give the same answer with the same probability."""
    if one.body is None or other.body is None:
        return False
    first, second = (json.loads(body)["answers"][0]["top"][0] for body in (one.body, other.body))
    return bool(
        first["answer"] == second["answer"] and abs(first["probability"] - second["probability"]) < _ALIKE
    )


def _milliseconds(replies: Sequence[Reply]) -> float:
    return 1000 * float(np.median([reply.seconds for reply in replies]))
