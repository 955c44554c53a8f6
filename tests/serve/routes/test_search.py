import dataclasses
import io
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from visreason.serve.application import create_app
from visreason.serve.studio import Studio


def test_words_scenes_and_images_find_images(client: TestClient, record: dict[str, Any], noise: str) -> None:
    assert client.get("/index").json()["images"] == 6
    for sought, is_scene in (
        ({"text": "red cube"}, True),
        ({"scene": record}, True),
        ({"image": noise}, False),
    ):
        told = client.post("/search", json={**sought, "k": 4}).json()
        assert len({one["number"] for one in told["results"]}) == 4
        distances = [one["distance"] for one in told["results"]]
        assert distances == sorted(distances)
        assert (told["scene"] is not None) == is_scene
    number = told["results"][0]["number"]
    sizes = [
        Image.open(io.BytesIO(client.get(f"/index/images/{number}/image?small={small}").content)).width
        for small in ("true", "false")
    ]
    assert sizes == [240, 48]
    known = client.get(f"/index/images/{number}").json()
    assert known["image"]
    assert known["scene"]["image_filename"] == known["image_filename"]


def test_what_is_not_understood_is_told(client: TestClient) -> None:
    refused = client.post("/search", json={"text": "red cubb"})
    assert refused.status_code == 422
    assert "cube" in refused.json()["error"]["message"]
    assert client.post("/search", json={}).status_code == 422
    for path in ("/index/images/77", "/index/images/-1/image", "/index/images/..%2f0"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/index"), ("POST", "/search"), ("GET", "/index/images/0"), ("GET", "/index/images/0/image")],
)
def test_without_an_index_there_is_nothing_to_search(method: str, path: str) -> None:
    studio = Studio()
    client = TestClient(create_app(studio), base_url="http://localhost/api/v1")
    refused = client.request(method, path, json={"text": "cube"} if method == "POST" else None)
    assert refused.status_code == 404
    assert "--index" in refused.json()["error"]["message"]
    studio.close()


def test_scenes_without_images_are_drawn(
    client: TestClient, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = studio.searchable().index
    settings = dataclasses.replace(index.settings, images=None)
    monkeypatch.setattr(studio.searchable(), "index", dataclasses.replace(index, settings=settings))
    assert not client.get("/index/images/3").json()["image"]
    drawn = client.get("/index/images/3/image?small=true")
    assert Image.open(io.BytesIO(drawn.content)).size == (240, 160)
    bare = dataclasses.replace(settings, scenes=None)
    monkeypatch.setattr(studio.searchable(), "index", dataclasses.replace(index, settings=bare))
    assert client.get("/index/images/3").json()["scene"] is None
    assert client.get("/index/images/3/image").status_code == 404
