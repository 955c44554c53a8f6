"""The text controller, step by step and word by word."""

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from visreason.errors import ModelError
from visreason.nn.controller import BothWays, TextController

TOKENS = torch.tensor([[3, 1, 2, 5], [4, 5, 0, 0], [6, 0, 0, 0]])
LENGTHS = torch.tensor([4, 2, 1])


def make(**settings) -> TextController:
    torch.manual_seed(0)
    return TextController(9, word_size=4, hidden=6, steps=3, modules=5, **settings).eval()


def test_both_ways_equal_a_packed_bidirectional_lstm():
    torch.manual_seed(0)
    encoder = BothWays(9, 4, 6)
    packed = torch.nn.LSTM(4, 3, batch_first=True, bidirectional=True)
    packed.load_state_dict(
        {
            **dict(encoder.forwards.state_dict()),
            **{f"{name}_reverse": one for name, one in encoder.backwards.state_dict().items()},
        }
    )
    words, states, last = encoder(TOKENS, LENGTHS)
    rows = pack_padded_sequence(words, LENGTHS, batch_first=True)
    expected, (final, _) = packed(rows)
    expected, _ = pad_packed_sequence(expected, batch_first=True)
    torch.testing.assert_close(last, torch.cat([final[0], final[1]], dim=1))
    for row, length in enumerate(LENGTHS.tolist()):
        torch.testing.assert_close(states[row, :length], expected[row, :length])


@pytest.mark.parametrize("about", ["embeddings", "states"])
def test_steps_follow_the_formula(about):
    controller = make(about=about)
    plan = controller(TOKENS, LENGTHS)
    words, states, question = controller.encoder(TOKENS, LENGTHS)
    by_step = controller.by_step(question).view(3, 3, 6)
    for row, length in enumerate(LENGTHS.tolist()):
        control = controller.start
        for step in range(3):
            inner = controller.join(torch.cat([control, by_step[row, step]]))
            scores = controller.attend(inner * states[row, :length])[:, 0]
            shares = scores.softmax(0)
            read = words if about == "embeddings" else states
            control = shares @ read[row, :length]
            torch.testing.assert_close(plan.attention_BTW[row, step, :length], shares)
            torch.testing.assert_close(plan.control_BTE[row, step], control)
            torch.testing.assert_close(plan.logits_BTM[row, step], controller.score(inner))
        assert plan.attention_BTW[row, :, length:].abs().sum() == 0
    torch.testing.assert_close(plan.weights_BTM, plan.logits_BTM.softmax(2))


def test_without_normalisation_padding_takes_a_share():
    plan = make(normalise=False)(TOKENS, LENGTHS)
    totals = plan.attention_BTW.sum(2)
    assert totals[0].tolist() == pytest.approx([1, 1, 1])
    assert (totals[1:] < 0.999).all()
    assert plan.attention_BTW[1, :, 2:].abs().sum() == 0


def test_a_hard_layout_runs_one_module_a_step_outside_training():
    controller = make(hard=True)
    plan = controller(TOKENS, LENGTHS)
    assert plan.weights_BTM.sort(dim=2).values[..., -2:].tolist() == [[[0, 1]] * 3] * 3
    assert torch.equal(plan.weights_BTM.argmax(2), plan.logits_BTM.argmax(2))
    assert (controller.train()(TOKENS, LENGTHS).weights_BTM > 0).all()


def test_gumbel_noise_is_drawn_in_training_only():
    controller = make(gumbel=0.5)
    calm = controller(TOKENS, LENGTHS)
    assert torch.equal(calm.weights_BTM, calm.logits_BTM.softmax(2))
    controller.train()
    first, second = controller(TOKENS, LENGTHS).weights_BTM, controller(TOKENS, LENGTHS).weights_BTM
    assert not torch.equal(first, second)
    torch.testing.assert_close(first.sum(2), torch.ones(3, 3))


def test_a_linear_score_has_no_bias_and_an_mlp_may_lack_one():
    assert make(scores="linear").score.bias is None
    assert make(bias=False).score[2].bias is None
    assert make().score[2].bias is not None


def test_an_odd_state_and_an_empty_question_are_refused():
    with pytest.raises(ModelError, match="even number"):
        BothWays(9, 4, 5)
    with pytest.raises(ModelError, match="no words"):
        make()(TOKENS, torch.tensor([4, 0, 1]))


def test_under_autocast_the_steps_are_planned_in_full_precision():
    torch.manual_seed(0)
    controller = TextController(9, word_size=4, hidden=6, steps=3, modules=5)
    tokens, lengths = torch.tensor([[1, 2, 3], [4, 5, 0]]), torch.tensor([3, 2])
    exact = controller(tokens, lengths)
    with torch.autocast("cpu", torch.bfloat16):
        plan = controller(tokens, lengths)
    assert plan.control_BTE.dtype == torch.float32
    torch.testing.assert_close(plan.control_BTE, exact.control_BTE, rtol=0.05, atol=0.02)
    plan.weights_BTM.float().square().sum().backward()
    assert all(one.grad is not None for one in controller.join.parameters())
