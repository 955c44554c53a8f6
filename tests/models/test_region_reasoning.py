"""One set of tests for every family that reads regions."""

import json
from dataclasses import replace

import pytest
import torch

from visreason.errors import ModelError
from visreason.models import (
    MODELS,
    RegionGlobalConfig,
    RegionLocalConfig,
    build_model,
    config_from_dict,
    config_to_dict,
    family_of,
    load_model,
    save_model,
)
from visreason.nn.region_batch import RegionBatch
from visreason.nn.region_edges import KINDS

PIXELS = {"channels": [4, 4, 4, 6], "head": [8]}
FEATURES = {"kind": "features", "feature_channels": 5, "head": [6, 8]}
MEMORY = {"size": 6, "hidden": 10, "start": 4}
GRAPH = {"size": 7, "layers": 2, "relation_count": 2, "edge_count": 4, "vector_size": 3}

TINY = {
    "region-baseline": ("region-baseline", {"trunk": PIXELS}),
    "region-baseline features": ("region-baseline", {"trunk": FEATURES}),
    "region-local": ("region-local", {"trunk": PIXELS, "memory": MEMORY}),
    "region-local paper": ("region-local", {"trunk": FEATURES, "memory": MEMORY, "compat": "paper"}),
    "region-local port": (
        "region-local",
        {"trunk": PIXELS, "memory": MEMORY | {"context": False}, "compat": "port", "iterations": 1},
    ),
    "region-local forgetful": (
        "region-local",
        {
            "trunk": {**PIXELS, "edges": "clamp", "crop": 3},
            "memory": MEMORY,
            "remember": False,
            "iterations": 4,
        },
    ),
    "region-global": ("region-global", {"trunk": PIXELS, "graph": GRAPH}),
    "region-global regions only": ("region-global", {"trunk": FEATURES, "graph": {"size": 7, "layers": 1}}),
    "region-global classes only": (
        "region-global",
        {"trunk": PIXELS, "graph": GRAPH | {"spatial": False}, "remember": False},
    ),
    "region-full": ("region-full", {"trunk": PIXELS, "memory": MEMORY, "graph": GRAPH}),
    "region-full apart": (
        "region-full",
        {"trunk": PIXELS, "memory": MEMORY, "graph": GRAPH, "cross_feed": False, "compat": "paper"},
    ),
}
"""Name of the test case: family and settings."""

SIZES = [[96, 70], [50, 128], [33, 65], [96, 128]]
BOXES = [
    [(0, 0, 70, 96), (10, 10, 40, 50), (30, 20, 69, 90)],
    [(5, 5, 100, 45)],
    [],
    [(0, 0, 128, 96), (60, 30, 70, 38), (90, 10, 120, 80), (20, 20, 60, 60), (10, 60, 90, 90)],
]


@pytest.fixture(params=TINY)
def case(request):
    family, settings = TINY[request.param]
    return family, {"class_count": 5, **settings}


def make_model(case):
    torch.manual_seed(0)
    model = build_model(*case)
    if model.graph is not None and model.graph.config.relation_count:
        edges = torch.tensor([[0, 1, 2], [0, 3, 1], [1, 2, 4], [1, 4, 1]])
        model.set_knowledge(edges, torch.ones(4), torch.randn(5, 3))
    if model.memory is not None and model.memory.start is not None:
        torch.nn.init.normal_(model.memory.start)
    return model


@pytest.fixture
def model(case):
    return make_model(case)


@pytest.fixture
def batch():
    """Images of four sizes, one of them without regions."""
    numbers = torch.Generator().manual_seed(3)
    images, features = torch.zeros(4, 3, 96, 128), torch.rand(4, 5, 6, 8, generator=numbers)
    for image, (height, width) in zip(images, SIZES, strict=True):
        image[:, :height, :width] = torch.rand(3, height, width, generator=numbers)
    boxes = [box for of_image in BOXES for box in of_image]
    rows = [row for row, of_image in enumerate(BOXES) for _ in of_image]
    return RegionBatch(
        images=images,
        features=features,
        sizes=torch.tensor(SIZES),
        boxes=torch.tensor(boxes).float(),
        image_rows=torch.tensor(rows),
        labels=torch.tensor([1, 2, 3, 4, 0, 1, 2, 3, 4]),
    )


