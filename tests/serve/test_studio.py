import asyncio

import pytest

from visreason.clevr.scene import Scene
from visreason.serve.failures import ApiError
from visreason.serve.scene_records import record_of
from visreason.serve.studio import Studio


def test_models_are_chosen_by_name_or_by_what_they_can(studio: Studio) -> None:
    assert [model.name for model in studio.chosen(["blind", "states", "blind"], "answers")] == [
        "blind",
        "states",
    ]
    assert [model.name for model in studio.chosen(None, "locates")] == ["stack"]
    assert studio.chosen([], "answers") == []
    with pytest.raises(ApiError, match="There are: states, pixels"):
        studio.chosen(["other"], "answers")


def test_a_scene_is_drawn_only_for_those_that_look(studio: Studio, scene: Scene, noise: str) -> None:
    def see(image: str | None, *names: str) -> tuple[int, ...] | None:
        models = [studio.models[name] for name in names]
        seen = asyncio.run(studio.see(record_of(scene), image, models))
        assert seen.scene == scene
        return None if seen.image is None else seen.image.shape

    assert see(None, "states", "blind") is None
    assert see(None, "states", "pixels") == (320, 480, 3)
    assert see(noise, "states") == (60, 90, 3)


def test_closing_ends_every_thread() -> None:
    studio = Studio()
    assert all(worker.alive for worker in studio.workers)
    studio.close()
    assert not any(worker.alive for worker in studio.workers)
