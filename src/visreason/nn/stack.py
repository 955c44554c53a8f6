"""A stack of maps with a pointer that may lie between places: everything on it can be differentiated.

From Hu et al., "Explainable Neural Computation via Stack Neural Module Networks" (ECCV 2018). The pointer's place p
means that p maps are held: place 0 is never written, so a stack of S places holds S - 1 maps.

Shape legend: B questions, S places of the stack, P cells of a map, M modules.
"""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

Sharpening = Literal["hard", "soft"]


def start(questions: int, places: int, cells: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """An empty stack `[B, S, P]`, and its pointer `[B, S]` at place 0."""
    pointer_BS = like.new_zeros(questions, places)
    pointer_BS[:, 0] = 1
    return like.new_zeros(questions, places, cells), pointer_BS


def move_up(pointer_BS: Tensor, *, guard: bool) -> Tensor:
    """The pointer one place up; what is at the top falls off, or stays with `guard`.

    >>> move_up(torch.tensor([[0.0, 0.25, 0.75]]), guard=True).tolist()
    [[0.0, 0.0, 1.0]]
    """
    moved_BS = functional.pad(pointer_BS[:, :-1], (1, 0))
    return moved_BS + _at(pointer_BS, -1) if guard else moved_BS


def move_down(pointer_BS: Tensor, *, guard: bool) -> Tensor:
    """The pointer one place down; what is at the bottom falls off, or stays with `guard`.

    >>> move_down(torch.tensor([[0.0, 0.25, 0.75]]), guard=False).tolist()
    [[0.25, 0.75, 0.0]]
    """
    moved_BS = functional.pad(pointer_BS[:, 1:], (0, 1))
    return moved_BS + _at(pointer_BS, 0) if guard else moved_BS


def _at(pointer_BS: Tensor, place: int) -> Tensor:
    """The pointer's part at one place, and 0 elsewhere."""
    only_S = torch.zeros_like(pointer_BS[0])
    only_S[place] = 1
    return pointer_BS * only_S


def read(stack_BSP: Tensor, pointer_BS: Tensor) -> Tensor:
    """The map at the pointer, `[B, P]`: `sum_s pointer_s stack_s`."""
    return torch.bmm(pointer_BS[:, None], stack_BSP).squeeze(1)


def write(stack_BSP: Tensor, pointer_BS: Tensor, map_BP: Tensor) -> Tensor:
    """The stack with a map at the pointer: `pointer_s map + (1 - pointer_s) stack_s`."""
    return pointer_BS[:, :, None] * map_BP[:, None] + (1 - pointer_BS)[:, :, None] * stack_BSP


def sharpen(pointer_BS: Tensor, kind: Sharpening, temperature: float) -> Tensor:
    """The pointer at one place: all of it (`"hard"`, through which no gradient passes), or most.

    ```
    hard: one-hot(argmax pointer);     soft: softmax(pointer / temperature)
    ```

    >>> sharpen(torch.tensor([[0.1, 0.6, 0.3]]), "hard", 0.2).tolist()
    [[0.0, 1.0, 0.0]]
    """
    if kind == "soft":
        return (pointer_BS / temperature).softmax(dim=1)
    hard_BS = functional.one_hot(pointer_BS.argmax(dim=1), pointer_BS.shape[1])
    return hard_BS.to(pointer_BS.dtype)


def validity(pops: Sequence[int], pushes: Sequence[int], places: int) -> Tensor:
    """Which modules may run at which place, `[S, M]`: they find what they pop, and what they push has room.

    ```
    V[p, m] = 1  where  pops_m <= p <= S - 1 + pops_m - pushes_m
    ```

    >>> validity((0, 0, 2), (0, 1, 1), 3).tolist()
    [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [1.0, 0.0, 1.0]]
    """
    place_S1, takes_M, gives_M = torch.arange(places)[:, None], torch.tensor(pops), torch.tensor(pushes)
    return ((takes_M <= place_S1) & (place_S1 <= places - 1 + takes_M - gives_M)).float()
