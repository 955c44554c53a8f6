"""Features as what a model sees, from a store or through the backbone."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.iep_folder import IepFolder
from visreason.data.features.choice import choice_of, feature_shape
from visreason.data.features.export import to_hdf5
from visreason.data.features.extract import extract
from visreason.data.features.folder import features_place, split_images
from visreason.data.features.view import BackboneCollate, FeatureView, find_store
from visreason.data.inputs import ImageView, Subjects
from visreason.data.samples import Sample, collate
from visreason.errors import DataError, ModelError
from visreason.nn.backbone import BackboneChoice


@pytest.fixture
def subjects(source):
    return Subjects(source.images[:3], np.array([2, 0, 0, 1]), np.array([2, 0, 0, 1]), "question {}".format)


@pytest.fixture
def folder(source, backbone, world):
    """The data folder with its features extracted where they belong."""
    extract(source, backbone, features_place(ClevrFolder(world), "val", source.choice), dtype="float32")
    return ClevrFolder(world)


def samples(view, subjects):
    return [
        Sample(
            np.array([1], np.uint16),
            view.see(row, subjects.images[image], None),
            0,
            row,
            int(image),
            int(image),
        )
        for row, image in enumerate(subjects.image_R)
    ]


def test_stored_features_and_the_backbone_give_the_same_batch(folder, source, backbone, subjects):
    stored, seen = FeatureView(source.choice), ImageView(source.choice.size, bicubic=True)
    for view in (stored, seen):
        view.check(folder, "val", subjects)
    from_store = collate(samples(stored, subjects))
    through = BackboneCollate(backbone)(samples(seen, subjects))
    assert through.images is None
    assert from_store.features.shape == (3, 3, 2, 3)  # four questions about three images
    assert torch.equal(from_store.image_rows, through.image_rows)
    torch.testing.assert_close(from_store.features, through.features)


def test_features_are_found_beside_the_data_in_either_form(folder, source, tmp_path):
    shards = find_store(folder, "val", source.choice, None)
    h5 = tmp_path / "world/val_features.h5"
    to_hdf5(shards, h5, range(7))
    assert find_store(IepFolder(folder.root), "val", source.choice, None).path == h5
    place = features_place(folder, "val", source.choice)
    assert find_store(folder, "val", source.choice, str(place.parent / "{split}")).path == place


def test_missing_features_say_how_to_get_them(folder):
    choice = BackboneChoice(name="resnet50")
    with pytest.raises(DataError, match=r"visreason features .* --split val --backbone resnet50"):
        find_store(folder, "val", choice, None)


def test_features_of_another_shape_are_refused_before_training(folder, source, subjects):
    view = FeatureView(source.choice, shape=(1024, 14, 14))
    with pytest.raises(DataError, match="features of 3x2x3, but the model reads 1024x14x14"):
        view.check(folder, "val", subjects)


def test_an_image_without_features_is_named(folder, source, subjects):
    other = replace(subjects, images=("CLEVR_val_000000.png", "x.png", "CLEVR_val_000002.png"))
    with pytest.raises(DataError, match=r"lacks the features of 1 of 3 images, the first being x\.png"):
        FeatureView(source.choice).check(folder, "val", other)


def test_imported_models_read_the_published_features():
    choice = choice_of({"kind": "features", "shape": [1024, 14, 14]})
    assert (choice.name, choice.layer, choice.normalisation) == ("resnet101", "c4", "reference")
    assert feature_shape({"shape": [1024, 14, 14]}) == (1024, 14, 14)
    assert feature_shape({}) is None
    with pytest.raises(ModelError, match="not channels, height and width"):
        feature_shape({"shape": [1024]})


def test_images_are_listed_from_scenes_questions_or_names(world, source):
    folder = ClevrFolder(world)
    assert split_images(folder, "val") == {name: index for index, name in enumerate(source.images)}
    with pytest.raises(DataError, match="no images of a split 'train'"):
        split_images(folder, "train")
    (source.directory / "cat.png").write_bytes((source.directory / source.images[0]).read_bytes())
    with pytest.raises(DataError, match="does not end in a number"):
        split_images(folder, "val")


def test_real_scenes_tell_the_images(shared):
    found = split_images(ClevrFolder(shared / "data/clevr_real"), "train")
    assert len(found) == 60
    assert list(found.values()) == sorted(found.values())
