"""The module memory end to end: the reference's numbers, the literal form, and which gradients reach what."""

import json

import numpy as np
import pytest
import torch
from torch.nn import functional

from visreason.benchmarks.end_to_end import one_by_one
from visreason.data.vocabulary import Vocabulary
from visreason.errors import ModelError
from visreason.models import (
    ModuleMemoryConfig,
    ModuleMemoryEndToEnd,
    ModuleMemoryEndToEndConfig,
    ProgramGeneratorConfig,
    build_model,
)
from visreason.nn.batch import Batch
from visreason.nn.image_encoder import ImageEncoderConfig
from visreason.nn.reinforce import policy_loss, surprise
from visreason.zoo.clevr_iep.program_generator import our_name
from visreason.zoo.mmnet import convert

from .conftest import FEATURES, LANGUAGE, TYPES, engine_settings, generator_settings

VERSIONS = ("6a7b621", "HEAD")


def build(decoder: str, *, generator=None, memory=None, **settings) -> ModuleMemoryEndToEnd:
    torch.manual_seed(0)
    parts = {
        "generator": {**generator_settings(), **TYPES, "grammar": True, **(generator or {})},
        "memory": {**engine_settings(), "image": FEATURES, **(memory or {})},
    }
    return build_model("module-memory-end-to-end", {**parts, "decoder": decoder, **settings}).eval()


@pytest.fixture(params=VERSIONS)
def reference(request, shared):
    """The reference's network as ours in float64, what it was given, and its numbers."""
    fixture = shared / "fixtures" / f"mmnet_PG_endtoend_{request.param}_soft"
    model, _ = convert(fixture.with_suffix(".pt"), shared / "fixtures" / "vocab.json")
    with np.load(fixture.with_suffix(".npz")) as file:
        numbers = {name: file[name] for name in file}
    questions = torch.tensor(numbers["questions"])
    features = torch.tensor(numbers["feats"]).double()
    batch = Batch(tokens=questions, lengths=(questions != 0).sum(1), features=features)
    numbers["lengths"] = numbers["program_len"] - (request.param == "HEAD")  # HEAD counts a scene of its own
    return model.double(), batch, numbers


def test_scores_programs_and_addresses_of_the_reference(reference):
    model, batch, numbers = reference
    with torch.no_grad():
        reasoned = model.reason(batch, trace=True)
    exact = {"rtol": 1e-9, "atol": 1e-12}
    torch.testing.assert_close(reasoned.output.logits, torch.tensor(numbers["logits_f64"]), **exact)
    assert reasoned.decoded.steps.sum(1).tolist() == numbers["lengths"].tolist()
    for row, length in enumerate(numbers["lengths"].tolist()):
        theirs = torch.tensor(numbers["program_probs_f64"][row, :length])
        torch.testing.assert_close(reasoned.decoded.distributions[row, :length], theirs, **exact)
    last = reasoned.decoded.distributions[-1, : int(reasoned.decoded.used[-1].sum())].flip(0)
    torch.testing.assert_close(last.float(), torch.tensor(numbers["last_addressing"][-len(last) :]))
    assert len(reasoned.output.trace[-1].steps) == len(last)


def test_gradients_of_the_reference(reference):
    model, batch, numbers = reference
    loss = functional.cross_entropy(model(batch).logits, torch.tensor(numbers["answers"]))
    assert loss.item() == pytest.approx(float(numbers["loss_f64"]), rel=1e-9)
    loss.backward()
    ours = dict(model.named_parameters())
    for name, norm in zip(numbers["grad_names"].tolist(), numbers["grad_norms_f64"].tolist(), strict=True):
        part, _, rest = name.partition(".")
        if part == "program_generator":
            found = ours[f"generator.{our_name(rest)}"]
        else:
            found = ours["engine.memory.shared" if name == "memory" else f"engine.{name}"]
        assert found.grad.norm().item() == pytest.approx(norm, rel=1e-8), name


