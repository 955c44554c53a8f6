"""A question told again from its plan: what is read, what is told, and that it can be learnt."""

import pytest
import torch
from torch.nn import functional

from visreason.nn.controller import Plan
from visreason.nn.reconstruction import QuestionReconstructor, ReconstructionConfig, reconstruction_loss

TOKENS, LENGTHS = torch.tensor([[3, 1, 2, 5], [4, 5, 0, 0]]), torch.tensor([4, 2])


@pytest.fixture
def plan():
    numbers = torch.Generator().manual_seed(0)

    def random(*shape):
        return torch.randn(*shape, generator=numbers)

    return Plan(random(2, 3, 4), random(2, 3, 9), random(2, 3, 9).softmax(2), random(2, 3, 4), random(2, 6))


def make(reads="both", hidden=8):
    torch.manual_seed(0)
    return QuestionReconstructor(ReconstructionConfig(hidden=hidden, reads=reads), 6, 5, modules=9, control=4)


@pytest.mark.parametrize(
    ("reads", "modules", "control"),
    [("both", True, True), ("modules", True, False), ("control", False, True)],
)
def test_it_reads_what_the_settings_say(plan, reads, modules, control):
    tell = make(reads)
    before = tell(plan, TOKENS)
    for part, matters in (("logits_BTM", modules), ("control_BTE", control)):
        values = {name: getattr(plan, name) for name in Plan.__slots__} | {part: -getattr(plan, part)}
        assert torch.allclose(tell(Plan(**values), TOKENS), before) is not matters
    assert make(reads, hidden=3).score.in_features == 3


def test_a_word_is_told_from_the_plan_and_the_words_before_it(plan):
    tell = make()
    before, changed = tell(plan, TOKENS), TOKENS.clone()
    changed[0, 2] = 6
    after = tell(plan, changed)
    assert torch.equal(before[0, :3], after[0, :3])
    assert not torch.allclose(before[0, 3:], after[0, 3:])


def test_the_loss_is_that_of_every_word_and_of_the_end(plan):
    scores = make()(plan, TOKENS)
    told = [(0, 0, 3), (0, 1, 1), (0, 2, 2), (0, 3, 5), (0, 4, 0), (1, 0, 4), (1, 1, 5), (1, 2, 0)]
    each = [functional.cross_entropy(scores[row, place], torch.tensor(word)) for row, place, word in told]
    torch.testing.assert_close(reconstruction_loss(scores, TOKENS, LENGTHS), torch.stack(each).mean())


def test_two_questions_are_learnt_from_their_plans(plan):
    tell = make()
    optimiser = torch.optim.Adam(tell.parameters(), 0.05)
    for _ in range(60):
        optimiser.zero_grad()
        reconstruction_loss(tell(plan, TOKENS), TOKENS, LENGTHS).backward()
        optimiser.step()
    assert tell(plan, TOKENS).argmax(2)[0].tolist() == [3, 1, 2, 5, 0]
    assert tell(plan, TOKENS).argmax(2)[1, :3].tolist() == [4, 5, 0]
