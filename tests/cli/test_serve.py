import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from visreason.cli.main import main
from visreason.zoo.shipped_models import shipped_names

COMMAND = [sys.executable, "-m", "visreason", "serve", "--port", "0"]

FIRST_ANSWER = """
import sys
import uvicorn
from starlette.testclient import TestClient
from visreason.cli.main import main

def answer(server, sockets):
    client = TestClient(server.config.app, base_url="http://127.0.0.1")
    scene = client.post("/api/v1/scenes/sample", json={"seed": 3}).json()["scene"]
    asked = {"question": "How many metal things are there?", "scene": scene}
    told = client.post("/api/v1/ask", json=asked).json()
    print(told["answers"][0]["error"], told["oracle"] is not None)

uvicorn.Server.run = answer
assert main(["serve", "snmn-vqa", "--port", "0"]) == 0
print(*sorted(set(sys.argv[1:]) & set(sys.modules)))
"""
"""Serves a shipped model, answers once in place of listening, and tells which of the modules it was given that took."""

UNNEEDED = (
    "matplotlib",
    "pandas",
    "scipy",
    "h5py",
    "lightning",
    "transformers",
    "sklearn",
    "ray",
    "joblib",
    "rich",
)
UNNEEDED_PARTS = ("visreason.tasks.training", "visreason.tasks.evaluation", "visreason.retrieval.extractor")


@pytest.fixture
def started(interruptible: None) -> Iterator[list[subprocess.Popen[str]]]:
    """Servers that a test started; they are ended."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def start(
    started: list[subprocess.Popen[str]], folder: Path, *arguments: str
) -> tuple[str, subprocess.Popen[str]]:
    """A server and its address."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    started.append(process)
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("the studio: http://127.0.0.1:"), line + (
        process.stderr.read() if process.stderr else ""
    )
    return line.split()[2].rstrip("/"), process


def get(url: str, token: str | None = None) -> object:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as response:
        return json.load(response)


def test_named_models_are_served_until_ctrl_c(
    started: list[subprocess.Popen[str]],
    region_models: dict[str, str],
    tiny_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arguments = (region_models["full"], "--data", str(tiny_data))
    monkeypatch.setenv("VISREASON_TOKEN", "secret")
    address, process = start(started, tmp_path, *arguments)
    listed = get(f"{address}/api/v1/models", "secret")
    assert isinstance(listed, list)
    assert [one["name"] for one in listed] == ["full"]
    assert get(f"{address}/api/v1/data", "secret") == {
        "splits": [{"split": "train", "images": 12}, {"split": "val", "images": 6}]
    }
    with pytest.raises(urllib.error.HTTPError, match="401"):
        get(f"{address}/api/v1/models")
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "loaded full: region-full, regions" in told
    assert "Traceback" not in told


def test_without_names_runs_and_shipped_models_are_served(
    started: list[subprocess.Popen[str]], tmp_path: Path
) -> None:
    unfinished = tmp_path / "runs" / "unfinished"
    unfinished.mkdir(parents=True)
    for name in ("config.yaml", "environment.json"):
        (unfinished / name).touch()
    address, process = start(started, tmp_path)
    listed = get(f"{address}/api/v1/models")
    assert isinstance(listed, list)
    assert [one["name"] for one in listed] == list(shipped_names())
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert "left out runs/unfinished" in told


def test_a_first_answer_imports_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    done = subprocess.run(  # a process of its own, as this one has imported everything
        [sys.executable, "-c", FIRST_ANSWER, *UNNEEDED, *UNNEEDED_PARTS],
        cwd=tmp_path,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[1:] == ["None True", ""]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "70000"], "--port is a number from 0 to 65535"),
        (["--host", "no.such.host.invalid", "--port", "0"], "cannot listen on no.such.host.invalid"),
        (["nothing", "--port", "0"], "there is no model nothing"),
        (["--data", "nowhere", "--port", "0"], "nowhere is no folder"),
        (["--index", "nowhere", "--port", "0"], "nowhere is no index"),
        (["--token", "", "--port", "0"], "a token is one or more letters"),
        (["--token", "open sesame", "--port", "0"], "a token is one or more letters"),
    ],
)
def test_what_is_wrong_is_one_clear_message(
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["serve", *arguments]) == 1
    told = capsys.readouterr()
    assert f"error: {message}" in told.err
    assert told.out == ""
