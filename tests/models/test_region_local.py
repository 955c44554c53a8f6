"""The local module against the numbers of the authors' code, and the places where paper, code and port differ."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from visreason.models.region_config import RegionFullConfig, RegionLocalConfig
from visreason.models.region_reasoning import RegionReasoner
from visreason.nn.region_batch import RegionBatch
from visreason.nn.region_graph import RegionGraphConfig
from visreason.nn.region_tables import Grid, RegionTables
from visreason.nn.region_trunk import RegionTrunkConfig
from visreason.nn.spatial_memory import SpatialMemoryConfig

NAMES = {
    "memory.start": ("mem_init/mem_init", None),
    "memory.context.0": ("context/conv1", "conv"),
    "memory.context.1": ("context/conv02", "conv"),
    "memory.context.2": ("context/conv03", "conv"),
    "memory.read_layers.0": ("fc7/mem_fc6", "linear"),
    "memory.read_layers.2": ("fc7/mem_fc7", "linear"),
    "memory.scores": ("cls_iter/cls_score_mem", "linear"),
    "memory.confidence": ("confid_iter/confid_mem", "linear"),
    "memory.of_scores": ("bottom_top/map_prob", "linear"),
    "memory.of_crop": ("bottom_top/pool5_comp", "conv"),
    "memory.joined": ("pool5_input/conv02", "conv"),
    "memory.candidate_of_input": ("mem_update/input_p", "conv"),
    "memory.candidate_of_memory": ("mem_update/input_m", "conv"),
}
"""Our layers and the variables of the TensorFlow graph under SMN/."""


@pytest.fixture
def reference(shared):
    return np.load(shared / "fixtures/iter_local_memory.npz")


@pytest.fixture
def weights(shared):
    file = np.load(shared / "fixtures/iter_local_memory_weights.npz")
    return {name: torch.from_numpy(file[name]).double() for name in file}


def state_of(weights):
    """The reference's weights by our names."""
    orders = {"conv": (3, 2, 0, 1), "linear": (1, 0)}
    state = {}
    for ours, (theirs, kind) in NAMES.items():
        if kind is None:
            state[ours] = weights[f"SMN/{theirs}"][0].permute(2, 0, 1)
            continue
        state[f"{ours}.weight"] = weights[f"SMN/{theirs}/weights"].permute(orders[kind])
        if f"SMN/{theirs}/biases" in weights:
            state[f"{ours}.bias"] = weights[f"SMN/{theirs}/biases"]
    gates = [f"SMN/mem_update/{gate}" for gate in ("reset", "update")]
    for ours, theirs in (("gates_of_input", "p"), ("gates_of_memory", "m")):
        both = [weights[f"{gate}_{theirs}/weights"].permute(3, 2, 0, 1) for gate in gates]
        state[f"memory.{ours}.weight"] = torch.cat(both)
    state["memory.gates_of_input.bias"] = torch.cat([weights[f"{gate}_p/biases"] for gate in gates])
    state["classifier.weight"] = weights["resnet_v1_50/cls_score/weights"].T
    state["classifier.bias"] = weights["resnet_v1_50/cls_score/biases"]
    return state


@pytest.fixture
def model(weights):
    config = RegionLocalConfig(
        class_count=13,
        trunk=RegionTrunkConfig(kind="features", feature_channels=20, head=(20,)),
        memory=SpatialMemoryConfig(size=16, hidden=24),
        iterations=2,
    )
    model = RegionReasoner(config)
    model.trunk.region_head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())  # conv5 was left out
    model.load_state_dict(state_of(weights), strict=True)
    return model


def batch_of(reference):
    height, width = (int(one) for one in reference["memory_size"])
    boxes = torch.from_numpy(reference["gt_boxes"][:, :4])
    return RegionBatch(
        features=torch.from_numpy(reference["feat"]).permute(0, 3, 1, 2),
        sizes=torch.tensor([[16 * height, 16 * width]]),
        boxes=boxes,
        image_rows=torch.zeros(len(boxes), dtype=torch.long),
        labels=torch.from_numpy(reference["labels"]),
    )


def assert_close(found, expected, tolerance=1e-5):
    """Equal within a share of the largest value."""
    expected = torch.from_numpy(np.asarray(expected)).to(found.dtype).reshape(found.shape)
    assert (found - expected).abs().max() <= tolerance * expected.abs().max()


def test_predictions_attention_and_final_scores_equal_the_references(model, reference):
    output = model(batch_of(reference))
    assert_close(output.predictions, reference["cls_score"])
    assert_close(output.attention, reference["attention"])
    assert_close(output.logits, reference["final_score"])
    assert_close(output.logits.softmax(1), reference["final_prob"])
    assert_close(output.predictions, reference["tf_cls_score"])
    assert_close(output.attention, reference["tf_attention"])


