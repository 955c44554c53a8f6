"""The program generator against the reference's numbers, and many questions at once against one at a time."""

import json

import numpy as np
import pytest
import torch
from torch.nn import functional

from visreason.data.vocabulary import Vocabulary
from visreason.errors import ModelError
from visreason.models import ProgramGenerator, ProgramGeneratorConfig
from visreason.models.program_generator import program_loss, program_targets
from visreason.nn.functions import END, START
from visreason.zoo.clevr_iep import convert
from visreason.zoo.clevr_iep.program_generator import our_name

from .conftest import TYPES, generator_settings


def build(**settings) -> ProgramGenerator:
    torch.manual_seed(0)
    return ProgramGenerator(ProgramGeneratorConfig(**{**generator_settings(), **settings})).eval()


@pytest.fixture(scope="module")
def reference(request):
    """The reference's generator as ours, in float64, and its numbers."""
    shared = request.getfixturevalue("shared")
    with np.load(shared / "fixtures" / "iep_program_generator.npz") as file:
        numbers = {name: torch.tensor(file[name]) for name in file if file[name].dtype.kind != "U"}
        numbers["grad_names"] = file["grad_names"].tolist()
    model, _ = convert(shared / "fixtures" / "iep_program_generator.pt")
    numbers["lengths"] = (numbers["questions"] != 0).sum(1)
    return model.double(), numbers


def true_programs(numbers) -> torch.Tensor:
    """The reference's rows without START and END."""
    rows = numbers["programs"][:, 1:]
    return rows.masked_fill(rows == END, 0)


def test_encoding_scores_loss_and_gradients_of_the_reference(reference):
    model, numbers = reference
    encoded = model.encode(numbers["questions"], numbers["lengths"])
    torch.testing.assert_close(encoded.state, numbers["encoded_f64"], rtol=1e-9, atol=1e-12)
    logits_BLV, _, _ = model.read(encoded, numbers["programs"], None)
    torch.testing.assert_close(logits_BLV, numbers["logits_f64"], rtol=1e-9, atol=1e-12)
    programs_BP = true_programs(numbers)
    loss = program_loss(model.score(numbers["questions"], numbers["lengths"], programs_BP), programs_BP)
    torch.testing.assert_close(loss.detach().double(), numbers["loss_f64"], rtol=1e-6, atol=0)
    exact = functional.cross_entropy(
        logits_BLV[:, :-1].flatten(0, 1), numbers["programs"][:, 1:].flatten(), ignore_index=0
    )
    torch.testing.assert_close(exact.detach(), numbers["loss_f64"], rtol=1e-9, atol=0)
    model.zero_grad()
    exact.backward()
    ours = dict(model.named_parameters())
    for name, norm in zip(numbers["grad_names"], numbers["grad_norms_f64"].tolist(), strict=True):
        assert ours[our_name(name)].grad.norm().item() == pytest.approx(norm, rel=1e-8), name


def test_decoded_programs_of_the_reference(reference):
    model, numbers = reference
    written = model.decode(numbers["questions"], numbers["lengths"], longest=50)
    theirs = numbers["sample_argmax"][:, 1:]
    assert torch.equal(
        functional.pad(written.symbols, (0, theirs.shape[1] - written.symbols.shape[1])), theirs
    )
    written = model.decode(numbers["questions"], numbers["lengths"], longest=30)
    theirs = numbers["reinforce_sample_argmax"]
    assert torch.equal(functional.pad(written.symbols, (0, 30 - written.symbols.shape[1])), theirs)


@pytest.mark.parametrize(("cell", "count"), [("lstm", 2_510_008), ("gru", 1_895_608)])
def test_published_sizes(cell, count, shared):
    vocabulary = Vocabulary.from_iep(
        json.loads((shared / "fixtures" / "vocab.json").read_text()), "vocab.json"
    )
    with torch.device("meta"):
        model = ProgramGenerator(
            ProgramGeneratorConfig(
                vocabulary_size=len(vocabulary.words),
                functions=vocabulary.functions,
                arities=vocabulary.arities,
                cell=cell,
            )
        )
    assert sum(one.numel() for one in model.parameters()) == count


@pytest.mark.parametrize(
    "settings", [{}, {"cell": "gru"}, {"word_attention": True}, {"grammar": True, **TYPES}]
)
def test_many_questions_are_decoded_as_one_at_a_time(settings, make_batch):
    model, batch = build(**settings), make_batch(8)
    with torch.no_grad():
        for how in ("argmax", "sample"):
            together = model.decode(
                batch.tokens, batch.lengths, how, generator=torch.Generator().manual_seed(1)
            )
            for row in range(8):
                length = int(batch.lengths[row])
                tokens, lengths = batch.tokens[row, None, :length], batch.lengths[row, None]
                symbol, state, encoded = START, None, model.encode(tokens, lengths)
                for step in range(int(together.steps[row].sum())):
                    logits, looked, state = model.read(encoded, torch.tensor([[symbol]]), state)
                    chances = logits[0, 0].masked_fill(together.logits[row, step] < -1e3, -1e4).softmax(0)
                    torch.testing.assert_close(
                        together.distributions[row, step], chances, rtol=1e-4, atol=1e-6
                    )
                    symbol = int(together.symbols[row, step])
                    if how == "argmax":
                        assert symbol == int(chances.argmax())
                    if looked is not None:
                        torch.testing.assert_close(together.attention[row, step, :length], looked[0, 0])
                        assert together.attention[row, step, length:].sum() == 0
                assert not together.symbols[row, step + 1 :].any()


