import copy

import pytest
import torch
from torch import nn
from torch._inductor.exc import InductorError
from torch.nn import functional

from visreason.models import build_model
from visreason.nn.batch import Batch
from visreason.nn.compiling import compile_layers

SIZES = {"vocabulary_size": 9, "answer_count": 4, "word_size": 5, "f_widths": (8, 8), "dropout": 0.5}
FAMILIES = {
    "relation-network": {"conv_channels": (4, 4, 4), "lstm_hidden": 8, "g_widths": (12, 12)},
    "stacked-attention": {
        "image": {"kind": "pixels", "shape": (3, 32, 32), "channels": (4, 4)},
        "dim": 8,
        "attention_hidden": 8,
    },
}


@pytest.fixture(autouse=True)
def nothing_compiled():
    torch.compiler.reset()
    yield
    torch.compiler.reset()


def make_batch(questions, longest):
    numbers = torch.Generator().manual_seed(questions)
    return Batch(
        tokens=torch.randint(1, 10, (questions, longest), generator=numbers),
        lengths=torch.full((questions,), longest),
        images=torch.rand(questions, 3, 32, 32, generator=numbers),
        answers=torch.randint(0, 4, (questions,), generator=numbers),
    )


def twins(family, say):
    """A network as it is, and one of the same weights with compiled layers."""
    torch.manual_seed(0)
    eager = build_model(family, {**SIZES, **FAMILIES[family]})
    compiled = copy.deepcopy(eager)
    assert compile_layers(compiled, say) == 2
    return eager, compiled


def step(model, batch):
    """Loss and gradients."""
    torch.manual_seed(1)  # of dropout
    model.zero_grad()
    loss = functional.cross_entropy(model(batch).logits, batch.answers)
    loss.backward()
    return {"loss": loss.detach()} | {name: one.grad.clone() for name, one in model.named_parameters()}


def assert_alike(eager, compiled):
    """In training, on batches of two sizes, and in evaluation."""
    for batch in (make_batch(6, 5), make_batch(3, 7)):
        ours, theirs = step(compiled, batch), step(eager, batch)
        for name, expected in theirs.items():
            torch.testing.assert_close(ours[name], expected, rtol=1e-5, atol=1e-5, msg=name)
    with torch.inference_mode():
        logits, expected = (model.eval()(batch).logits for model in (compiled, eager))
    torch.testing.assert_close(logits, expected, rtol=1e-5, atol=1e-5)
    for name, value in eager.state_dict().items():  # running statistics, too; and every weight has its name
        torch.testing.assert_close(compiled.state_dict()[name], value, rtol=1e-5, atol=1e-5)
    assert compiled.state_dict().keys() == eager.state_dict().keys()


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_compiled_layers_compute_what_they_are(family):
    said = []
    assert_alike(*twins(family, said.append))
    assert said == []
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] >= 2


@pytest.mark.slow
def test_without_a_compiler_they_run_as_they_are_and_it_is_said_once(monkeypatch):
    def absent(graph, inputs, config_patches):
        raise InductorError(RuntimeError("no working C++ compiler was found\nfor all of this code"), None)

    monkeypatch.setattr("torch._inductor.compile_fx.compile_fx", absent)
    said = []
    assert_alike(*twins("stacked-attention", said.append))
    assert said == [
        "nothing is compiled, which costs time alone: RuntimeError: no working C++ compiler was found"
    ]


def test_a_network_of_other_layers_stays_as_it_is():
    assert compile_layers(nn.Sequential(nn.Linear(2, 2)), pytest.fail) == 0