def test_memory_and_what_is_read_and_written_equal_the_references(model, reference):
    batch = batch_of(reference)
    cells, grid = model.trunk(batch)
    tables = RegionTables(batch.boxes, batch.image_rows, grid)
    assert_close(tables.count, reference["count"])
    crop = tables.read(cells.permute(0, 2, 3, 1).flatten(0, 2))
    assert_close(crop, reference["region_feat"])
    memory = model.memory.begin(grid, crop)
    for step in range(3):
        assert_close(memory, reference["M"][step])
        seen = model.memory.see(memory, tables, None)
        assert_close(seen, reference["fc7"][step])
        assert_close(model.memory.scores(seen), reference["score_mem"][step])
        assert_close(model.memory.confidence(seen), reference["confid"][step])
        if step == 2:
            break
        assert_close(tables.read(memory), reference["read"][step])
        scores = torch.from_numpy(reference["cls_score"][step]).float()
        written = model.memory.update(memory, tables, scores, model.memory.project(crop))
        assert_close(written.change_MS, reference["mem_diff"][step])
        assert_close(tables.write(written.change_MS), reference["write_sum"][step])
        memory = written.memory_NS


def test_losses_equal_the_references(model, reference):
    batch = batch_of(reference)
    loss = model(batch).loss(batch.labels)
    for name in ("image", "memory", "final", "total"):
        assert getattr(loss, name).item() == pytest.approx(float(reference[f"loss_{name}"]), rel=1e-5)


def test_gradients_equal_the_references(model, reference):
    batch = batch_of(reference)
    batch.features.requires_grad_()
    model(batch).loss(batch.labels).total.backward()
    norms = dict(zip(reference["tf_grad_names"].tolist(), reference["tf_grad_norms"].tolist(), strict=True))
    found = {name: parameter.grad for name, parameter in model.named_parameters()}
    compared = 0
    for ours, (theirs, kind) in NAMES.items():
        for part, suffix in (("weights", ".weight"), ("biases", ".bias")):
            name = next((one for one in norms if one.split(":")[0] == f"SMN/{theirs}/{part}"), None)
            if kind is not None and name is not None and f"{ours}{suffix}" in found:
                assert found[f"{ours}{suffix}"].norm().item() == pytest.approx(norms[name], rel=1e-4)
                compared += 1
    start = next(one for one in norms if "mem_init" in one)
    assert found["memory.start"].norm().item() == pytest.approx(norms[start], rel=1e-4)
    features = next(one for one in norms if "feat" in one)
    assert batch.features.grad.norm().item() == pytest.approx(norms[features], rel=1e-4)
    assert compared > 15


SMALL = RegionLocalConfig(
    class_count=5,
    trunk=RegionTrunkConfig(channels=(4, 4, 4, 4), head=(6,)),
    memory=SpatialMemoryConfig(size=6, hidden=8),
)


def build(compat, trunk=SMALL.trunk):
    torch.manual_seed(0)
    model = RegionReasoner(replace(SMALL, compat=compat, trunk=trunk))
    if model.memory.start is not None:
        nn.init.normal_(model.memory.start)
    return model.eval()


@pytest.fixture
def batch():
    numbers = torch.Generator().manual_seed(0)
    return RegionBatch(
        images=torch.rand(1, 3, 96, 128, generator=numbers),
        sizes=torch.tensor([[96, 128]]),
        boxes=torch.tensor([[10.0, 10, 60, 90], [50, 20, 120, 70], [66, 66, 78, 78]]),
        image_rows=torch.tensor([0, 0, 0]),
    )


def test_by_the_paper_a_region_writes_to_all_cells_it_touches(batch):
    paper, official = (build(compat)(batch, trace=True).trace for compat in ("paper", "official"))
    assert torch.equal(official.coverage, official.coverage.round())
    assert not torch.equal(paper.coverage, paper.coverage.round())
    assert (paper.coverage > 0).sum() > (official.coverage > 0).sum()


def test_by_the_paper_the_least_confident_prediction_counts_most(batch):
    for compat, sign in (("paper", -1), ("official", 1), ("port", 1)):
        model = build(compat)
        for layer in (model.memory.confidence, model.confidence):
            if layer is not None:
                nn.init.zeros_(layer.weight)
        if model.confidence is None:
            with torch.no_grad():
                model.memory.confidence.weight.fill_(1.0)
            output, seen = model(batch), []
            handle = model.memory.confidence.register_forward_hook(lambda _, __, out, s=seen: s.append(out))
            model(batch)
            handle.remove()
            expected = torch.cat(seen, dim=1).softmax(1)
        else:
            nn.init.constant_(model.confidence.bias, 2.0)
            output = model(batch)
            expected = torch.tensor([2.0 * sign, 0, 0]).softmax(0).expand(3, 3)
        torch.testing.assert_close(output.attention, expected)


