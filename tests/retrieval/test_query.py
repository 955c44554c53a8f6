import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from visreason.clevr.sampling import sample_scene, scene_rng
from visreason.clevr.scene import scene_to_json
from visreason.data.images import load_image
from visreason.errors import DataError, UsageError
from visreason.retrieval.extractor import open_extractor
from visreason.retrieval.query import image_feature, read_scenes, scene_feature
from visreason.tasks.asking import picture_of


def test_words_and_the_same_in_json_describe_alike(tmp_path: Path) -> None:
    record = {"objects": [{"color": "red", "shape": "cube"}, {}], "relations": [[0, "left", 1]]}
    (tmp_path / "scene.json").write_text(json.dumps(record))
    assert read_scenes(str(tmp_path / "scene.json"), 5, 2) == read_scenes("red cube left of thing", 5, 2)


def test_a_whole_scene_is_taken_as_it_is(tmp_path: Path) -> None:
    scene = sample_scene(scene_rng(0, "val", 3), 3, "val")
    (tmp_path / "scene.json").write_text(json.dumps(scene_to_json(scene)))
    assert read_scenes(str(tmp_path / "scene.json"), draws=3) == [scene]


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({"scenes": []}, "holds many scenes"),
        ({"objects": [], "relationships": {}, "directions": {}}, "'relationships' has no key 'left'"),
        ({"objects": [{"color": "mauve"}]}, "the color 'mauve' is not known"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, record: dict, told: str) -> None:
    (tmp_path / "scene.json").write_text(json.dumps(record))
    with pytest.raises(DataError, match=told) as caught:
        read_scenes(str(tmp_path / "scene.json"))
    assert "scene.json" in str(caught.value)


def test_a_missing_file_is_no_description() -> None:
    with pytest.raises(DataError, match=r"nowhere\.json does not exist"):
        read_scenes("nowhere.json")


def test_every_draw_is_another_scene_of_the_same_description() -> None:
    scenes = read_scenes("red cube left of sphere", draws=4)
    assert len({scene.objects[0].position for scene in scenes}) == 4
    assert all(scene.relationships["left"][1] == (0,) for scene in scenes)
    assert scenes[:2] == read_scenes("red cube left of sphere", draws=2)
    with pytest.raises(UsageError, match="at least 1 scene; got 0"):
        read_scenes("cube", draws=0)


def test_scenes_are_seen_through_their_pictures(pixel_model: Path) -> None:
    scenes = read_scenes("red cube left of sphere", draws=2)
    extract = open_extractor(str(pixel_model), device="cpu")
    feature, picture = scene_feature(extract, scenes)
    np.testing.assert_array_equal(picture, picture_of(scenes[0]))
    expected = sum(extract([picture_of(scene)]) for scene in scenes) / 2
    assert torch.allclose(feature, expected, atol=1e-6)


def test_scenes_go_straight_to_a_model_that_reads_scenes(state_model: Path) -> None:
    scenes = read_scenes("red cube left of sphere", draws=2)
    extract = open_extractor(str(state_model), device="cpu")
    assert torch.allclose(scene_feature(extract, scenes)[0], extract(scenes).mean(0)[None])


def test_an_image_is_searched_for_by_its_pixels_or_its_scene(
    pixel_model: Path, state_model: Path, tiny_data: Path, tmp_path: Path
) -> None:
    file = tiny_data / "images/val/CLEVR_val_000002.png"
    extract = open_extractor(str(pixel_model), device="cpu")
    feature, seen = image_feature(extract, file)
    assert torch.equal(feature, extract([load_image(file)]))
    np.testing.assert_array_equal(seen, load_image(file))
    reads_scenes = open_extractor(str(state_model), device="cpu")
    expected = reads_scenes([sample_scene(scene_rng(0, "val", 2), 2, "val")])
    assert torch.allclose(image_feature(reads_scenes, file)[0], expected, atol=1e-5)
    Image.new("RGB", (4, 4)).save(tmp_path / "alone.png")
    with pytest.raises(UsageError, match="reads scene descriptions"):
        image_feature(reads_scenes, tmp_path / "alone.png")
