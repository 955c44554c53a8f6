import io
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from visreason.clevr.folder import ClevrFolder
from visreason.data.images import load_image


def test_the_data_can_be_looked_through(client: TestClient, tiny_data: Path) -> None:
    splits = client.get("/data").json()["splits"]
    assert splits == [{"split": "train", "images": 12}, {"split": "val", "images": 6}]
    picture = client.get("/data/val/2").json()
    assert client.post("/scenes/check", json={"scene": picture["scene"]}).json()["valid"]
    image = client.get("/data/val/2/image")
    stored = load_image(ClevrFolder(tiny_data).images_dir("val") / picture["image_filename"])
    assert (np.asarray(Image.open(io.BytesIO(image.content))) == stored).all()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/data/val/6", 404),
        ("/data/test/0", 404),
        ("/data/val/-1/image", 404),
        ("/data/val/x", 422),
        ("/data/%2e%2e/0/image", 404),
        ("/data/..%2f..%2fetc/0", 404),
        ("/data/val/0%2f..%2f..%2fscenes", 404),
    ],
)
def test_nothing_else_can(client: TestClient, path: str, status: int) -> None:
    refused = client.get(path)
    assert refused.status_code == status
    assert "error" in refused.json()