def test_published_size(shared):
    vocabulary = Vocabulary.from_iep(
        json.loads((shared / "fixtures" / "vocab.json").read_text()), "vocab.json"
    )
    language = {"functions": vocabulary.functions, "arities": vocabulary.arities}
    with torch.device("meta"):
        model = ModuleMemoryEndToEnd(
            ModuleMemoryEndToEndConfig(
                generator=ProgramGeneratorConfig(vocabulary_size=92, cell="gru", **language),
                memory=ModuleMemoryConfig(
                    image=ImageEncoderConfig(kind="features", shape=(1024, 14, 14)),
                    answer_count=32,
                    layout="overlapping",
                    **language,
                ),
            )
        )
    assert sum(one.numel() for one in model.parameters()) == 134_509_784
    assert sum(one.numel() for one in model.engine.memory.parameters()) == 103_809_024


@pytest.mark.parametrize("layout", ["per-arity", "overlapping"])
@pytest.mark.parametrize("grammar", [True, False])
def test_equals_one_program_after_the_other(make_batch, layout, grammar):
    model = build("soft", memory={"layout": layout}, generator={"grammar": grammar}).double()
    batch = make_batch(8).map(lambda one: one.double() if one.is_floating_point() else one)
    batch.features, batch.image_rows = batch.features[:5], torch.tensor([0, 0, 1, 2, 3, 4, 4, 1])
    found = []
    for literal in (True, False):
        reasoned = model.reason(batch, "sample", generator=torch.Generator().manual_seed(3))
        logits = one_by_one(model, batch, reasoned.decoded) if literal else reasoned.output.logits
        model.zero_grad()
        functional.cross_entropy(logits, batch.answers).backward()
        slopes = {name: one.grad.clone() for name, one in model.named_parameters() if one.grad is not None}
        found.append((logits, slopes))
    (plain, plain_slopes), (ours, our_slopes) = found
    torch.testing.assert_close(ours, plain)
    assert plain_slopes.keys() == our_slopes.keys()
    for name, slope in plain_slopes.items():
        torch.testing.assert_close(our_slopes[name], slope, msg=name)


def reached(part: torch.nn.Module) -> bool:
    return any(one.grad is not None and bool(one.grad.abs().sum() > 0) for one in part.parameters())


@pytest.mark.parametrize("decoder", ["soft", "gumbel"])
def test_the_answer_teaches_both_parts(make_batch, decoder):
    model, batch = build(decoder), make_batch(8)
    output = model.reason(batch, "sample", generator=torch.Generator().manual_seed(0)).output
    functional.cross_entropy(output.logits, batch.answers).backward()
    assert reached(model.generator.text)
    assert reached(model.generator)
    assert reached(model.engine.memory)
    assert reached(model.engine.stem)


@pytest.mark.parametrize("decoder", ["soft", "gumbel", "hard"])
@pytest.mark.parametrize("frozen", ["generator", "engine"])
def test_a_frozen_part_stays_as_it_is(make_batch, decoder, frozen):
    model, batch = build(decoder), make_batch(8)
    getattr(model, frozen).requires_grad_(False)
    reasoned = model.reason(batch, "sample", generator=torch.Generator().manual_seed(0))
    loss = functional.cross_entropy(reasoned.output.logits, batch.answers)
    if loss.requires_grad:
        loss.backward()
    assert not reached(getattr(model, frozen))
    assert reached(model.generator) == (frozen == "engine" and decoder != "hard")
    assert reached(model.engine) == (frozen == "generator")


@pytest.mark.parametrize("penalty", [False, True])
def test_hard_programs_are_taught_by_rewards_alone(make_batch, penalty):
    model, batch = build("hard"), make_batch(8)
    reasoned = model.reason(batch, "sample", generator=torch.Generator().manual_seed(0))
    losses_B = functional.cross_entropy(reasoned.output.logits, batch.answers, reduction="none")
    losses_B.mean().backward(retain_graph=True)
    assert not reached(model.generator)
    assert reached(model.engine.memory)
    model.zero_grad()
    decoded = reasoned.decoded
    rewards = (reasoned.output.logits.argmax(1) == batch.answers).float()
    second = {"penalty_B": losses_B.mean() - losses_B} if penalty else {}
    if penalty:
        rewards = torch.full_like(rewards, 0.5)  # so that only the penalty says anything
    policy_loss(surprise(decoded.log_probability, decoded.used), rewards - 0.5, **second).backward()
    assert reached(model.generator)
    assert not reached(model.engine)


