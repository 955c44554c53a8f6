from pathlib import Path
from typing import Any

import pytest

from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import iter_scenes, read_scenes, release_info, write_scenes
from visreason.errors import DataError
from visreason.files import read_json, write_json


def test_real_files_come_back_from_writing(tmp_path: Path, real_files: Any) -> None:
    for file in real_files.scenes:
        scenes = read_scenes(file)
        assert write_scenes(tmp_path / "again.json", scenes, scenes[0].split) == len(scenes)
        assert read_scenes(tmp_path / "again.json") == scenes
        assert read_json(tmp_path / "again.json")["scenes"] == read_json(file)["scenes"]


def test_made_scenes_come_back_and_the_file_has_the_released_keys(
    tmp_path: Path, made_scenes: list[Scene], real_files: Any
) -> None:
    path = tmp_path / "scenes.json"
    write_scenes(path, iter(made_scenes), "val")
    assert list(iter_scenes(path)) == made_scenes
    ours, official = read_json(path), read_json(real_files.scenes[1])
    assert set(ours) == set(official)
    assert set(ours["info"]) >= set(official["info"])
    assert set(ours["scenes"][0]) == set(official["scenes"][0]) | {"camera", "lamps"}
    assert set(ours["scenes"][0]["objects"][0]) == set(official["scenes"][0]["objects"][0])
    for thing in ours["scenes"][0]["objects"]:
        assert [type(part) for part in thing["pixel_coords"]] == [int, int, float]


def test_the_same_scenes_give_the_same_bytes(tmp_path: Path, made_scenes: list[Scene]) -> None:
    for name in ("a.json", "b.json"):
        write_scenes(tmp_path / name, made_scenes, "val")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert release_info("val")["split"] == "val"


def test_a_broken_scene_names_file_and_number(tmp_path: Path) -> None:
    write_json(tmp_path / "broken.json", {"scenes": [{"image_index": 0}]})
    with pytest.raises(DataError, match=r"broken\.json: scene 0 has no key 'objects'"):
        read_scenes(tmp_path / "broken.json")
