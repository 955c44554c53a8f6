"""Naming the regions of one image: what is told is what the network said."""

import numpy as np
import pytest
import torch

from visreason.data.regions.dataset import RegionSample, collate_regions
from visreason.errors import ModelError, UsageError
from visreason.models import load_model
from visreason.models.region_influence import classes_of
from visreason.tasks.region_asking import lies, name_regions

BOXES = np.float32([[0, 0, 79, 79], [40, 20, 119, 99], [100, 10, 179, 119], [20, 80, 59, 119]])


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 255, (128, 192, 3), np.uint8)


@pytest.mark.parametrize("family", ["baseline", "local", "global", "full"])
def test_what_is_told_is_what_the_network_says(region_models, family, image):
    file = load_model(region_models[family])
    trace = name_regions(file, image, BOXES, given=["cup", None, None, None], top=3)
    half = image.reshape(64, 2, 96, 2, 3)[:, 0, :, 0]  # only its size counts here
    sample = RegionSample(half, BOXES / 2, np.zeros(4, np.int64), 0)
    assert [region.box for region in trace.regions][1] == (40, 20, 80, 80)
    assert [region.given for region in trace.regions] == ["cup", None, None, None]
    names = file.model(collate_regions([sample])).names
    assert trace.names == names
    assert trace.family == f"region-{family}"
    for region in trace.regions:
        assert len(region.top) == 3
        assert region.probability == max(p for _, p in region.top)
        assert "__background__" not in [label for label, _ in region.top]
        assert sum(one.attention for one in region.said) == pytest.approx(1, abs=1e-5)
    assert len(trace.memory) == (3 if family in ("local", "full") else 0)
    if trace.memory:
        assert (len(trace.memory[0]), len(trace.memory[0][0]), trace.cell) == (8, 12, 16)
    owed = [region.neighbour for region in trace.regions]
    assert all(one is None for one in owed) == (family == "baseline")


def test_labels_are_those_of_the_whole_network(region_models):
    image = np.random.default_rng(1).integers(0, 255, (64, 96, 3), np.uint8)  # seen as it is
    boxes = BOXES / 2
    file = load_model(region_models["full"])
    with torch.no_grad():
        output = file.model(collate_regions([RegionSample(image, boxes, np.zeros(4, np.int64), 0)]))
    trace = name_regions(file, image, boxes)
    labels = [file.meta["classes"][place] for place in classes_of(output.logits).tolist()]
    assert [region.label for region in trace.regions] == labels
    before = [file.meta["classes"][place] for place in classes_of(output.predictions[0]).tolist()]
    assert [region.before for region in trace.regions] == before


def test_edges_between_classes_have_names(region_models, image):
    edges = {}
    for seed in range(4):
        boxes = BOXES + np.float32(3 * seed)
        for region in name_regions(load_model(region_models["global"]), image, boxes).regions:
            if region.edge is not None:
                edges[region.edge.edge] = region.edge.shift
    known = {
        ("cup", "seen with", "saucer"),
        ("saucer", "seen with", "cup"),
        ("left spoon", "left to right", "right spoon"),
        ("right spoon", "left to right", "left spoon"),
        ("cup", "stands on", "table"),
    }
    assert edges
    assert set(edges) <= known
    assert all(abs(shift) >= 0.05 for shift in edges.values())


def test_a_region_alone_has_no_neighbour(region_models, image):
    (region,) = name_regions(load_model(region_models["full"]), image, BOXES[:1]).regions
    assert region.neighbour is None


def test_models_and_numbers_that_do_not_fit_are_told(region_models, blind_model, image):
    file = load_model(region_models["local"])
    with pytest.raises(UsageError, match="--top"):
        name_regions(file, image, BOXES, top=0)
    for missing in ("classes", "inputs"):
        poor = load_model(region_models["local"])
        del poor.meta[missing]
        with pytest.raises(ModelError, match="does not name its 6 classes"):
            name_regions(poor, image, BOXES)
    with pytest.raises(ModelError, match="a question-only names no regions"):
        name_regions(load_model(blind_model), image, BOXES)


@pytest.fixture
def blind_model(tmp_path):
    from visreason.models import build_model, save_model

    model = build_model("question-only", {"vocabulary_size": 2, "answer_count": 2})
    save_model(tmp_path / "guess.safetensors", model, {})
    return str(tmp_path / "guess.safetensors")


@pytest.mark.parametrize(
    ("other", "where"),
    [
        ((50, 10, 60, 20), "right"),
        ((-50, 12, -40, 22), "left"),
        ((12, 50, 22, 60), "below"),
        ((40, -20, 50, -10), "above right"),
        ((5, 5, 25, 25), None),
    ],
)
def test_where_another_lies(other, where):
    assert lies((10, 10, 20, 20), other) == where
