import asyncio
from pathlib import Path

import numpy as np
import pytest

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import read_scenes
from visreason.data.images import load_image
from visreason.errors import UsageError
from visreason.retrieval.placing import place_scene
from visreason.retrieval.scene_text import read_description
from visreason.serve.failures import ApiError
from visreason.serve.pictures import thumbnail
from visreason.serve.queries import sought
from visreason.serve.scene_records import record_of
from visreason.serve.schemas.looking import SearchRequest
from visreason.serve.searching import SearchableIndex
from visreason.serve.studio import Studio


@pytest.fixture
def searched(studio: Studio) -> SearchableIndex:
    assert studio.index is not None
    return studio.index


def test_an_image_of_the_index_finds_itself_first(searched: SearchableIndex, tiny_data: Path) -> None:
    names = sorted(path.name for path in ClevrFolder(tiny_data).images_dir("val").iterdir())
    assert searched.record().images == len(names) == 6
    for number, name in enumerate(names):
        image = load_image(ClevrFolder(tiny_data).images_dir("val") / name)
        found = asyncio.run(searched.search(image, 3))
        assert [found[0].number, found[0].image_filename] == [number, name]
        assert found[0].distance == pytest.approx(0, abs=1e-3)
        assert len(found) == 3
        assert found[1].distance <= found[2].distance


def test_pictures_are_told_by_number_and_only_those_of_the_index(
    searched: SearchableIndex, tiny_data: Path
) -> None:
    folder = ClevrFolder(tiny_data)
    scene = read_scenes(folder.scenes_file("val"))[2]
    picture = searched.picture(2)
    assert (picture.image_filename, picture.image) == (scene.image_filename, True)
    assert picture.scene == record_of(scene)
    pixels = searched.pixels(2)
    assert pixels is not None
    assert (pixels == load_image(folder.image_path("val", scene.image_filename))).all()
    assert thumbnail(pixels).shape == (160, 240, 3)
    for look in (searched.picture, searched.pixels, searched.scene):
        for number in (-1, 6, 10**9):
            with pytest.raises(ApiError, match="no image of this number") as refused:
                look(number)
            assert refused.value.status == 404


def test_words_and_scenes_are_searched_for_as_scenes(scene: Scene) -> None:
    text = "red cube left of large sphere"
    assert sought(SearchRequest(text=text), 100) == place_scene(read_description(text))
    assert sought(SearchRequest(scene=record_of(scene)), 100) == scene


def test_the_name_of_a_file_is_only_a_word(tmp_path: Path) -> None:
    (tmp_path / "scene.json").write_text("{}")
    with pytest.raises(UsageError):
        sought(SearchRequest(text=str(tmp_path / "scene.json")), 100)


def test_exactly_one_thing_is_searched_for(scene: Scene, noise: str) -> None:
    for request in (SearchRequest(), SearchRequest(text="cube", scene=record_of(scene))):
        with pytest.raises(UsageError, match="exactly one"):
            sought(request, 100_000)
    assert isinstance(sought(SearchRequest(image=noise), 100_000), np.ndarray)
