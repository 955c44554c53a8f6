import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import Scene
from visreason.render import render
from visreason.serve.failures import ApiError
from visreason.serve.limits import Limits
from visreason.serve.pictures import Pictures, to_png


@pytest.fixture
def pictures() -> Iterator[Pictures]:
    made = Pictures(Limits(pictures=2))
    yield made
    made.worker.close()


def test_a_picture_is_what_the_renderer_draws(pictures: Pictures, scene: Scene) -> None:
    drawn = render([scene], 48, 32).rgb[0].numpy()
    assert (pictures.of(scene, 48, 32).result(60) == drawn).all()


def test_the_same_picture_is_made_once_and_the_oldest_is_forgotten(pictures: Pictures, scene: Scene) -> None:
    first = pictures.of(scene, 24, 16)
    assert pictures.of(scene, 24, 16) is first
    other = pictures.of(scene, 48, 32)
    assert other is not first
    pictures.of(sample_scene(scene_rng(1, "val", 0), 0, "val"), 24, 16)
    assert pictures.of(scene, 48, 32) is other
    assert pictures.of(scene, 24, 16) is not first


def test_a_refused_picture_is_not_remembered(pictures: Pictures, scene: Scene) -> None:
    pictures.worker.close()
    for _ in range(2):
        with pytest.raises(ApiError, match="shutting down"):
            pictures.of(scene)


def test_a_png_holds_the_pixels() -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (5, 7, 3), np.uint8)
    assert (np.asarray(Image.open(io.BytesIO(to_png(pixels)))) == pixels).all()
