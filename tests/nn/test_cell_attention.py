"""Hard attention: which cells are kept, how they are weighted, what teaches the scores."""

import torch

from visreason.nn.cell_attention import CellAttention


def make(kept: int) -> CellAttention:
    torch.manual_seed(0)
    return CellAttention(5, kept).double()


def cells() -> torch.Tensor:
    return torch.randn(3, 5, 4, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def test_the_best_cells_are_kept_as_the_formula_says():
    attention, cells_ICHW = make(7), cells()
    attended = attention(cells_ICHW)
    weights_C, bias = attention.score.weight.flatten(), attention.score.bias
    by_hand_IHW = torch.einsum("ichw,c->ihw", cells_ICHW, weights_C) + bias
    torch.testing.assert_close(attended.scores, by_hand_IHW)
    for image, scores_HW in enumerate(by_hand_IHW):
        order = sorted(range(24), key=lambda cell: -scores_HW.flatten()[cell].item())
        assert attended.cells[image].tolist() == order[:7]
        for row, cell in enumerate(order[:7]):
            y, x = divmod(cell, 6)
            weighted_C = cells_ICHW[image, :, y, x] * scores_HW[y, x].sigmoid()
            place_2 = torch.tensor([-1 + 2 * x / 5, -1 + 2 * y / 3], dtype=torch.float64)
            torch.testing.assert_close(attended.objects[image, row], torch.cat([weighted_C, place_2]))


def test_where_fewer_cells_than_that_are_there_all_are_kept():
    attended = make(99)(cells())
    assert sorted(attended.cells[0].tolist()) == list(range(24))


def test_what_is_kept_teaches_the_scores_and_what_is_left_out_nothing():
    attention, cells_ICHW = make(7), cells().requires_grad_()
    attended = attention(cells_ICHW)
    attended.objects.square().sum().backward()
    assert attention.score.weight.grad is not None
    assert attention.score.weight.grad.any()
    assert cells_ICHW.grad is not None
    touched_IN = cells_ICHW.grad.abs().sum(dim=1).flatten(1) > 0
    assert [row.nonzero().flatten().tolist() for row in touched_IN] == [
        sorted(row.tolist()) for row in attended.cells
    ]


def test_gradients_are_right():
    attention, cells_ICHW = make(5), cells()[:1, :, :2, :4].clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda given: attention(given).objects, (cells_ICHW,))
