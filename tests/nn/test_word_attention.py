"""The written-out recurrence against autograd over the plain one."""

import pytest
import torch

from visreason.nn.attention import CellAttention
from visreason.nn.word_attention import _Hidden, attend_by_words


def plain(attention, values, states, rows, words, residual):
    """One question after the other, one word after the other."""
    last, maps = [], torch.zeros(len(words), int(words.max()), values.shape[1], dtype=values.dtype)
    for row, count in enumerate(words.tolist()):
        state, cells = torch.zeros_like(states[:1, 0]), values[rows[row], None]
        for word in range(count):
            query = state + states[row, None, word]
            state, weights = attention(cells, attention.keys(cells), query)
            state = state + query if residual else state
            maps[row, word] = weights[0].detach()
        last.append(state[0])
    return torch.stack(last), maps


@pytest.mark.parametrize("scale", [1, 500])  # of the keys: 500 lie too far apart for products of exponentials
@pytest.mark.parametrize("residual", [True, False])
@pytest.mark.parametrize("lengths", [[1], [3, 3], [2, 5, 1, 4, 5]])
def test_states_maps_and_every_gradient_equal_the_plain_form(lengths, residual, scale):
    torch.manual_seed(0)
    attention = CellAttention(4, 4, 6).double()
    with torch.no_grad():
        attention.value.weight *= scale
    rows = torch.arange(len(lengths)) // 2 + 1
    values = torch.randn(len(lengths) + 1, 7, 4, dtype=torch.float64, requires_grad=True)
    states = torch.randn(len(lengths), 6, 4, dtype=torch.float64, requires_grad=True)
    words, found = torch.tensor(lengths), []
    inputs = [values, states, *attention.parameters()]
    for form in ("ours", "plain"):
        if form == "ours":
            keys = attention.keys(values)
            last, maps = attend_by_words(attention, values, keys, states, rows, words, residual=residual)
        else:
            last, maps = plain(attention, values, states, rows, words, residual)
        direction = torch.arange(last.numel(), dtype=torch.float64).reshape(last.shape).sin()
        found.append([last.detach(), maps, *torch.autograd.grad((last * direction).sum(), inputs)])
    for ours, expected in zip(*found, strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("apart", [39, 41])
@pytest.mark.parametrize("asked", [-1e4, -100, -30, 0, 30, 100, 1e4])
def test_the_hidden_layer_is_right_for_any_question_in_single_precision(apart, asked):
    keys = torch.linspace(-apart / 2, apart / 2, 41)[None, :, None] + 7
    query_11, bias_1 = torch.tensor([[float(asked)]]), torch.zeros(1)
    hidden = _Hidden(keys, torch.tensor([0]), torch.ones(1, 1), bias_1)
    assert hidden.by_factors == (apart < 40)
    expected = torch.sigmoid(2 * (keys + asked).double()).float()
    torch.testing.assert_close(hidden.half(hidden.share(query_11)), expected, rtol=1e-4, atol=1e-7)


def test_under_autocast_it_stays_exact():
    torch.manual_seed(0)
    attention, values, states = CellAttention(4, 4, 6), torch.randn(2, 7, 4), torch.randn(2, 3, 4)
    rows, words = torch.arange(2), torch.tensor([3, 2])
    exact, _ = attend_by_words(attention, values, attention.keys(values), states, rows, words, residual=False)
    with torch.autocast("cpu", torch.bfloat16):
        keys = attention.keys(values)
        assert keys.dtype == torch.bfloat16
        rounded, _ = attend_by_words(attention, values, keys, states, rows, words, residual=False)
    assert rounded.dtype == torch.float32
    torch.testing.assert_close(rounded, exact, rtol=0.05, atol=0.02)