def test_gumbel_executes_the_row_that_was_written(make_batch):
    batch, hard = make_batch(8), build("hard")
    gumbel = build("gumbel", temperature=0.7)
    for how in ("argmax", "sample"):
        found = gumbel.reason(batch, how, generator=torch.Generator().manual_seed(5))
        with torch.no_grad():
            expected = hard.reason(batch, how, generator=torch.Generator().manual_seed(5))
            alone = gumbel.reason(batch, how, generator=torch.Generator().manual_seed(5))
        assert torch.equal(found.output.programs, expected.output.programs)
        torch.testing.assert_close(found.output.logits, expected.output.logits)
        assert torch.equal(alone.output.logits, expected.output.logits)


def test_a_cold_mixture_is_a_single_row(make_batch):
    batch = make_batch(8)
    cold, hard = build("soft", temperature=1e-4), build("hard")
    with torch.no_grad():
        torch.testing.assert_close(cold(batch).logits, hard(batch).logits, rtol=1e-4, atol=1e-5)
        assert not torch.allclose(build("soft")(batch).logits, hard(batch).logits, atol=1e-4)
        warm = build("soft").reason(batch, temperature=1e-4).output.logits
        torch.testing.assert_close(warm, hard(batch).logits, rtol=1e-4, atol=1e-5)


def test_a_relaxed_sample_has_the_gradient_of_its_softmax(make_batch):
    """Straight-through: forward the row that was written, backward the softmax of the noisy scores over tau."""
    batch = make_batch(1)
    slopes = {}
    for tau in (0.5, 2.0):
        model = build("gumbel", temperature=tau)
        output = model.reason(batch, "sample", generator=torch.Generator().manual_seed(0)).output
        output.logits[0, 0].backward()
        slopes[tau] = model.generator.scores.weight.grad
    assert not torch.allclose(slopes[0.5], slopes[2.0])


def test_sampling_heeds_the_temperature_where_it_is_of_the_distribution(make_batch):
    batch = make_batch(8)
    for decoder, of_distribution in (("soft", True), ("hard", True), ("gumbel", False)):
        warm = build(decoder, temperature=5.0).reason(batch, grammar=False, longest=2).decoded.entropy[:, 0]
        plain = build(decoder).reason(batch, grammar=False, longest=2).decoded.entropy[:, 0]
        assert bool((warm > plain).all()) == of_distribution


@pytest.mark.parametrize("layout", ["per-arity", "overlapping"])
def test_a_trace_says_which_rows_were_read(make_batch, layout):
    model = build("soft", memory={"layout": layout}, generator={"word_attention": True})
    output = model(make_batch(3), trace=True)
    for trace in output.trace:
        for step in trace.steps:
            names, shares = zip(*step.addressing, strict=True)
            assert list(shares) == sorted(shares, reverse=True)
            assert sum(step.text_attention) == pytest.approx(1, abs=1e-4)
            if layout == "per-arity":
                two = [LANGUAGE["arities"][LANGUAGE["functions"].index(name)] == 2 for name in names]
                assert set(two) == {len(step.reads) == 2}
                assert sum(shares) == pytest.approx(1, abs=1e-4)


def test_programs_grow_with_the_curriculum(make_batch):
    model, batch = build("soft"), make_batch(8)
    for longest in (2, 5, 9):
        decoded = model.reason(
            batch, "sample", longest=longest, generator=torch.Generator().manual_seed(0)
        ).decoded
        assert decoded.programs.shape[1] <= longest
        assert torch.equal(decoded.used, decoded.steps)


def test_a_temperature_of_nothing():
    with pytest.raises(ModelError, match="give one above 0"):
        build("soft", temperature=0.0)


@pytest.mark.parametrize("name", ["scores.bias", "symbols.weight", "text.embedding.weight"])
def test_the_generators_gradient_is_the_slope_of_the_answers_loss(make_batch, name):
    """The soft decoder's gradient, by finite differences along itself: the trees stay as they are."""
    model = build("soft").double()
    batch = make_batch(4).map(lambda one: one.double() if one.is_floating_point() else one)
    parameter = dict(model.generator.named_parameters())[name]

    def loss() -> torch.Tensor:
        return functional.cross_entropy(model(batch).logits, batch.answers)

    loss().backward()
    slope, step = parameter.grad.clone(), 1e-5 / parameter.grad.norm()
    with torch.no_grad():
        parameter += step * slope
        above = loss()
        parameter -= 2 * step * slope
        below = loss()
    assert ((above - below) / (2 * step)).item() == pytest.approx(slope.square().sum().item(), rel=1e-5)
