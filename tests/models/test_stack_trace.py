"""The trace of a Stack Neural Module Network says what its modules, words, maps and stack did."""

from dataclasses import replace

import pytest
import torch

from visreason.models.locating import LocationHeadConfig
from visreason.models.stack_nmn import StackNmn, StackNmnConfig
from visreason.models.stack_trace import NAMES
from visreason.nn.batch import Batch
from visreason.nn.image_encoder import ImageEncoderConfig

FIND, TRANSFORM, AND, DESCRIBE_ONE, NO_OP = 1, 2, 4, 7, 0


@pytest.fixture
def network():
    torch.manual_seed(0)
    config = StackNmnConfig(
        vocabulary_size=20,
        answer_count=6,
        locate=LocationHeadConfig(),
        image=ImageEncoderConfig(kind="features", shape=(5, 3, 4)),
        steps=6,
        dim=8,
        word_size=5,
        lstm_hidden=10,
        position_size=4,
        memory_size=7,
        answer_hidden=9,
    )
    return StackNmn(config).eval()


@pytest.fixture
def batch():
    tokens = torch.tensor([[3, 4, 5, 6], [7, 8, 0, 0]])
    features = torch.rand(2, 5, 3, 4, generator=torch.Generator().manual_seed(0))
    return Batch(tokens=tokens, lengths=torch.tensor([4, 2]), features=features)


def plan(network, layout, monkeypatch):
    """Let the network run this layout, whatever the question."""
    real = network.controller.forward

    def planned(tokens, lengths):
        found = real(tokens, lengths)
        logits = 99 * torch.nn.functional.one_hot(torch.tensor([layout] * len(tokens)), 9).float()
        return replace(found, logits_BTM=logits, weights_BTM=logits.softmax(2))

    monkeypatch.setattr(network.controller, "forward", planned)


def test_every_step_names_its_module_what_it_popped_and_how_much_is_held(network, batch, monkeypatch):
    plan(network, [FIND, TRANSFORM, FIND, AND, DESCRIBE_ONE, NO_OP], monkeypatch)
    trace = network(batch, trace=True).trace[0]
    assert [step.name for step in trace.steps] == [
        "find",
        "transform",
        "find",
        "and",
        "describe one",
        "no-op",
    ]
    assert [step.reads for step in trace.steps] == [(), (0,), (), (1, 2), (3,), ()]
    held = ["1 on the stack", "1 on the stack", "2 on the stack", *["1 on the stack"] * 3]
    assert [step.value for step in trace.steps] == held
    assert [step.weight for step in trace.steps] == pytest.approx([1] * 6)
    assert set(NAMES) >= {step.name for step in trace.steps}


def test_maps_are_what_the_next_module_attends_to(network, batch, monkeypatch):
    plan(network, [FIND, TRANSFORM, FIND, AND, DESCRIBE_ONE, NO_OP], monkeypatch)
    traces = network(batch, trace=True).trace
    cells = network.knowledge(batch)
    planned = network.controller(batch.tokens, batch.lengths)
    steps = network.modules_of_stack(cells, planned.control_BTE, planned.weights_BTM)
    for row, trace in enumerate(traces):
        for step, found in zip(steps, trace.steps, strict=True):
            if found.name in ("describe one", "no-op"):
                assert found.grid is None
                continue
            expected = step.top[row].softmax(0).view(3, 4)
            torch.testing.assert_close(torch.tensor(found.grid), expected, rtol=1e-4, atol=1e-5)
            assert sum(map(sum, found.grid)) == pytest.approx(1, abs=1e-3)


def test_every_module_is_told_with_its_weight(network, batch):
    traces = network(batch, trace=True).trace
    planned = network.controller(batch.tokens, batch.lengths)
    steps = network.modules_of_stack(network.knowledge(batch), planned.control_BTE, planned.weights_BTM)
    for row, trace in enumerate(traces):
        for one, step in zip(steps, trace.steps, strict=True):
            mixed = dict(step.addressing)
            assert [mixed[name] for name in NAMES] == pytest.approx(one.weights_BM[row].tolist(), abs=1e-5)
            assert list(mixed.values()) == sorted(mixed.values(), reverse=True)
            assert step.addressing[0] == (step.name, pytest.approx(step.weight))


def test_words_are_the_questions_own(network, batch):
    output = network(batch, trace=True)
    planned = network.controller(batch.tokens, batch.lengths)
    for row, length in enumerate((4, 2)):
        for place, step in enumerate(output.trace[row].steps):
            expected = planned.attention_BTW[row, place, :length].tolist()
            assert step.text_attention == pytest.approx(expected, abs=1e-4)
