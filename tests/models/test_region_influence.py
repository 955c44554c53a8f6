"""What a region owes to others and to edges: by leaving each out, as the whole network would see it."""

import pytest
import torch

from visreason.errors import ModelError
from visreason.models import load_model
from visreason.models.region_influence import classes_of, log_odds, weigh
from visreason.nn.region_batch import RegionBatch


@pytest.fixture
def batch():
    boxes = [[0.0, 0, 40, 40], [20, 10, 60, 50], [50, 5, 90, 60], [10, 40, 30, 60]]
    return RegionBatch(
        images=torch.rand(1, 3, 64, 96, generator=torch.Generator().manual_seed(1)),
        sizes=torch.tensor([[64, 96]]),
        boxes=torch.tensor(boxes),
        image_rows=torch.zeros(4, dtype=torch.long),
        labels=torch.arange(1, 5),
    )


def weighed(path, batch):
    model = load_model(path).model
    with torch.no_grad():
        seen = model.see(batch)
        output = model.reason(batch, seen, trace=True)
    return model, output, weigh(model, batch, seen, output)


@pytest.mark.parametrize("family", ["baseline", "local", "global", "full"])
def test_reasoning_after_a_look_is_what_the_network_does(region_models, family, batch):
    model = load_model(region_models[family]).model
    with torch.no_grad():
        assert torch.equal(model(batch).logits, model.reason(batch, model.see(batch)).logits)


@pytest.mark.parametrize("family", ["local", "global", "full"])
def test_a_neighbour_is_owed_what_its_absence_changes(region_models, family, batch):
    model, output, influence = weighed(region_models[family], batch)
    assert torch.equal(influence.labels, classes_of(output.logits))
    kept = torch.tensor([0, 1, 3])
    alone = RegionBatch(
        images=batch.images, sizes=batch.sizes, boxes=batch.boxes[kept], image_rows=batch.image_rows[kept]
    )
    with torch.no_grad():
        logits = model(alone).logits
    labels = influence.labels[kept]
    changed = log_odds(output.logits[kept], labels) - log_odds(logits, labels)
    torch.testing.assert_close(influence.neighbours[kept, 2], changed, atol=1e-3, rtol=1e-4)
    assert torch.equal(influence.without[kept, 2], classes_of(logits))
    assert not influence.neighbours.diagonal().any()
    assert influence.neighbours.abs().max() > 0.05


def test_an_edge_between_classes_is_owed_what_its_absence_changes(region_models, batch):
    model, output, influence = weighed(region_models["global"], batch)
    assert len(influence.edges)
    assert influence.edge_shifts.abs().max() > 0.01
    column = int(influence.edge_shifts.abs().amax(0).argmax())
    assert model.graph.weights_M.all()  # all edges are back
    weights = model.graph.weights_M.clone()
    weights[influence.edges[column]] = 0
    model.set_knowledge(model.graph.edges_M3.clone(), weights, model.graph.vectors_KV.clone())
    with torch.no_grad():
        logits = model(batch).logits
    changed = log_odds(output.logits, influence.labels) - log_odds(logits, influence.labels)
    torch.testing.assert_close(influence.edge_shifts[:, column], changed, atol=1e-4, rtol=1e-4)


def test_who_names_each_region_by_itself_owes_nothing(region_models, batch):
    _, _, influence = weighed(region_models["baseline"], batch)
    assert not influence.neighbours.any()
    assert not len(influence.edges)


def test_a_region_alone_owes_nothing_to_neighbours(region_models, batch):
    model = load_model(region_models["full"]).model
    one, seen = model.among(batch, model.see(batch), torch.tensor([2]))
    assert one.labels.tolist() == [3]
    with torch.no_grad():
        influence = weigh(model, one, seen, model.reason(one, seen, trace=True))
    assert influence.neighbours.tolist() == [[0]]


def test_two_images_are_refused(region_models, batch):
    model = load_model(region_models["local"]).model
    two = batch.select(torch.tensor([0, 0]))
    with pytest.raises(ModelError, match="within one image"):
        weigh(model, two, model.see(two), model(two))


def test_log_odds_are_those_of_the_softmax():
    logits = torch.randn(5, 4)
    classes = torch.tensor([0, 1, 2, 3, 1])
    p = logits.softmax(1).gather(1, classes[:, None])[:, 0]
    torch.testing.assert_close(log_odds(logits, classes), (p / (1 - p)).log())
