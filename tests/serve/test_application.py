import pytest
from fastapi.testclient import TestClient

from visreason.serve.application import create_app
from visreason.serve.guard import Gate
from visreason.serve.studio import Studio


@pytest.fixture
def locked(studio: Studio) -> TestClient:
    return TestClient(create_app(studio, Gate(token="secret")), base_url="http://localhost")


def test_the_token_is_needed_for_all_but_the_page_and_the_signs_of_life(
    locked: TestClient, studio: Studio
) -> None:
    for path in ("/api/v1/health", "/api/v1/ready", "/api/v1/openapi.json", "/api/v1/docs", "/"):
        assert locked.get(path).status_code == 200, path
    for path, methods in create_app(studio).openapi()["paths"].items():
        if path.endswith(("/health", "/ready")):
            continue
        for method in methods:
            assert locked.request(method, path).status_code == 401, path
    right = {"authorization": "Bearer secret"}
    assert locked.get("/api/v1/models", headers=right).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/nothing", "/api", "/api/v2/health"])
def test_what_is_not_there_is_told_in_the_same_form(client: TestClient, path: str) -> None:
    refused = client.get(f"http://localhost{path}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "not_found")


def test_another_method_is_told_in_the_same_form(client: TestClient) -> None:
    refused = client.get("/ask")
    assert (refused.status_code, refused.json()["error"]["code"]) == (405, "not_allowed")
    assert refused.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[]", 422),
        (b"null", 422),
        (b'"text"', 422),
        (b"H_X\xfa\xfb", 400),
        (b"[" * 100_000, 400),
        (b'{"question": NaN}', 422),
        (b'{"question": "a", "top": 1e999}', 422),
    ],
)
def test_a_body_that_is_no_request_is_refused(client: TestClient, body: bytes, status: int) -> None:
    refused = client.post("/ask", content=body, headers={"content-type": "application/json"})
    assert refused.status_code == status
    assert refused.json()["error"]["message"]


def test_nothing_is_allowed_to_other_origins(client: TestClient) -> None:
    headers = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    asked = client.options("/ask", headers=headers)
    assert asked.status_code == 405
    assert not [name for name in asked.headers if name.startswith("access-control")]
