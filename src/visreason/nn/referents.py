"""What a program's step means: the cells that hold the objects it stands for.

Shape legend: B questions, P steps: functions of the longest program, or steps of a layout; N objects (padded), H x W =
C cells; K maps of D channels.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from visreason.nn.precision import widened

NO_OBJECTS = -1
"""In place of a set of objects: the function gives none, but an answer, or there is no function."""

RARE = -3.0
"""The first score of a cell to hold an object that is meant: about one in twenty does."""


class MapReader(nn.Module):
    r"""Reads maps of attention: $s_c = \alpha a_c + \beta$, the logarithm of a cell's odds to hold an object that is
    meant.

    Where maps are scores whose softmax is attended to, as on the stack of a Stack Neural Module Network, the two
    numbers are learnt so that the softmax may stay as broad as the answers need it: how much of it is left to the other
    cells is nearly all that it tells of how many objects there are.

    Example:
        >>> MapReader()(torch.tensor([0.0, 4.0])).tolist()
        [-3.0, 1.0]
    """

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.offset = nn.Parameter(torch.full((1,), RARE))

    def forward(self, maps: Tensor) -> Tensor:
        """The scores of all cells of maps, in any shape."""
        return self.scale * maps + self.offset


def referent_sum(maps_KDHW: Tensor, scores_KHW: Tensor) -> Tensor:
    r"""What the objects add up to that a map stands for, `[K, D]`.

    $$\sum_c \sigma(s_c) x_c$$

    Of one object it is the object's features, which Mascharka et al., "Transparency by Design" (2018), give their
    `Same` module, because what is compared may be anywhere in the image, and convolutions see a few cells far. Of many
    objects it also tells how many there are.

    Args:
        maps_KDHW: x.
        scores_KHW: s, the logarithm of each cell's odds to hold an object that is meant.

    Example:
        >>> maps = torch.tensor([[[[1.0, 5.0, 7.0]]]])
        >>> round(referent_sum(maps, torch.tensor([[[-20.0, 20.0, 20.0]]])).item(), 2)
        12.0
    """
    weights_KC = scores_KHW.sigmoid().flatten(1).to(maps_KDHW.dtype)
    return torch.bmm(maps_KDHW.flatten(2), weights_KC[..., None]).squeeze(-1)


def true_cells(sets_BP: Tensor, places_BN2: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Which cells hold the centre of an object that a function gives, bool `[B, P, C]`, and whether it gives objects at
    all, bool `[B, P]`.

    Args:
        sets_BP: Long, bit n set where object n is given; `NO_OBJECTS`.
        places_BN2: x and y of every object's centre as fractions of the image; NaN in the padding.
        height, width: of the grid.

    Example:
        >>> sets, places = torch.tensor([[0b10, 0b11, -1]]), torch.tensor([[[0.1, 0.1], [0.9, 0.6]]])
        >>> cells, given = true_cells(sets, places, 2, 2)
        >>> cells.int().tolist(), given.tolist()
        ([[[0, 0, 0, 1], [1, 0, 0, 1], [0, 0, 0, 0]]], [[True, True, False]])
    """
    size_2 = places_BN2.new_tensor([width, height])
    at_BN2 = (places_BN2.nan_to_num() * size_2).floor().clamp(min=0).minimum(size_2 - 1).long()
    cell_BN = at_BN2[..., 1] * width + at_BN2[..., 0]
    of_object_BNC = functional.one_hot(cell_BN, height * width).to(torch.float32)
    given_BP = sets_BP != NO_OBJECTS
    objects_N = torch.arange(places_BN2.shape[1], device=sets_BP.device)
    chosen_BPN = ((sets_BP[..., None] >> objects_N) & 1) * given_BP[..., None]
    return torch.bmm(chosen_BPN.to(torch.float32), of_object_BNC) > 0, given_BP


def all_objects(places_BN2: Tensor) -> Tensor:
    """The set of all objects that there are, Long `[B]`, as `true_cells` reads sets.

    Example:
        >>> all_objects(torch.tensor([[[0.1, 0.1], [0.9, 0.6]], [[0.3, 0.5], [torch.nan, torch.nan]]])).tolist()
        [3, 1]
    """
    there_BN = ~places_BN2[..., 0].isnan()
    return (there_BN.long() << torch.arange(there_BN.shape[1], device=there_BN.device)).sum(dim=1)


def referent_loss(scores_BPHW: Tensor, sets_BP: Tensor, places_BN2: Tensor) -> Tensor:
    r"""How well the steps' maps tell the objects they stand for: over the steps that stand for objects the mean of

    $$\sum_{c} \text{BCE}(s_c, t_c)$$

    over the cells, with $t_c$ as `true_cells` says.

    Args:
        scores_BPHW: of every cell in every step, the logarithm of its odds to hold an object that is meant.
        sets_BP, places_BN2: as in `true_cells`.
    """
    true_BPC, given_BP = true_cells(sets_BP, places_BN2, *scores_BPHW.shape[2:])
    scores_KC, true_KC = widened(scores_BPHW.flatten(2)[given_BP]), true_BPC[given_BP]
    lost = functional.binary_cross_entropy_with_logits(
        scores_KC, true_KC.to(scores_KC.dtype), reduction="sum"
    )
    return lost / max(1, len(scores_KC))
