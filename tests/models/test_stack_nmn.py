"""Stack Neural Module Networks: every setting changes what it says, and nothing else does."""

from dataclasses import fields, replace

import pytest
import torch

from visreason.errors import ModelError
from visreason.models.locating import LocationHeadConfig
from visreason.models.stack_nmn import StackNmn, StackNmnConfig
from visreason.nn.batch import Batch
from visreason.nn.image_encoder import ImageEncoderConfig
from visreason.nn.reconstruction import ReconstructionConfig
from visreason.nn.stack_moves import AND, DESCRIBE_ONE, DESCRIBE_TWO, FIND, NO_OP, SCENE, TRANSFORM

SEES = ImageEncoderConfig(kind="features", shape=(5, 4, 6))
BASE = StackNmnConfig(
    vocabulary_size=20,
    answer_count=6,
    image=SEES,
    steps=4,
    dim=8,
    word_size=5,
    lstm_hidden=10,
    position_size=4,
    memory_size=7,
    answer_hidden=9,
    dropout=0.0,
)

SIZES = {
    "vocabulary_size": (21, "controller.encoder.embedding.weight", (22, 5)),
    "image": (replace(SEES, shape=(7, 4, 6)), "first.weight", (8, 11)),
    "answer_count": (3, "answer.3.weight", (3, 9)),
    "locate": (LocationHeadConfig(), "location.weight", (1,)),
    "reconstruct": (ReconstructionConfig(hidden=3), "reconstructor.score.weight", (21, 3)),
    "steps": (3, "controller.by_step.weight", (30, 10)),
    "dim": (6, "second.weight", (6, 6)),
    "word_size": (6, "controller.encoder.embedding.weight", (21, 6)),
    "lstm_hidden": (12, "controller.join.weight", (12, 17)),
    "position_size": (8, "first.weight", (8, 13)),
    "control": ("states", "controller.start", (10,)),
    "module_scores": ("linear", "controller.score.weight", (9, 10)),
    "module_bias": (False, "controller.score.2.bias", None),
    "memory_size": (4, "modules_of_stack.describe_one.describe.weight", (4, 17)),
    "answer_hidden": (11, "answer.0.weight", (11, 17)),
    "answer_question": (False, "answer.0.weight", (9, 7)),
    "referents": (True, "referents.scale", (1,)),
}
"""Settings that add, take away or shape weights: another value, and a weight that shows it."""

RULES = {
    "normalise_attention": ({}, False),
    "hard_layout": ({}, True),
    "stack_places": ({"validity": "off", "pointer": "soft"}, 2),
    "pointer": ({}, "soft"),
    "pointer_temperature": ({"pointer": "soft"}, 0.7),
    "guard_stack": ({"stack_places": 2, "validity": "off"}, False),
    "validity": ({}, "off"),
    "keep_stack": ({"validity": "off"}, False),
}
"""Settings that leave the weights alone: what else must be set for them to count, and another value."""

IN_TRAINING = {"gumbel": 0.5, "dropout": 0.5}
"""Settings that leave weights and testing alone."""


def make(**changes):
    """A network with the weights that the seed gives, its answers wide apart."""
    torch.manual_seed(0)
    network = StackNmn(replace(BASE, **changes)).eval()
    with torch.no_grad():
        network.controller.by_step.weight.mul_(4)
        network.modules_of_stack.find.weight.weight.mul_(8)
    return network


@pytest.fixture
def batch():
    numbers = torch.Generator().manual_seed(1)
    lengths = torch.tensor([6, 2, 4, 3, 5, 1])
    tokens = torch.randint(1, 21, (6, 6), generator=numbers)
    features = torch.rand(6, 5, 4, 6, generator=numbers)
    words = torch.where(torch.arange(6) < lengths[:, None], tokens, 0)
    return Batch(tokens=words, lengths=lengths, features=features)


def test_every_setting_is_tested():
    assert {*SIZES, *RULES, *IN_TRAINING} == {one.name for one in fields(StackNmnConfig)}


