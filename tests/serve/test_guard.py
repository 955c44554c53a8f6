import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from visreason.serve import failures
from visreason.serve.guard import LOOPBACK, Gate, Guard
from visreason.serve.headers import SECURITY_HEADERS
from visreason.serve.limits import Limits

LIMITS = Limits(body_bytes=1000, seconds=5)


def guarded(gate: Gate, limits: Limits = LIMITS) -> TestClient:
    """An application that tells how long the body was, behind a guard of 1,000 bytes."""
    app = FastAPI()
    failures.install(app)

    @app.post("/api/length")
    async def length(request: Request) -> int:
        return len(await request.body())

    @app.get("/api/open")
    @app.get("/page")
    async def page() -> str:
        return "here"

    @app.get("/api/broken")
    async def broken() -> None:
        raise RuntimeError("a secret place: /root")

    app.add_middleware(Guard, gate=gate, limits=limits)
    return TestClient(app, base_url="http://localhost:8000", raise_server_exceptions=False)


def code(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_a_body_within_the_bound_passes() -> None:
    assert guarded(Gate()).post("/api/length", content=bytes(1000)).json() == 1000


def test_a_longer_body_is_refused_by_its_head() -> None:
    assert code(guarded(Gate()).post("/api/length", content=bytes(1001))) == (413, "too_large")


def test_a_longer_body_is_refused_where_its_length_is_not_told() -> None:
    def parts() -> Iterator[bytes]:
        for _ in range(20):
            yield bytes(100)

    assert code(guarded(Gate()).post("/api/length", content=parts())) == (413, "too_large")


@pytest.mark.parametrize("length", ["-1", "1e3", "x", "²", "9" * 30])
def test_a_length_that_is_none_is_refused(length: str) -> None:
    headers = {"content-length": length.encode("latin-1")}
    response = guarded(Gate()).post("/api/length", headers=headers)
    assert response.status_code in (400, 413)


@pytest.mark.parametrize(
    "given",
    ["", "Bearer", "Bearer ", "Bearer wrong", "bearer secret", "Bearer secret ", "secret", "Bearer sécret"],
)
def test_a_wrong_token_is_refused(given: str) -> None:
    response = guarded(Gate(token="secret")).post("/api/length", headers={"authorization": given.encode()})
    assert code(response) == (401, "unauthorised")
    assert response.headers["www-authenticate"] == "Bearer"


def test_the_token_opens_and_some_paths_need_none() -> None:
    client = guarded(Gate(token="secret", open=("/api/open",)))
    assert client.post("/api/length", headers={"authorization": "Bearer secret"}).json() == 0
    assert client.get("/api/open").status_code == 200
    assert client.get("/page").status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil.example:8000", "", "127.0.0.2"]
)
def test_another_name_for_this_machine_is_refused(host: str) -> None:
    assert code(guarded(Gate()).get("/page", headers={"host": host})) == (403, "wrong_host")
    assert guarded(Gate(hosts=None)).get("/page", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("host", [*sorted(LOOPBACK), "localhost:8000", "[::1]:8000", "LocalHost"])
def test_its_own_names_are_known(host: str) -> None:
    assert guarded(Gate()).get("/page", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_pages_of_other_sites_may_not_call_the_api_but_may_link_to_the_page(site: str) -> None:
    headers = {"sec-fetch-site": site}
    assert code(guarded(Gate()).post("/api/length", headers=headers)) == (403, "wrong_origin")
    assert guarded(Gate()).get("/page", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/page", "/nowhere", "/api/length", "/api/broken"])
def test_every_response_carries_the_security_headers(path: str) -> None:
    headers = guarded(Gate()).get(path).headers
    assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert headers.get("cache-control", "no-store") == "no-store"
    assert "access-control-allow-origin" not in headers


def test_only_so_many_are_let_in_at_once() -> None:
    app = FastAPI()
    failures.install(app)
    inside, may_go = threading.Semaphore(0), threading.Event()

    @app.get("/api/slow")
    def slow() -> str:
        inside.release()
        assert may_go.wait(20)
        return "done"

    app.add_middleware(Guard, gate=Gate(), limits=Limits(requests=2))
    with TestClient(app, base_url="http://localhost") as client, ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(client.get, "/api/slow") for _ in range(2)]
        assert all(inside.acquire(timeout=20) for _ in waiting)
        refused = client.get("/api/slow")
        may_go.set()
        assert [one.result(20).status_code for one in waiting] == [200, 200]
        assert client.get("/api/slow").status_code == 200
    assert (code(refused), refused.headers["retry-after"]) == ((503, "busy"), "1")


def test_a_fault_of_ours_tells_nothing_of_the_server() -> None:
    response = guarded(Gate()).get("/api/broken")
    assert code(response) == (500, "internal")
    assert "/root" not in response.text