def test_every_family_is_tested():
    assert {family for family, _ in TINY.values()} == {
        name for name, family in MODELS.items() if family.reads == "regions"
    }


def test_knows_its_family_and_its_configuration_survives_json(model, case):
    assert family_of(model) == case[0]
    record = json.loads(json.dumps(config_to_dict(model.config)))
    assert config_from_dict(type(model.config), record, "here") == model.config


@pytest.mark.parametrize("images", [[0], [1], [0, 1, 2, 3], [3, 1, 3]], ids=str)
def test_forward_and_backward(model, batch, images):
    batch = batch.select(torch.tensor(images))
    output = model.train()(batch)
    assert output.logits.shape == (batch.regions, 5)
    assert output.predictions.shape == (len(output.names), batch.regions, 5)
    torch.testing.assert_close(output.attention.sum(1), torch.ones(batch.regions))
    assert output.trace is None
    output.loss(batch.labels).total.backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name


def test_predictions_come_in_the_order_of_their_names(model, case):
    full, iterations = case[0] == "region-full", getattr(model.config, "iterations", 0)
    kinds = {"region-local": ["local"], "region-global": ["global"], "region-full": ["local", "global"]}
    expected = ["backbone"]
    for step in range(1, iterations + 1):
        expected += [f"{kind} {step}" for kind in kinds[case[0]]]
    batch = RegionBatch(
        images=torch.rand(1, 3, 64, 64),
        features=torch.rand(1, 5, 4, 4),
        sizes=torch.tensor([[64, 64]]),
        boxes=torch.tensor([[3.0, 3, 50, 50]]),
        image_rows=torch.tensor([0]),
    )
    output = model.eval()(batch)
    assert list(output.names) == expected
    assert output.previous[0] is None
    for place, name in enumerate(output.names[1:], 1):
        kind, step = name.split()
        before = "backbone" if step == "1" else f"{kind} {int(step) - 1}"
        assert output.names[output.previous[place]] == before
    assert len(expected) == 1 + iterations * (2 if full else 1)
    final = torch.einsum("rp,prk->rk", output.attention, output.predictions)
    torch.testing.assert_close(output.logits, final)


def test_a_few_steps_lower_the_loss(model, batch):
    optimizer, losses = torch.optim.Adam(model.train().parameters(), 1e-2), []
    for _ in range(25):
        loss = model(batch).loss(batch.labels).total
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert sum(losses[-5:]) < 0.9 * sum(losses[:5])


