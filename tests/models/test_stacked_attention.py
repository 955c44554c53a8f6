"""Stacked attention against its formulas, word by word and batch by batch."""

import pytest
import torch

from visreason.errors import ModelError
from visreason.models import StackedAttention, StackedAttentionConfig
from visreason.nn.batch import Batch
from visreason.nn.image_encoder import ImageEncoderConfig


def build(**settings) -> StackedAttention:
    torch.manual_seed(0)
    small = {"dim": 8, "attention_hidden": 7, "word_size": 5, "f_widths": (9,)}
    see = ImageEncoderConfig(kind="features", shape=(5, 4, 6))
    config = StackedAttentionConfig(vocabulary_size=20, answer_count=6, image=see, **{**small, **settings})
    return StackedAttention(config).eval().double()


def look(attention, values_ND, query_D):
    """One hop for one question, as in the paper."""
    hidden_NK = torch.tanh(attention.value(values_ND) + attention.query(query_D))
    weights_N = attention.weight(hidden_NK)[:, 0].softmax(0)
    return weights_N @ values_ND, weights_N


@pytest.fixture
def batch() -> Batch:
    torch.manual_seed(1)
    lengths = torch.tensor([3, 7, 1, 7, 2])
    tokens = torch.randint(1, 21, (5, 7)).masked_fill(torch.arange(7) >= lengths[:, None], 0)
    return Batch(tokens=tokens, lengths=lengths, features=torch.randn(5, 5, 4, 6).double())


@pytest.mark.parametrize("residual", [True, False])
@pytest.mark.parametrize("share_hops", [True, False])
def test_every_hop_asks_with_what_the_last_one_gave(batch, residual, share_hops):
    model = build(hops=3, share_hops=share_hops, residual=residual)
    output = model(batch, trace=True)
    for row in range(5):
        values_ND = model.stem(batch.features[row, None]).flatten(2)[0].T
        state_D = model.text(batch.tokens[row, None], batch.lengths[row, None])[0]
        for hop in range(3):
            seen_D, weights_N = look(model.hops[0 if share_hops else hop], values_ND, state_D)
            state_D = seen_D + state_D if residual else seen_D
            grid = torch.tensor(output.trace[row].steps[hop].grid)
            torch.testing.assert_close(grid, weights_N.reshape(4, 6).float(), rtol=1e-4, atol=1e-6)
        torch.testing.assert_close(output.logits[row], model.head(state_D[None])[0])


@pytest.mark.parametrize("skip_last", [True, False])
@pytest.mark.parametrize("residual", [True, False])
@pytest.mark.parametrize("reverse", [True, False])
def test_word_by_word_equals_a_loop_over_questions_and_words(batch, skip_last, residual, reverse):
    model = build(reading="words", hops=1, skip_last=skip_last, residual=residual, reverse=reverse)
    logits_BA = model(batch).logits
    logits_BA.square().sum().backward()
    fast = [parameter.grad.clone() for parameter in model.parameters()]
    model.zero_grad()
    literal = torch.stack([literal_words(model, batch, row) for row in range(5)])
    torch.testing.assert_close(logits_BA, literal, rtol=1e-10, atol=1e-12)
    literal.square().sum().backward()
    for one, parameter in zip(fast, model.parameters(), strict=True):
        torch.testing.assert_close(one, parameter.grad, rtol=1e-9, atol=1e-12)


def literal_words(model: StackedAttention, batch: Batch, row: int) -> torch.Tensor:
    """One question, one word after the other."""
    length = int(batch.lengths[row])
    values_ND = model.stem(batch.features[row, None]).flatten(2)[0].T
    states_TD, _ = model.text.states(batch.tokens[row, None, :length], batch.lengths[row, None])
    state_D = torch.zeros(8, dtype=torch.float64)
    for word in range(max(1, length - model.config.skip_last)):
        query_D = state_D + states_TD[0, word]
        seen_D, _ = look(model.hops[0], values_ND, query_D)
        state_D = seen_D + query_D if model.config.residual else seen_D
    return model.head(state_D[None])[0]


def test_questions_of_one_image_share_its_cells(batch):
    model = build()
    batch.features = batch.features[:1].expand(5, -1, -1, -1)
    apart = model(batch).logits
    batch.features, batch.image_rows = batch.features[:1], torch.zeros(5, dtype=torch.long)
    torch.testing.assert_close(model(batch).logits, apart)


def test_the_trace_names_the_word_of_every_look(batch):
    steps = build(reading="words", hops=1)(batch, trace=True).trace[0].steps
    assert [step.text_attention for step in steps] == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    assert all(sum(map(sum, step.grid)) == pytest.approx(1, abs=1e-4) for step in steps)
    backwards = build(reading="words", hops=1, reverse=True)(batch, trace=True).trace[0].steps
    assert [step.text_attention for step in backwards] == [(0, 0, 1), (0, 1, 0), (1, 0, 0)]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"hops": 0}, "at least one"),
        ({"reading": "words", "hops": 2}, "leave hops 1"),
        ({"reading": "words", "hops": 1, "share_hops": True}, "leave hops 1"),
        ({"skip_last": True}, "leave it false"),
        ({"answer_count": 1}, "two or more"),
    ],
)
def test_settings_without_effect_are_refused(settings, said):
    see = ImageEncoderConfig(kind="features", shape=(5, 4, 6))
    with pytest.raises(ModelError, match=said):
        StackedAttention(
            StackedAttentionConfig(**{"vocabulary_size": 9, "answer_count": 4, "image": see, **settings})
        )


@pytest.mark.parametrize(
    ("settings", "parameters"),
    [
        # the two published forms at their sizes: VisualReasoning_MMnet's SAN; CNN+LSTM+SA of Johnson et al.
        ({"hops": 3, "share_hops": True, "vocabulary_size": 92}, 4_634_909),
        ({"stem_layers": 0, "vocabulary_size": 92, "f_widths": (1024,)}, 2_211_358),
    ],
)
def test_published_sizes(settings, parameters):
    see = ImageEncoderConfig(kind="features", shape=(1024, 14, 14))
    model = StackedAttention(StackedAttentionConfig(**{"answer_count": 32, "image": see, **settings}))
    assert sum(one.numel() for one in model.parameters()) == parameters
