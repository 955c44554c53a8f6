from html.parser import HTMLParser

from fastapi.testclient import TestClient

from visreason.serve.application import create_app
from visreason.serve.routes_page import routes_page
from visreason.serve.studio import Studio


class Links(HTMLParser):
    """Collects what a page links to, its anchors, and what it loads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.to: set[str] = set()
        self.anchors: set[str] = set()
        self.loaded: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "a":
            self.to.add(given["href"])
        if "id" in given:
            self.anchors.add(f"#{given['id']}")
        if tag in ("link", "script", "img", "iframe"):
            self.loaded.append(given.get("href", given.get("src", "inline")))


def test_the_page_has_every_route_and_every_link_leads_somewhere(client: TestClient) -> None:
    page = client.get("/docs").text
    found = Links(page)
    assert found.to
    assert found.to <= found.anchors
    assert found.loaded == ["/api/v1/docs.css"]
    assert client.get("/docs.css").headers["content-type"].startswith("text/css")
    for path in client.get("/openapi.json").json()["paths"]:
        assert f"<code>{path}</code>" in page


def test_what_a_description_says_is_escaped() -> None:
    operation = {"tags": ["<b>"], "description": "<script>alert(1)</script>", "responses": {}}
    page = routes_page({"info": {"title": "<i>"}, "paths": {"/<u>": {"get": operation}}}, '"><script>')
    assert not {"<b>", "<script>", "<i>", "<u>"} & {
        tag for tag in ("<b>", "<script>", "<i>", "<u>") if tag in page
    }


def test_the_description_is_complete() -> None:
    studio = Studio()
    document = create_app(studio).openapi()
    studio.close()
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["description"].endswith((".", "`", ")")), path
            if "requestBody" in operation:
                assert {"400", "401", "413", "422", "503", "504"} <= operation["responses"].keys(), path
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("description"), name