def test_the_backbones_confidence_comes_from_the_memory_by_the_official_code_only(batch):
    official = build("official")
    assert official.confidence is None
    before = official(batch).attention
    with torch.no_grad():
        official.memory.start *= -2  # all that is there before anything is written
    assert not torch.allclose(official(batch).attention[:, 0], before[:, 0])
    for compat, sign in (("paper", -1), ("port", 1)):
        model = build(compat)
        nn.init.zeros_(model.memory.confidence.weight)
        seen = model.see(batch)
        average = seen.crop_MC.view(3, -1, 4).mean(1)
        confidence = sign * (average @ model.confidence.weight[0] + model.confidence.bias)
        expected = torch.stack([confidence, torch.zeros(3), torch.zeros(3)], dim=1).softmax(1)
        torch.testing.assert_close(model(batch).attention, expected)


def test_the_ports_memory_starts_from_zeros_and_its_small_layers_have_biases(batch):
    port, official, paper = (build(compat).memory for compat in ("port", "official", "paper"))
    assert port.start is None
    assert official.start.shape == paper.start.shape == (6, 20, 20)
    for name in ("of_scores", "confidence", "gates_of_memory"):
        assert getattr(port, name).bias is not None
        assert getattr(official, name).bias is getattr(paper, name).bias is None
    assert port.candidate_of_memory.bias is official.candidate_of_memory.bias is None
    grid = Grid(6, 8, 16, torch.tensor([[6, 8]]))
    assert not port.begin(grid, batch.boxes).any()
    assert official.begin(grid, batch.boxes).any()


def test_the_ports_conv5_halves_the_crop():
    trunk = RegionTrunkConfig(kind="resnet50")
    outputs = {}
    for compat in ("port", "official", "paper"):
        with torch.device("meta"):
            model = RegionReasoner(replace(SMALL, trunk=trunk, compat=compat))
            outputs[compat] = model.trunk.network.encoder.stages[3](torch.zeros(2, 1024, 7, 7)).shape
    assert outputs == {"port": (2, 2048, 4, 4), "official": (2, 2048, 7, 7), "paper": (2, 2048, 7, 7)}


@pytest.mark.parametrize("compat", ["paper", "official", "port"])
def test_faults_of_the_port_are_nobodys(batch, compat):
    """There every region wrote what the first had computed, and re-weighting had no effect."""
    model = build(compat)
    apart = torch.tensor([[0.0, 0, 40, 40], [80, 50, 127, 95], [60, 0, 120, 30]])
    alone = [
        model(replace(batch, boxes=apart[row : row + 1], image_rows=batch.image_rows[:1]), trace=True)
        for row in range(3)
    ]
    together = model(replace(batch, boxes=apart), trace=True).trace.memory[1]
    written = together - alone[0].trace.memory[0]
    for row, (x1, y1, x2, y2) in enumerate((apart / 16).round().long().tolist()):
        inside = (slice(None), slice(y1, y2), slice(x1, x2))
        torch.testing.assert_close(together[inside], alone[row].trace.memory[1][inside])
        assert written[inside].any()
    labels = torch.tensor([1, 2, 3])
    output = model(batch)
    assert output.loss(labels, beta=0.01).memory != output.loss(labels, beta=1.0).memory


@pytest.mark.parametrize("compat", ["paper", "official", "port"])
def test_the_whole_network_follows_the_same_details(batch, compat):
    local = build(compat)
    config = RegionFullConfig(
        class_count=5,
        trunk=SMALL.trunk,
        memory=SMALL.memory,
        graph=RegionGraphConfig(size=6, layers=1),
        compat=compat,
    )
    full = RegionReasoner(config).eval()
    shapes = {name: one.shape for name, one in local.state_dict().items()}
    theirs = {name: one.shape for name, one in full.state_dict().items()}
    assert {name for name in shapes if name not in theirs} == set()
    assert {name: theirs[name] for name in shapes} == shapes
    whole = bool((full(batch, trace=True).trace.coverage % 1 == 0).all())
    assert whole == (compat != "paper")


def test_a_memory_that_is_not_kept_forgets_the_first_writing(batch):
    torch.manual_seed(0)
    kept, forgotten = (RegionReasoner(replace(SMALL, remember=flag)) for flag in (True, False))
    forgotten.load_state_dict(kept.state_dict())
    one, other = (model.eval()(batch, trace=True) for model in (kept, forgotten))
    torch.testing.assert_close(one.predictions[:2], other.predictions[:2])
    assert not torch.allclose(one.predictions[2], other.predictions[2])
