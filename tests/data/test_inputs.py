import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visreason.clevr.camera import BASE_CAMERA, CAMERA_JITTER
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.packed import pack_scene
from visreason.clevr.scenes_file import read_scenes
from visreason.data.images import Augmentation
from visreason.data.inputs import BlindView, ImageView, SceneView, StateView, Subjects, View
from visreason.errors import DataError

List = Callable[[], list[Path]]
IMAGES = ("CLEVR_val_000000.png", "CLEVR_val_000002.png")


SUBJECTS = Subjects(IMAGES, np.array([0, 1, 1]), np.array([0, 2, 2]), "question {}".format)


def _ready(view: View, world: ClevrFolder) -> View:
    view.check(world, "val", SUBJECTS)
    return view


def test_images_are_resized(world: ClevrFolder) -> None:
    seen = _ready(ImageView((16, 24)), world).see(0, IMAGES[0], None)
    assert seen.image is not None
    assert seen.image.shape == (16, 24, 3)
    assert seen.objects is seen.object_mask is seen.scene is None


def test_augmentation_only_with_a_seed_and_the_same_for_the_same(world: ClevrFolder) -> None:
    view = _ready(ImageView((32, 48), Augmentation()), world)
    plain, once, again, other = (
        view.see(0, IMAGES[0], seed).image for seed in (None, (0, 1), (0, 1), (0, 2))
    )
    np.testing.assert_array_equal(plain, np.asarray(Image.open(world.images_dir("val") / IMAGES[0])))
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once, plain)
    assert not np.array_equal(once, other)


def test_states(world: ClevrFolder, cached: List) -> None:
    seen = _ready(StateView("onehot", 10), world).see(2, IMAGES[1], None)
    assert seen.objects is not None
    assert seen.object_mask is not None
    scene = read_scenes(world.scenes_file("val"))[2]
    assert seen.object_mask.sum() == len(scene)
    np.testing.assert_allclose(seen.objects[0, :3], scene.objects[0].position, rtol=1e-6)


def test_scenes_and_nothing(world: ClevrFolder) -> None:
    seen = _ready(SceneView(), world).see(1, IMAGES[1], (0, 1))
    assert seen.scene is not None
    scene = pack_scene(read_scenes(world.scenes_file("val"))[2])
    np.testing.assert_array_equal(seen.scene.objects_MK, scene.objects_MK)
    np.testing.assert_array_equal(seen.scene.camera_3, scene.camera_3)  # no jitter was asked for
    blind = _ready(BlindView(), world).see(1, IMAGES[1], None)
    assert (blind.image, blind.objects, blind.scene) == (None, None, None)


def test_jitter_moves_camera_and_lamps_once_an_epoch_and_nothing_else(world: ClevrFolder) -> None:
    view, same = (_ready(SceneView(jitter=True), world) for _ in range(2))
    measured, first, again, other = (
        view.see(1, IMAGES[1], seed).scene for seed in (None, (0, 1), (0, 1), (0, 2))
    )
    beside, resumed = view.see(0, IMAGES[0], (0, 1)).scene, same.see(2, IMAGES[1], (0, 1, 9)).scene
    still = _ready(SceneView(), world).see(1, IMAGES[1], None).scene
    assert measured
    assert first
    assert again
    assert other
    assert beside
    assert resumed
    assert still
    np.testing.assert_array_equal(measured.camera_3, still.camera_3)
    for scene in (first, other):
        np.testing.assert_array_equal(scene.objects_MK, still.objects_MK)
        assert 0 < np.abs(scene.camera_3 - np.float32(BASE_CAMERA)).max() <= CAMERA_JITTER
    np.testing.assert_array_equal(first.camera_3, again.camera_3)
    np.testing.assert_array_equal(first.lamps_L3, resumed.lamps_L3)
    assert not np.array_equal(first.camera_3, other.camera_3)
    assert not np.array_equal(first.lamps_L3, other.lamps_L3)
    assert not np.array_equal(first.camera_3, beside.camera_3)


def test_missing_images_are_counted_and_named_at_once(world: ClevrFolder) -> None:
    (world.images_dir("val") / IMAGES[1]).unlink()
    with pytest.raises(DataError, match=r"lacks 1 of the 2 images.*CLEVR_val_000002\.png of question 1"):
        _ready(ImageView((16, 16)), world)
    shutil.rmtree(world.images_dir("val"))
    with pytest.raises(DataError, match="needs the images"):
        _ready(ImageView((16, 16)), world)


def test_a_broken_image_names_the_file(world: ClevrFolder) -> None:
    path = world.images_dir("val") / IMAGES[0]
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match=r"CLEVR_val_000000\.png"):
        _ready(ImageView((16, 16)), world).see(0, IMAGES[0], None)


@pytest.mark.parametrize("view", [SceneView(), StateView("ordinal", 12)])
def test_a_scene_that_is_not_there(view: View, world: ClevrFolder, cached: List) -> None:
    subjects = replace(SUBJECTS, image_index_R=np.array([0, 2, 77]))
    with pytest.raises(DataError, match=r"question 2 is about image 77, but .*CLEVR_val_scenes\.json"):
        view.check(world, "val", subjects)


def test_views_travel_to_other_processes(world: ClevrFolder, cached: List) -> None:
    for view in (StateView("onehot", 10), SceneView(), ImageView((8, 8)), BlindView()):
        there = pickle.loads(pickle.dumps(_ready(view, world)))
        here, seen = (each.see(1, IMAGES[1], None) for each in (view, there))
        assert (here.scene is None) == (seen.scene is None)
        if here.scene is not None and seen.scene is not None:
            np.testing.assert_array_equal(here.scene.objects_MK, seen.scene.objects_MK)
        np.testing.assert_array_equal(here.objects, seen.objects)
        np.testing.assert_array_equal(here.image, seen.image)
