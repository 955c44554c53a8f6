"""Which cells a program's steps stand for, and the loss that teaches it."""

import torch
from torch.nn import functional

from visreason.nn.referents import NO_OBJECTS, referent_loss, true_cells

PLACES = torch.tensor(
    [[[0.1, 0.1], [0.9, 0.9], [0.95, 0.85]], [[0.5, 0.2], [1.0, 1.0], [torch.nan, torch.nan]]]
)
SETS = torch.tensor([[0b111, 0b110, 0, NO_OBJECTS], [0b11, 0b10, NO_OBJECTS, NO_OBJECTS]])


def test_the_cells_of_the_objects_of_a_step():
    cells_BPC, given_BP = true_cells(SETS, PLACES, 2, 3)
    held = [[row.nonzero().flatten().tolist() for row in steps] for steps in cells_BPC]
    assert held == [[[0, 5], [5], [], []], [[1, 5], [5], [], []]]
    assert given_BP.tolist() == [[True, True, True, False], [True, True, False, False]]


def test_the_loss_is_the_mean_over_steps_that_stand_for_objects():
    torch.manual_seed(0)
    scores_BPC = torch.randn(2, 4, 6)
    true_BPC, given_BP = true_cells(SETS, PLACES, 2, 3)
    by_hand = [
        functional.binary_cross_entropy_with_logits(scores_BPC[b, p], true_BPC[b, p].float(), reduction="sum")
        for b, p in given_BP.nonzero().tolist()
    ]
    torch.testing.assert_close(referent_loss(scores_BPC, SETS, PLACES, 2, 3), torch.stack(by_hand).mean())


def test_steps_without_objects_teach_nothing():
    scores_BPC = torch.randn(2, 4, 6, requires_grad=True)
    referent_loss(scores_BPC, torch.full_like(SETS, NO_OBJECTS), PLACES, 2, 3).backward()
    assert scores_BPC.grad is not None
    assert not scores_BPC.grad.any()