@pytest.mark.parametrize("name", SIZES)
def test_a_setting_of_size_shapes_the_weights(name):
    value, weight, shape = SIZES[name]
    before, after = make().state_dict(), make(**{name: value}).state_dict()
    assert (tuple(after[weight].shape) if weight in after else None) == shape
    assert weight not in before or before[weight].shape != shape


@pytest.mark.parametrize("name", RULES)
def test_a_rule_changes_what_the_same_weights_say(name, batch):
    needed, value = RULES[name]
    before, after = make(**needed), make(**needed, **{name: value})
    assert all(torch.equal(one, after.state_dict()[key]) for key, one in before.state_dict().items())
    assert not torch.allclose(before(batch).logits, after(batch).logits, atol=1e-4)


@pytest.mark.parametrize("name", IN_TRAINING)
def test_noise_is_for_training_alone(name, batch):
    before, after = make(), make(**{name: IN_TRAINING[name]})
    assert torch.equal(before(batch).logits, after(batch).logits)
    assert torch.equal(before.train()(batch).logits, before(batch).logits)
    first, second = (after.train()(batch).logits for _ in range(2))
    assert not torch.equal(first, second)


def test_in_training_every_step_reads_the_top_of_the_stack(batch):
    network = make(referents=True).eval()
    assert network(batch).referents is None
    told_BTHW = network.train()(batch).referents
    plan = network.controller(batch.tokens, batch.lengths)
    steps = network.modules_of_stack(network.knowledge(batch), plan.control_BTE, plan.weights_BTM)
    tops_BTP = torch.stack([step.top for step in steps], dim=1)
    assert told_BTHW.shape[2:] == (network.image.height, network.image.width)
    assert torch.equal(told_BTHW.flatten(2), tops_BTP * network.referents.scale + network.referents.offset)


def run(network, layout, cells=None):
    """What a network's modules leave of one image, step by step, when each step runs one given module."""
    cells = torch.rand(1, 24, 8, generator=torch.Generator().manual_seed(2)) if cells is None else cells
    control = torch.rand(1, len(layout), 5, generator=torch.Generator().manual_seed(3))
    weights = torch.nn.functional.one_hot(torch.tensor([layout]), 9).float()
    return network.modules_of_stack(cells, control, weights)


@pytest.mark.parametrize(("places", "holds"), [(2, False), (3, False), (4, True), (7, True)])
def test_a_stack_of_s_places_holds_one_map_less(places, holds):
    steps = run(make(stack_places=places, validity="off"), [FIND, FIND, FIND, AND, AND])
    lowest = torch.stack([one.top for one in steps[:3]]).amin(dim=0)
    assert torch.allclose(steps[-1].top, lowest) is holds


def test_a_guarded_pointer_stays_at_the_end_that_an_unguarded_one_falls_off():
    for guard in (True, False):
        up = run(make(guard_stack=guard, stack_places=2, validity="off"), [FIND, FIND])
        down = run(make(guard_stack=guard, stack_places=2, validity="off"), [AND])
        assert up[-1].blurred_BS.tolist() == [[0, 1 if guard else 0]]
        assert down[-1].blurred_BS.tolist() == [[1 if guard else 0, 0]]


def test_describing_keeps_the_stack_or_leaves_an_empty_map():
    for layout in ([FIND, DESCRIBE_ONE], [FIND, FIND, DESCRIBE_TWO]):
        kept, spent = run(make(keep_stack=True), layout), run(make(keep_stack=False), layout)
        assert torch.equal(kept[-1].top, kept[-2].top)
        assert kept[-1].pointer_BS.tolist() == kept[-2].pointer_BS.tolist()
        assert not spent[-1].top.any()
        assert spent[-1].pointer_BS.argmax() == 1
        assert torch.equal(kept[-1].memory_BK, spent[-1].memory_BK)


