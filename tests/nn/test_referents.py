"""Which cells a program's steps stand for, and the loss that teaches it."""

import torch
from torch.nn import functional

from visreason.nn.referents import NO_OBJECTS, all_objects, referent_loss, referent_sum, true_cells

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
    scores_BPHW = torch.randn(2, 4, 2, 3)
    true_BPC, given_BP = true_cells(SETS, PLACES, 2, 3)
    by_hand = [
        functional.binary_cross_entropy_with_logits(
            scores_BPHW[b, p].flatten(), true_BPC[b, p].float(), reduction="sum"
        )
        for b, p in given_BP.nonzero().tolist()
    ]
    torch.testing.assert_close(referent_loss(scores_BPHW, SETS, PLACES), torch.stack(by_hand).mean())


def test_steps_without_objects_teach_nothing():
    scores_BPHW = torch.randn(2, 4, 2, 3, requires_grad=True)
    referent_loss(scores_BPHW, torch.full_like(SETS, NO_OBJECTS), PLACES).backward()
    assert scores_BPHW.grad is not None
    assert not scores_BPHW.grad.any()


def test_all_objects_are_those_with_a_place():
    nowhere = [torch.nan, torch.nan]
    places_BN2 = torch.tensor([[[0.1, 0.1], [0.9, 0.6], nowhere], [nowhere, nowhere, nowhere]])
    sets_B = all_objects(places_BN2)
    assert sets_B.tolist() == [0b011, 0]
    cells_BPC, given_BP = true_cells(sets_B[:, None], places_BN2, 2, 3)
    assert given_BP.all()  # a scene without objects is one, too: all its cells are empty
    assert cells_BPC.int().tolist() == [[[1, 0, 0, 0, 0, 1]], [[0] * 6]]


def test_the_sum_of_what_a_map_stands_for_goes_by_the_odds_of_its_cells():
    torch.manual_seed(0)
    maps, scores = torch.randn(2, 3, 4, 5), torch.randn(2, 4, 5)
    cells = [(row, column) for row in range(4) for column in range(5)]
    expected = sum(maps[:, :, row, column] * scores[:, row, column, None].sigmoid() for row, column in cells)
    torch.testing.assert_close(referent_sum(maps, scores), expected)
    assert not referent_sum(maps, torch.full((2, 4, 5), -200.0)).any(), "of nothing it is nothing"
