from typing import Any

import pytest
from fastapi.testclient import TestClient

from visreason.clevr.scene import Scene


def test_models_point_and_the_oracle_knows_the_box(
    client: TestClient, record: dict[str, Any], scene: Scene
) -> None:
    thing = scene.objects[0]
    expression = f"the {thing.size} {thing.color} {thing.material} {thing.shape}"
    told = client.post("/locate", json={"expression": expression, "scene": record}).json()
    assert (told["width"], told["height"]) == (480, 320)
    assert [one["model"] for one in told["boxes"]] == ["stack"]
    assert len(told["boxes"][0]["box"]) == 4
    assert told["boxes"][0]["trace"]["family"] == "stack-nmn"
    assert told["oracle"]["object"] == 0
    x, y, width, height = told["oracle"]["box"]
    assert x <= thing.pixel[0] <= x + width
    assert y <= thing.pixel[1] <= y + height


def test_boxes_are_in_pixels_of_the_image_that_was_sent(client: TestClient, noise: str) -> None:
    request = {"expression": "the red cube", "image": noise, "trace": False}
    told = client.post("/locate", json=request).json()
    assert (told["width"], told["height"], told["oracle"]) == (90, 60, None)
    x, y, width, height = told["boxes"][0]["box"]
    assert 0 <= x <= x + width <= 90
    assert 0 <= y <= y + height <= 60


def test_what_cannot_be_located_is_told(client: TestClient, noise: str) -> None:
    nothing = client.post("/locate", json={"expression": "the red cube"})
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (422, "wrong_use")
    request = {"expression": "the red cube", "image": noise, "models": ["blind"]}
    assert client.post("/locate", json=request).json()["boxes"][0]["error"]["code"] == "wrong_model"


def test_regions_are_named_before_and_after(client: TestClient, noise: str) -> None:
    request = {"image": noise, "boxes": [[4, 4, 30, 20], [40, 30, 50, 40]], "model": "regions", "top": 2}
    told = client.post("/regions", json=request).json()
    assert told["family"] == "region-full"
    assert [one["box"] for one in told["regions"]] == [[4.0, 4.0, 30.0, 20.0], [40.0, 30.0, 50.0, 30.0]]
    assert all(len(one["top"]) == 2 and one["predictions"] for one in told["regions"])


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"boxes": [[4, 4, 0, 20]]}, 422),
        ({"boxes": [[400, 4, 10, 20]]}, 422),
        ({"boxes": []}, 422),
        ({"boxes": [[1, 2, 3]]}, 422),
        ({"model": "blind"}, 422),
        ({"model": "other"}, 404),
        ({"image": "aGVsbG8="}, 422),
    ],
)
def test_wrong_regions_are_refused(
    client: TestClient, noise: str, change: dict[str, Any], status: int
) -> None:
    request = {"image": noise, "boxes": [[4, 4, 30, 20]], "model": "regions"} | change
    assert client.post("/regions", json=request).status_code == status