def test_a_pointer_is_sharpened_as_the_settings_say():
    weights = torch.full((1, 1, 9), 1 / 9)
    cells, control = torch.rand(1, 24, 8), torch.rand(1, 1, 5)
    hard, soft, softer = (
        make(validity="off", pointer=kind, pointer_temperature=temperature)
        .modules_of_stack(cells, control, weights)[0]
        .pointer_BS[0]
        for kind, temperature in (("hard", 0.2), ("soft", 0.2), ("soft", 2.0))
    )
    assert sorted(hard.tolist()) == [0, 0, 0, 1]
    assert hard.argmax() == soft.argmax() == softer.argmax()
    assert 1 > soft.max() > softer.max() > 0.25
    assert soft.sum().item() == pytest.approx(1)


def test_validity_asks_the_pointer_softly_rounded_or_not_at_all():
    weights, pointer = torch.zeros(1, 9), torch.tensor([[0.4, 0.6, 0.0, 0.0]])
    weights[0, [NO_OP, TRANSFORM, AND, SCENE]] = 0.25
    left = {
        kind: make(validity=kind).modules_of_stack.valid(weights, pointer)[0]
        for kind in ("soft", "hard", "off")
    }
    assert torch.equal(left["off"], weights[0])
    soft = {
        NO_OP: 1 / 2.6,
        TRANSFORM: 0.6 / 2.6,
        AND: 0,
        SCENE: 1 / 2.6,
    }  # a Transform pops one map, an And two
    hard = {NO_OP: 1 / 3, TRANSFORM: 1 / 3, AND: 0, SCENE: 1 / 3}
    for kind, expected in (("soft", soft), ("hard", hard)):
        assert {module: left[kind][module].item() for module in expected} == pytest.approx(expected)


def test_a_hard_layout_runs_the_likeliest_module_alone(batch):
    network = make(hard_layout=True, validity="off")
    plan = network.controller(batch.tokens, batch.lengths)
    steps = network.modules_of_stack(network.knowledge(batch), plan.control_BTE, plan.weights_BTM)
    for step, one in enumerate(steps):
        assert torch.equal(one.weights_BM.amax(dim=1), torch.ones(6))
        assert torch.equal(one.weights_BM.argmax(dim=1), plan.logits_BTM[:, step].argmax(dim=1))
    softly = make(validity="off").train()(batch).logits
    assert torch.allclose(network.train()(batch).logits, softly)


def test_gumbel_noise_reorders_modules_by_their_chances(batch):
    """The largest noisy score is a sample of the softmax (Gumbel's trick)."""
    controller = make(gumbel=0.5).controller.train()
    torch.manual_seed(0)
    tokens, lengths = batch.tokens[:1].expand(4000, -1), batch.lengths[:1].expand(4000)
    plan = controller(tokens, lengths)
    drawn = plan.weights_BTM[:, 0].argmax(dim=1).bincount(minlength=9) / 4000
    assert drawn.tolist() == pytest.approx(plan.logits_BTM[0, 0].softmax(0).tolist(), abs=0.03)


def test_the_text_is_told_again_in_training_alone(batch):
    network = make(reconstruct=ReconstructionConfig(hidden=6))
    assert network(batch).words is None
    assert make().train()(batch).words is None
    output = network.train()(batch)
    assert output.words.shape == (6, 7, 21)
    output.words.square().sum().backward()
    taught = (
        network.controller.score[2].weight,
        network.controller.join.weight,
        network.reconstructor.score.weight,
    )
    assert all(one.grad.abs().sum() > 0 for one in taught)
    assert network.first.weight.grad is None  # the image has no say


def test_questions_alone_decide_the_plan(batch):
    network = make(locate=LocationHeadConfig())
    other = replace(batch, features=torch.rand(6, 5, 4, 6))
    one, two = network(batch), network(other)
    assert torch.equal(one.modules, two.modules)
    assert not torch.equal(one.logits, two.logits)
    assert not torch.equal(one.corners, two.corners)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"answer_count": None}, "has nothing to say"),
        ({"stack_places": 1}, "give two or more"),
        ({"steps": 0}, "give at least one"),
        ({"position_size": 6}, "a multiple of 4"),
        ({"lstm_hidden": 9}, "even number"),
    ],
)
def test_a_configuration_that_fits_no_network_is_refused(changes, said):
    with pytest.raises(ModelError, match=said):
        make(**changes)
