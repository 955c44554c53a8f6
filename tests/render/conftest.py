"""Scenes made by hand, and the devices to render them on."""

from collections.abc import Callable, Iterator, Mapping

import pytest
import torch

from visreason.clevr.attributes import RADIUS
from visreason.clevr.camera import BASE_CAMERA, project
from visreason.clevr.scene import Scene, SceneObject, Vector

Thing = tuple[str, float, float]
MakeScene = Callable[..., Scene]


@pytest.fixture(params=["cpu", "cuda"])
def device(request: pytest.FixtureRequest) -> torch.device:
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device here")
    return torch.device(request.param)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def scene_of() -> MakeScene:
    """Make a scene of things such as ("large red metal cube", x, y)."""

    def make(
        *things: Thing,
        camera: Vector = BASE_CAMERA,
        lamps: Mapping[str, Vector] | None = None,
        turn: float = 0.4,
    ) -> Scene:
        objects = []
        for words, x, y in things:
            size, color, material, shape = words.split()
            position = (x, y, RADIUS[size])
            px, py, depth = project([position], camera)[0].tolist()
            objects.append(SceneObject(color, size, shape, material, position, turn, (px, py, depth)))
        return Scene(tuple(objects), {}, {}, 0, "CLEVR_val_000000.png", "val", camera, lamps)

    return make


@pytest.fixture
def still_life(scene_of: MakeScene) -> Scene:
    """One of every shape and material, near each other."""
    return scene_of(
        ("large red metal cube", -1.2, -1.0),
        ("small cyan rubber sphere", 0.6, -1.4),
        ("large yellow metal cylinder", 0.9, 1.1),
        ("small green rubber cube", -1.6, 1.3),
        ("large blue metal sphere", 2.4, -0.6),
        ("small purple rubber cylinder", -0.2, 0.4),
    )
