"""What Stack Neural Module Networks are trained and tested on, and what is refused."""

import io

import pytest
from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.data.inputs import BlindView
from visreason.data.vocabulary import CLEVR_VOCABULARY
from visreason.data.world import generate_world
from visreason.data.world_split import WorldSplit
from visreason.errors import DataError
from visreason.models.locating import LocationHeadConfig
from visreason.models.stack_nmn import StackNmnConfig
from visreason.nn.image_encoder import ImageEncoderConfig
from visreason.tasks.layout_data import layout_samples
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
