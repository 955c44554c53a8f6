"""What Stack Neural Module Networks are trained and tested on, and what is refused."""

import io

import numpy as np
import pytest
from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.data.features.store import NpyStore
from visreason.data.inputs import BlindView
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.data.world import generate_world
from visreason.data.world_split import WorldSplit
from visreason.errors import DataError, ProgramError
from visreason.models.locating import LocationHeadConfig
from visreason.models.stack_nmn import StackNmnConfig
from visreason.nn.image_encoder import ImageEncoderConfig
from visreason.tasks.layout_data import layout_samples, partners
from visreason.tasks.loader import EpochLoader
from visreason.tasks.sources import training_data
from visreason.zoo.catalogue import load_recipe

SEES = ImageEncoderConfig(kind="pixels", shape=(3, 32, 48), channels=(4,))


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Boxes of the two splits on images of different sizes."""
    root = tmp_path_factory.mktemp("world")
    for split, size in (("train", (48, 32)), ("val", (60, 40))):
        generate_world(root, WorldSplit(split, 2, 3, size, refexps_per_scene=2), jobs=1)
    return root


def samples(folder, **heads):
    config = StackNmnConfig(vocabulary_size=82, image=SEES, **heads)
    return layout_samples(config, folder, "train", CLEVR_VOCABULARY, BlindView(), None)


def test_a_network_is_tested_on_what_it_does(root, tiny_data):
    both, only = {"answer_count": 28, "locate": LocationHeadConfig()}, {"locate": LocationHeadConfig()}
    found = samples(ClevrFolder(root), **both)
    assert found.questions is not None
    assert found.expressions is not None
    assert samples(ClevrFolder(root), **only).questions is None
    assert samples(ClevrFolder(tiny_data), **both).expressions is None
    with pytest.raises(DataError, match=r"CLEVR_loc_train_questions\.json"):
        samples(ClevrFolder(tiny_data), **only)


def test_splits_with_boxes_on_images_of_different_sizes_are_refused(root):
    with pytest.raises(DataError, match="48x32 pixels, those of val on 60x40"):
        training_data(load_recipe("snmn-loc-quick"), root, Console(file=io.StringIO()))


def test_layouts_that_are_shown_must_fit_and_others_need_not(tiny_data):
    quiet = Console(file=io.StringIO())
    with pytest.raises(ProgramError, match=r"question \d+ has a layout of \d steps, .* --model\.steps"):
        training_data(load_recipe("snmn-quick", {"model.steps": 2}), tiny_data, quiet)
    recipe = load_recipe("snmn-quick-scratch", {"model.steps": 2})
    data = training_data(recipe, tiny_data, quiet)
    assert {len(data.train(0)[row].layout) for row in range(10)} == {2}


@pytest.fixture(scope="module")
def featured(tmp_path_factory):
    """Ten scenes with eight questions and four expressions each, and features in place of images."""
    root = tmp_path_factory.mktemp("featured")
    for split, scenes in (("train", 10), ("val", 1)):
        wanted = WorldSplit(
            split, scenes, questions_per_scene=8, refexps_per_scene=4, image_size=(48, 32), images=False
        )
        generate_world(root, wanted, jobs=1)
        (root / "cells" / split).mkdir(parents=True)
        for index in range(scenes):
            cells = np.full((4, 6, 5), index, np.float32)
            np.save(root / "cells" / split / f"CLEVR_{split}_{index:06d}.npy", cells)
    return root


FEATURES = {
    "inputs.kind": "features",
    "inputs.backbone": "resnet101",
    "inputs.layer": "c4",
    "inputs.weights": None,
    "inputs.normalisation": "imagenet",
    "inputs.image_size": [64, 96],
    "inputs.on_the_fly": False,
}


@pytest.mark.parametrize(
    ("name", "kinds"), [("snmn-vqa-layout", 1), ("snmn-loc-layout", 1), ("snmn-joint-layout", 2)]
)
def test_batches_stay_mixed_and_features_are_read_once_a_block(featured, name, kinds, monkeypatch):
    reads = []
    read = NpyStore.read
    monkeypatch.setattr(
        NpyStore, "read", lambda self, image, index: reads.append(image) or read(self, image, index)
    )
    place = {"inputs.features": str(featured / "cells" / "{split}"), "batch.size": 20, "batch.per_image": 4}
    recipe = load_recipe(name, FEATURES | place)
    data = training_data(recipe, featured, Console(file=io.StringIO()))

    def images(epoch):
        """Which image each row of each batch of an epoch is about."""
        settings = {"batch_size": 20, "seed": 0, "epoch": epoch, "per_image": 4, "images": data.images}
        batches = list(EpochLoader(data.train(epoch), data.collate, **settings))
        for batch in batches:  # features are the images' own
            assert batch.spread(batch.features)[:, 0, 0, 0].tolist() == batch.image_index.tolist()
        return [batch.image_index.tolist() for batch in batches]

    first = images(0)
    samples = sum(len(batch) for batch in first)
    assert len(reads) <= samples / 4 < samples  # once for four questions, or four expressions
    assert all(len(set(batch)) >= 3 * kinds - 2 for batch in first)
    assert images(0) == first != images(1)


def test_pairs_depend_on_seed_and_epoch_alone():
    images, others = np.arange(40) // 4, np.arange(12) // 3
    found = partners(images, others, 4, seed=0, epoch=1)
    assert found.tolist() == partners(images, others, 4, seed=0, epoch=1).tolist()
    assert found.tolist() != partners(images, others, 4, seed=0, epoch=2).tolist()
    assert found.tolist() != partners(images, others, 4, seed=1, epoch=1).tolist()
    counts = np.bincount(found)
    assert (counts.min(), counts.max()) == (3, 4)  # 40 pairs go three times round 12 expressions, and a bit