def test_an_image_is_reasoned_about_as_if_it_were_alone_and_not_padded(model, batch, case):
    together = model.eval()(batch)
    for row, (height, width) in enumerate(SIZES):
        alone = batch.select(torch.tensor([row]))
        alone.images = alone.images[:, :, :height, :width]
        alone.features = alone.features[:, :, : -(-height // 16), : -(-width // 16)]
        expected = model(alone)
        mine = batch.image_rows == row
        torch.testing.assert_close(together.logits[mine], expected.logits, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(together.attention[mine], expected.attention, rtol=1e-4, atol=1e-5)


def test_the_order_of_regions_does_not_matter(model, batch):
    order = torch.tensor([2, 0, 1, 3, 8, 7, 6, 5, 4])
    other = replace(batch, boxes=batch.boxes[order], image_rows=batch.image_rows[order])
    torch.testing.assert_close(model.eval()(other).logits, model(batch).logits[order], rtol=1e-4, atol=1e-5)


def test_a_region_learns_of_its_neighbours_unless_it_is_the_baselines(model, batch, case):
    moved = replace(batch, boxes=batch.boxes.clone())
    moved.boxes[8] += torch.tensor([10.0, -40, 10, -40])
    before, after = model.eval()(batch).predictions, model(moved).predictions
    assert torch.equal(before[0, :8], after[0, :8])
    assert torch.allclose(before[:, :4], after[:, :4], atol=1e-6)  # regions of other images
    reasons = case[0] != "region-baseline"
    assert torch.equal(before[:, 4:8], after[:, 4:8]) != reasons


def test_the_backbone_learns_from_its_own_prediction_alone(model, batch):
    output = model.train()(batch)
    if len(output.names) == 1:
        return
    loss = output.loss(batch.labels)
    (loss.memory + loss.final).backward(retain_graph=True)
    assert all(one.grad is None or not one.grad.any() for one in model.trunk.parameters())
    loss.image.backward()
    assert any(one.grad is not None and one.grad.any() for one in model.trunk.parameters())


def test_saved_and_loaded_it_says_the_same(model, case, batch, tmp_path):
    path = tmp_path / "model.safetensors"
    save_model(path, model, {"classes": ["a", "b"]})
    loaded = load_model(path)
    assert (loaded.family, loaded.config, loaded.meta) == (case[0], model.config, {"classes": ["a", "b"]})
    assert torch.equal(loaded.model(batch).logits, model.eval()(batch).logits)


def test_bfloat16_autocast(model, batch):
    exact = model.eval()(batch).predictions
    with torch.autocast("cpu", torch.bfloat16):
        output = model(batch)
    output.loss(batch.labels).total.backward()
    assert output.predictions.dtype == torch.float32
    assert (output.predictions - exact).norm() < 0.05 * exact.norm()
    assert all(torch.isfinite(one.grad).all() for one in model.parameters() if one.grad is not None)


def test_works_in_inference_mode_and_a_trace_changes_nothing(model, batch):
    expected = model.eval()(batch).logits
    with torch.inference_mode():
        torch.testing.assert_close(model(batch, trace=True).logits, expected)


def test_traces_say_what_was_heard_of_whom(model, batch, case):
    trace = model.eval()(batch, trace=True).trace
    if case[0] == "region-baseline":
        assert trace is None
        return
    steps, regions = model.config.iterations, batch.regions
    same_image = batch.image_rows[:, None] == batch.image_rows
    if model.memory is not None:
        assert trace.memory.shape == (steps + 1, 4, 6, 8)
        assert trace.coverage.shape == (4, 6, 8)
        assert not trace.coverage[2].any()
        assert not trace.local_neighbours[:, ~same_image].any()
        torch.testing.assert_close(
            trace.local_neighbours[:, [0, 3, 4]].sum(-1), torch.ones(steps, 3), rtol=1e-4, atol=1e-4
        )
    else:
        assert trace.memory is trace.coverage is trace.local_neighbours is None
    graph = None if model.graph is None else model.graph.config
    if graph is not None and graph.spatial:
        assert trace.graph_neighbours.shape == (steps, regions, regions)
        assert not trace.graph_neighbours[:, ~same_image].any()
        assert trace.edge_kinds.shape == (steps, regions, len(KINDS))
        assert not trace.edge_kinds[:, 3].any()  # it is alone
    if graph is not None and graph.relation_count:
        assert trace.class_edges.shape == trace.class_shares.shape == (steps, regions, 4)
        torch.testing.assert_close(trace.class_shares.sum(-1), torch.ones(steps, regions))
        assert (trace.class_shares.diff(dim=-1) <= 0).all()


def test_images_without_regions_give_no_scores(model, batch):
    output = model.eval()(batch.select(torch.tensor([2])), trace=True)
    assert output.logits.shape == (0, 5)


def test_cross_feed_changes_what_is_said_from_the_second_iteration_on(batch):
    model = make_model(("region-full", {"class_count": 5, **TINY["region-full"][1]})).eval()
    before = model(batch).predictions
    with torch.no_grad():
        model.memory.fed.weight *= -3
        model.graph.fed.weight *= -3
    after = model(batch).predictions
    torch.testing.assert_close(before[:3], after[:3])
    assert not torch.allclose(before[3], after[3])
    assert not torch.allclose(before[4], after[4])


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (RegionLocalConfig(class_count=1), "class_count is 1"),
        (RegionLocalConfig(class_count=4, iterations=0), "iterations is 0"),
        (RegionGlobalConfig(class_count=4, iterations=0), "iterations is 0"),
    ],
)
def test_configurations_that_fit_no_network_are_refused(config, message):
    with pytest.raises(ModelError, match=message):
        build_model(
            {RegionLocalConfig: "region-local", RegionGlobalConfig: "region-global"}[type(config)], config
        )


def test_only_a_graph_takes_knowledge():
    model = build_model("region-local", {"class_count": 5, "trunk": PIXELS, "memory": MEMORY})
    with pytest.raises(ModelError, match="RegionLocal has no graph"):
        model.set_knowledge(torch.zeros(0, 3), torch.zeros(0), torch.zeros(0, 0))