def test_scores_of_a_written_program_are_those_it_was_written_from(make_batch):
    model, batch = build(), make_batch(8)
    written = model.decode(batch.tokens, batch.lengths, "sample", generator=torch.Generator().manual_seed(0))
    told = (written.symbols != 0) & (written.symbols != END)
    scores = model.score(batch.tokens, batch.lengths, written.symbols.masked_fill(~told, 0))[:, :-1]
    torch.testing.assert_close(scores[written.steps], written.logits[written.steps], rtol=1e-4, atol=1e-5)


def test_samples_follow_the_distribution_and_are_fed_back():
    model = build(longest=2)
    tokens, lengths = torch.tensor([[3, 9]]).expand(4000, 2), torch.full((4000,), 2)
    with torch.no_grad():
        drawn = model.decode(tokens, lengths, "sample", generator=torch.Generator().manual_seed(0))
    shares = drawn.symbols[:, 0].bincount(minlength=9) / 4000
    torch.testing.assert_close(shares, drawn.distributions[0, 0], atol=0.03, rtol=0)
    first = drawn.symbols[:, 0]
    assert not torch.allclose(
        drawn.distributions[first == 4][0, 1], drawn.distributions[first == 5][0, 1], atol=1e-5
    )


def test_temperature_flattens(make_batch):
    model, batch = build(), make_batch(8)
    for temperature in (0.5, 4.0):
        warm = model.decode(batch.tokens, batch.lengths, temperature=temperature, longest=1)
        plain = model.decode(batch.tokens, batch.lengths, longest=1)
        assert ((warm.entropy > plain.entropy) == (temperature > 1)).all()


def test_with_the_grammar_every_program_is_whole(make_batch):
    model, batch = build(**TYPES), make_batch(8)
    tokens, lengths = batch.tokens.repeat(20, 1), batch.lengths.repeat(20)
    written = model.decode(
        tokens, lengths, "sample", grammar=True, generator=torch.Generator().manual_seed(0)
    )
    assert torch.equal(written.used, written.steps)
    missing = 1 + (torch.tensor([1, 1, 1, 1, 0, 1, 1, 2, 2])[written.symbols] - 1).masked_fill(
        ~written.steps, 0
    ).sum(1)
    assert missing.tolist() == [0] * 160
    assert set(written.symbols[:, 0].tolist()) == {6, 8}
    assert written.distributions[written.steps].sum(1).tolist() == pytest.approx(
        [1.0] * int(written.steps.sum())
    )


def test_an_early_end_is_passed_over():
    model = build(longest=5)
    with torch.no_grad():
        model.scores.bias[END] = 50.0
    tokens, lengths = torch.tensor([[3, 9]]), torch.tensor([2])
    assert model.decode(tokens, lengths).symbols.tolist() == [[END]]
    late = ProgramGenerator(ProgramGeneratorConfig(**{**generator_settings(), "earliest_end": 3})).eval()
    late.load_state_dict(model.state_dict())
    written = late.decode(tokens, lengths)
    assert written.symbols.tolist() == [[END, END, END]]
    assert written.programs.shape == (1, 0)


def test_loss_leaves_out_programs_that_are_not_told(make_batch):
    model, batch = build(), make_batch(4)
    told = program_loss(model.score(batch.tokens, batch.lengths, batch.programs), batch.programs)
    more = batch.select(torch.tensor([0, 1, 2, 3, 0]))
    more.programs[4] = 0
    assert program_loss(
        model.score(more.tokens, more.lengths, more.programs), more.programs
    ).item() == pytest.approx(told.item())
    nothing = torch.zeros_like(batch.programs)
    loss = program_loss(model.score(batch.tokens, batch.lengths, nothing), nothing)
    loss.backward()
    assert loss.item() == 0
    assert program_targets(torch.tensor([[5, 4]])).tolist() == [[5, 4, END]]


def test_in_training_nothing_is_written_where_programs_are_told(make_batch):
    model, batch = build(), make_batch(3)
    assert model.train()(batch).programs is None
    told = model.eval()(batch)
    assert told.logits.shape == (3, batch.programs.shape[1] + 1, 9)
    batch.programs = None
    alone = model.train()(batch)
    assert torch.equal(alone.programs, told.programs)
    assert alone.logits.shape[:2] == model.decode(batch.tokens, batch.lengths).symbols.shape


def test_a_trace_tells_each_steps_probability_and_words(make_batch):
    batch = make_batch(3)
    output = build(word_attention=True, grammar=True, **TYPES)(batch, trace=True)
    for row, trace in enumerate(output.trace):
        length = int((output.programs[row] != 0).sum())
        assert [step.name for step in trace.steps][-1] == build().functions.name(int(output.programs[row, 0]))
        assert len(trace.steps) == length
        for step in trace.steps:
            assert 0 < step.weight <= 1
            assert sum(step.text_attention) == pytest.approx(1, abs=1e-4)


def test_xavier_starts_without_biases():
    model = build(cell="gru", initial="xavier")
    assert model.decoder.bias_hh_l1.abs().sum() == model.scores.bias.abs().sum() == 0
    deviation = model.decoder.weight_hh_l0.std().item()
    assert deviation == pytest.approx((2 / (24 + 8)) ** 0.5, rel=0.2)


@pytest.mark.parametrize(
    "settings", [{"longest": 0}, {"layers": 0}, {"arities": (1, 1, 1, 2, 2)}, {"input_types": ((),)}]
)
def test_settings_that_fit_no_generator(settings):
    with pytest.raises(ModelError):
        build(**settings)


def test_a_question_without_words():
    with pytest.raises(ModelError, match="no words"):
        build().decode(torch.zeros(1, 1, dtype=torch.long), torch.tensor([0]))
