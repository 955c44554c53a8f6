"""What a map holds as a whole: read cell by cell, with keys and values for all maps or each map's own."""

import torch

from visreason.nn.global_context import GlobalContext, global_context

D = 3


def literal(x_Dhw, key_D, value_DD):
    cells = [x_Dhw[:, row, column] for row in range(x_Dhw.shape[1]) for column in range(x_Dhw.shape[2])]
    odds = [torch.exp(key_D @ cell) for cell in cells]
    return value_DD @ sum(odd / sum(odds) * cell for odd, cell in zip(odds, cells, strict=True))


def test_is_the_mean_of_the_cells_that_the_map_says():
    x, key, value = (torch.randn(*shape, dtype=torch.float64) for shape in ((4, D, 5, 6), (D,), (D, D)))
    expected = torch.stack([literal(one, key, value) for one in x])
    torch.testing.assert_close(global_context(x, key, value)[..., 0, 0], expected)


def test_maps_may_have_keys_and_values_of_their_own():
    x, key, value = (torch.randn(*shape, dtype=torch.float64) for shape in ((4, D, 5, 6), (4, D), (4, D, D)))
    alone = [global_context(x[n : n + 1], key[n], value[n]) for n in range(4)]
    torch.testing.assert_close(global_context(x, key, value), torch.cat(alone))


def test_a_far_cell_is_heard_of_wherever_it_is():
    """What `same_color` needs: one cell that stands out, and its features everywhere."""
    x = torch.zeros(1, 2, 8, 12)
    x[0, :, 0, 11] = torch.tensor([20.0, 7.0])
    told = global_context(x, torch.tensor([1.0, 0.0]), torch.eye(2))
    torch.testing.assert_close(told[0, :, 0, 0], torch.tensor([20.0, 7.0]))


def test_says_nothing_at_first_and_learns_from_then_on():
    torch.manual_seed(0)
    context, x = GlobalContext(D).double(), torch.randn(2, D, 4, 4, dtype=torch.float64)
    assert not context(x).any()
    context(x).sum().backward()
    assert context.value.grad is not None
    assert context.value.grad.any()
    torch.nn.init.normal_(context.value)
    assert torch.autograd.gradcheck(lambda x, *_: context(x), (x.requires_grad_(), *context.parameters()))
