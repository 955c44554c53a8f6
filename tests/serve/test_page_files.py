from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from visreason.serve.page_files import PAGE, add_page, read_page


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    page = tmp_path / "page"
    (page / "core").mkdir(parents=True)
    (page / "index.html").write_text("<!doctype html>")
    (page / "core" / "api.js").write_text("export {}")
    (page / "notes.txt").write_text("not to be served")
    (tmp_path / "secret.html").write_text("not to be served")
    return page


@pytest.fixture
def client(folder: Path) -> TestClient:
    app = FastAPI()
    add_page(app, read_page(folder))
    return TestClient(app)


def test_every_file_of_a_known_kind_is_served_with_its_type(client: TestClient) -> None:
    assert client.get("/").text == client.get("/index.html").text == "<!doctype html>"
    module = client.get("/core/api.js")
    assert (module.text, module.headers["content-type"]) == ("export {}", "text/javascript; charset=utf-8")


def test_an_unchanged_file_is_not_sent_again(client: TestClient) -> None:
    tag = client.get("/core/api.js").headers["etag"]
    again = client.get("/core/api.js", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/notes.txt",
        "/secret.html",
        "/../secret.html",
        "/%2e%2e/secret.html",
        "/core/",
        "/core",
        "//etc/passwd",
    ],
)
def test_nothing_else_is(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_what_is_added_later_is_not_served_before_a_restart(client: TestClient, folder: Path) -> None:
    (folder / "new.js").write_text("")
    (folder / "index.html").write_text("changed")
    assert client.get("/new.js").status_code == 404
    assert client.get("/").text == "<!doctype html>"


def test_our_own_page_is_small_and_asks_nobody_else() -> None:
    files = read_page(PAGE)
    code = {path: file.content for path, file in files.items() if not file.type.startswith("image/")}
    assert "/" in code
    assert sum(len(content) for path, content in code.items() if path != "/") < 300_000
    for path, content in code.items():
        assert b"//cdn" not in content, path
        assert b"https://" not in content.replace(b"https://www.w3.org", b""), path
