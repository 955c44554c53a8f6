"""A generator and an engine as one model: what is executed, what is told, and where gradients go."""

import pytest
import torch
from torch.nn import functional

from visreason.models import Iep, build_model, save_model
from visreason.models.model_file import load_model
from visreason.nn.reinforce import policy_loss, surprise

from .conftest import FEATURES, TYPES, engine_settings, generator_settings


def settings(engine: str = "modules", **generator) -> dict:
    return {
        "generator": {**generator_settings(), **TYPES, "grammar": True, **generator},
        engine: {**engine_settings(), "image": FEATURES},
    }


@pytest.fixture(params=["modules", "memory"])
def model(request) -> Iep:
    torch.manual_seed(0)
    return build_model("iep", settings(request.param)).eval()


def test_it_executes_what_it_writes(model, make_batch):
    batch = make_batch(8)
    output = model(batch)
    written = model.generator.decode(batch.tokens, batch.lengths)
    assert torch.equal(output.programs, written.programs)
    assert torch.equal(output.logits, model.engine.run(batch, written.programs).logits)
    batch.programs = output.programs
    torch.testing.assert_close(model.engine(batch).logits, output.logits)


def test_either_part_alone_can_be_loaded(model, make_batch, tmp_path):
    batch = make_batch(4)
    expected = model(batch)
    save_model(tmp_path / "generator.safetensors", model.generator, {})
    save_model(tmp_path / "engine.safetensors", model.engine, {})
    other = Iep(model.config).eval()
    assert not torch.allclose(other(batch).logits, expected.logits)
    other.generator.load_state_dict(load_model(tmp_path / "generator.safetensors").model.state_dict())
    other.engine.load_state_dict(load_model(tmp_path / "engine.safetensors").model.state_dict())
    assert torch.equal(other(batch).logits, expected.logits)


def test_the_answer_teaches_the_engine_and_rewards_the_generator(model, make_batch):
    batch = make_batch(8)
    reasoned = model.reason(batch, "sample", generator=torch.Generator().manual_seed(0))
    functional.cross_entropy(reasoned.output.logits, batch.answers).backward(retain_graph=True)
    assert all(one.grad is None for one in model.generator.parameters())
    assert model.engine.stem[0].weight.grad.abs().sum() > 0
    model.zero_grad()
    rewards = (reasoned.output.logits.argmax(1) == batch.answers).float()
    policy_loss(surprise(reasoned.decoded.log_probability, reasoned.decoded.used), rewards - 0.5).backward()
    assert all(
        one.grad is not None and torch.isfinite(one.grad).all() for one in model.generator.parameters()
    )
    assert model.generator.scores.weight.grad.abs().sum() > 0
    assert all(one.grad is None for one in model.engine.parameters())


def test_rewards_alone_teach_the_generator_to_write_what_pays(make_batch):
    """The engine is left as it is: the program `less` over counts is worth 1, any other nothing."""
    torch.manual_seed(0)
    model, batch = build_model("iep", settings(hidden=16)), make_batch(8)
    optimizer = torch.optim.Adam(model.generator.parameters(), 2e-2)
    numbers = torch.Generator().manual_seed(0)
    shares = []
    for _ in range(40):
        decoded = model.generator.decode(batch.tokens, batch.lengths, "sample", generator=numbers)
        rewards = (decoded.symbols[:, 0] == 8).float()
        shares.append(rewards.mean().item())
        optimizer.zero_grad()
        policy_loss(surprise(decoded.log_probability, decoded.used), rewards - rewards.mean()).backward()
        optimizer.step()
    assert sum(shares[-5:]) / 5 > 0.9 > sum(shares[:5]) / 5


def test_a_trace_has_maps_probabilities_and_the_tree(model, make_batch):
    output = model(make_batch(3), trace=True)
    for row, trace in enumerate(output.trace):
        names = [model.generator.functions.name(one) for one in output.programs[row].tolist() if one]
        assert trace.family == "iep"
        assert sorted(step.name for step in trace.steps) == sorted(names)
        assert all(
            0 < step.weight <= 1 and len(step.grid) == 4 and step.reads is not None for step in trace.steps
        )
