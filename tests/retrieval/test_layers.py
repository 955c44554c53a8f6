import pytest
import torch

from visreason.errors import UsageError
from visreason.models import ModelFile, build_model
from visreason.nn.backbone import Backbone
from visreason.nn.batch import Batch
from visreason.retrieval.layers import Reading, choose_reading, layer_names, read_features

SEE = {"kind": "pixels", "shape": [3, 16, 16], "channels": [4, 6]}
SMALL = {"vocabulary_size": 4, "answer_count": 3}


def batch_of(count: int, seed: int = 0) -> Batch:
    pixels = torch.rand(count, 3, 16, 16, generator=torch.Generator().manual_seed(seed))
    return Batch(
        tokens=torch.zeros(count, 1, dtype=torch.long),
        lengths=torch.ones(count, dtype=torch.long),
        images=pixels,
    )


@pytest.mark.parametrize("aggregation", ["mean", "max"])
@pytest.mark.parametrize("normalise", ["pairs", "vectors", "both", "none"])
@pytest.mark.parametrize("layer", ["g0", "g2", "g3"])
@torch.no_grad()
def test_pairs_follow_the_formula(
    pixel_file: ModelFile, layer: str, aggregation: str, normalise: str
) -> None:
    model, batch = pixel_file.model, batch_of(3)
    objects, _ = model.objects(batch)
    states = model.relations.states(objects, model.text(batch.tokens, batch.lengths), int(layer[1:])).flatten(
        1, 2
    )
    if normalise in ("pairs", "both"):
        states = states / states.norm(dim=2, keepdim=True).clamp_min(1e-12)
    expected = states.mean(1) if aggregation == "mean" else states.amax(1)
    if normalise in ("vectors", "both"):
        expected = expected / expected.norm(dim=1, keepdim=True)
    reading = choose_reading(model, layer, aggregation, normalise)
    assert torch.allclose(read_features(model, batch, reading), expected, atol=1e-6)


def test_the_published_choice_is_the_default(pixel_file: ModelFile) -> None:
    reading = choose_reading(pixel_file.model, None, None, None)
    assert reading == Reading(layer="g2", aggregation="mean", normalise="both")
    assert choose_reading(pixel_file.model, "conv", None, None).normalise == "none"
    assert choose_reading(pixel_file.model, "conv", "rmac", None).normalise == "vectors"


@torch.no_grad()
def test_a_network_that_learns_to_sum_gives_what_it_sums() -> None:
    learns = {"aggregation": "weighted-sum", "objects": 16, "g_widths": [8, 9], "injection_layer": 2}
    model = build_model("relation-network", {**SMALL, **learns, "conv_channels": [4, 5]}).eval()
    reading = choose_reading(model, None, None, "none")
    assert (reading.layer, reading.aggregation) == ("aggregate", "own")
    assert torch.equal(read_features(model, batch_of(2), reading), model.aggregate(batch_of(2)))
    for layer, aggregation in (("aggregate", "mean"), ("g2", "own")):
        with pytest.raises(UsageError, match="'own' is that of the layers aggregate and counts"):
            choose_reading(model, layer, aggregation, None)


@torch.no_grad()
def test_a_counter_gives_its_counts_of_pairs() -> None:
    model = build_model("relation-counter", {"image": SEE, "dim": 7}).eval()
    assert layer_names(model) == ("aggregate", "counts", "conv", "stem")
    reading = choose_reading(model, None, None, None)
    assert reading == Reading(layer="counts", aggregation="own", normalise="vectors")
    counts = model.counts(batch_of(2))
    assert torch.equal(read_features(model, batch_of(2), reading), counts / counts.norm(dim=1, keepdim=True))
    assert torch.equal(read_features(model, batch_of(2), choose_reading(model, None, None, "none")), counts)
    weighed = read_features(model, batch_of(2), choose_reading(model, "aggregate", None, "none"))
    assert torch.equal(weighed, model.aggregate(batch_of(2)))
    assert not torch.equal(weighed, counts)


@torch.no_grad()
def test_cells_of_any_grid_model() -> None:
    grid = {**SMALL, "image": SEE, "dim": 7}
    model = build_model("stacked-attention", grid).eval()
    assert layer_names(model) == ("conv", "stem")
    batch = batch_of(2)
    cells = model.image(batch)
    for layer, expected in (("conv", cells), ("stem", model.stem(cells))):
        found = read_features(model, batch, choose_reading(model, layer, "max", None))
        assert torch.allclose(found, expected.amax((2, 3)))


@torch.no_grad()
def test_a_backbone_by_itself() -> None:
    backbone = Backbone(torch.nn.AvgPool2d(4), "none")
    batch = batch_of(2)
    found = read_features(backbone, batch, choose_reading(backbone, "c3", "mean", None))
    assert torch.allclose(found, batch.images.mean((2, 3)), atol=1e-6)


def test_attribute_networks_have_cells() -> None:
    assert layer_names(build_model("attribute-cnn", {"conv_channels": [4]})) == ("conv",)


@pytest.mark.parametrize(
    ("layer", "aggregation", "normalise", "told"),
    [
        ("g9", None, None, "no layer 'g9'; it has g0, g1, g2, g3, conv"),
        ("g2", "rmac", None, "rmac is for maps of cells"),
        ("conv", "mean", "pairs", "has no pairs to normalise"),
    ],
)
def test_choices_that_do_not_go_together(
    pixel_file: ModelFile, layer: str, aggregation: str, normalise: str, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        choose_reading(pixel_file.model, layer, aggregation, normalise)


def test_a_model_that_looks_at_nothing_has_no_features() -> None:
    with pytest.raises(UsageError, match="looks at no image"):
        choose_reading(build_model("question-only", SMALL), None, None, None)
