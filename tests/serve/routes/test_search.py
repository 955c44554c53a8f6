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
    picture = client.get(f"/index/images/{told['results'][0]['number']}")
    assert Image.open(io.BytesIO(picture.content)).width == 240


def test_what_is_not_understood_is_told(client: TestClient) -> None:
    refused = client.post("/search", json={"text": "red cubb"})
    assert refused.status_code == 422
    assert "cube" in refused.json()["error"]["message"]
    assert client.post("/search", json={}).status_code == 422
    assert client.get("/index/images/77").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/index"), ("POST", "/search"), ("GET", "/index/images/0")]
)
def test_without_an_index_there_is_nothing_to_search(method: str, path: str) -> None:
    studio = Studio()
    client = TestClient(create_app(studio), base_url="http://localhost/api/v1")
    refused = client.request(method, path, json={"text": "cube"} if method == "POST" else None)
    assert refused.status_code == 404
    assert "--index" in refused.json()["error"]["message"]
    studio.close()
