"""The weights of a program's modules as rows of a memory, read by address: one row, or a mixture of rows.

Di Carlo, VisualReasoning_MMnet (https://github.com/rs9000/VisualReasoning_MMnet, 2018). A function's module is a row
and no layer of its own; who reads with a one-hot address gets the row, who reads with a distribution gets a mixture,
whose gradient reaches the distribution.

Shape legend: N maps, D channels, h x w cells, V symbols of a language, R numbers a row (2 C of a function of one
input, 4 C of one of two, with C = D * D * 3 * 3; with context D * D more of a function of one).
"""

import math
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from visreason.errors import ModelError
from visreason.nn.functions import FIRST_FUNCTION, Functions

Layout = Literal["per-arity", "overlapping"]
Initial = Literal["fan-in", "published"]


class Memory(nn.Module):
    """One row of weights for every function of a language.

    ```
    row of function k:  M[k];     mixture under address a:  sum_k a_k M[k]
    ```

    Functions that read nothing (`scene`) are given the image and count as functions of one input.

    Args:
        functions: the language; how long a row is follows from its function's arity.
        dim: D.
        layout: `"per-arity"`: a matrix for each arity, so that a mixture is one of equals; its address is scaled to
            add up to 1 over them. `"overlapping"`, the published end-to-end memory: one matrix with a row of 4 C
            for every symbol, of which functions of one input read the first half, so that a mixture for one
            input holds pieces of weights for two, and of START, END and the like.
        initial: `"fan-in"`: each row like PyTorch's convolutions, uniform within 1 / sqrt(inputs of a cell).
            `"published"`: uniform within 1 / sqrt(C), some 16 times smaller at D = 256: modules of one input start
            as the identity and those of two inputs give nearly nothing.
        context: rows of functions of one input also hold the matrix by which every cell is told what the map holds
            as a whole (`one_input_module`); it begins as zeros.

    Raises:
        ModelError: a context in the overlapping layout.

    Example:
        >>> memory = Memory(Functions(("scene", "exist", "union"), (0, 1, 2)), dim=4)
        >>> {number: tuple(row.shape) for number, row in memory.rows().items()}
        {4: (288,), 5: (288,), 6: (576,)}
        >>> address = torch.eye(7)[[6, 6]]
        >>> bool((memory.mix(address, arity=2) == memory.rows()[6]).all())
        True
    """

    def __init__(
        self,
        functions: Functions,
        dim: int,
        *,
        layout: Layout = "per-arity",
        initial: Initial = "fan-in",
        context: bool = False,
    ) -> None:
        super().__init__()
        if context and layout == "overlapping":
            raise ModelError(
                "context: rows that overlap have no room for it. Leave it false, or choose the layout 'per-arity'."
            )
        self.functions, self.dim, self.layout = functions, dim, layout
        kernel = 9 * dim * dim
        numbers = range(FIRST_FUNCTION, functions.symbols)
        self.numbers = {
            False: [number for number in numbers if functions.arity(number) < 2],
            True: [number for number in numbers if functions.arity(number) == 2],
        }
        if layout == "overlapping":
            self.shared = nn.Parameter(torch.empty(functions.symbols, 4 * kernel))
            parts = [(self.shared, 2)]
        else:
            self.one_input = nn.Parameter(torch.empty(len(self.numbers[False]), 2 * kernel))
            self.two_inputs = nn.Parameter(torch.empty(len(self.numbers[True]), 4 * kernel))
            parts = [(self.one_input, 1), (self.two_inputs, 2)]
        for matrix, inputs in parts:
            _initialise(matrix, dim, inputs, initial)
        self.context: nn.Parameter | None = None
        if context:
            self.context = nn.Parameter(torch.zeros(len(self.numbers[False]), dim * dim))

    def rows(self) -> dict[int, Tensor]:
        """Every function's row `[R]` by the function's number, taken from the memory in one piece.

        Ask once a step: the gradients of all rows then come back in one piece too, and not in one of the whole
        memory's size for each read.
        """
        if self.layout == "overlapping":
            half = self.shared.shape[1] // 2
            rows = self.shared.unbind(0)
            ones = {number: rows[number][:half] for number in self.numbers[False]}
            return ones | {number: rows[number] for number in self.numbers[True]}
        ones = dict(zip(self.numbers[False], self._of_one_input().unbind(0), strict=True))
        return ones | dict(zip(self.numbers[True], self.two_inputs.unbind(0), strict=True))

    def mix(self, address_NV: Tensor, arity: int) -> Tensor:
        """The mixture of rows under each address, `[N, R]`, all in one product.

        Args:
            address_NV: the weight of every symbol, at least 0, such as a softmax over symbols; any leading
                dimensions.
            arity: of the functions that the addresses are meant for: 2, or fewer.
        """
        two, shares = arity == 2, self.shares(address_NV, arity)
        if self.layout == "overlapping":
            return shares @ (self.shared if two else self.shared[:, : self.shared.shape[1] // 2])
        return shares @ (self.two_inputs if two else self._of_one_input())

    def shares(self, address_NV: Tensor, arity: int) -> Tensor:
        """How much of each row is in the mixture that `mix` gives; `symbols_of` says whose rows they are."""
        if self.layout == "overlapping":
            return address_NV
        chosen = address_NV[..., self.numbers[arity == 2]]
        return chosen / chosen.sum(dim=-1, keepdim=True).clamp_min(torch.finfo(chosen.dtype).tiny)

    def symbols_of(self, arity: int) -> list[int]:
        """The symbols whose rows a mixture for functions of this arity may hold, in the order of `shares`."""
        return (
            list(range(self.functions.symbols)) if self.layout == "overlapping" else self.numbers[arity == 2]
        )

    def _of_one_input(self) -> Tensor:
        """The rows of functions of one input, their contexts at the ends."""
        if self.context is None:
            return self.one_input
        return torch.cat([self.one_input, self.context], dim=1)


def one_input_module(x_NDHW: Tensor, row: Tensor, sum_ND: Tensor | None = None) -> Tensor:
    """`y = ReLU(x + W2 * ReLU(W1 * x [+ V s]))`, 3x3 convolutions without biases: `[N, D, h, w]`.

    Args:
        x_NDHW: the input's maps.
        row: W1, W2, and V where s is given, `[R]`, the same for all maps, or `[N, R]`, each map's own.
        sum_ND: s, what the maps hold as a whole, such as `visreason.nn.referents.referent_sum`.
    """
    dim = x_NDHW.shape[1]
    kernels, context = torch.tensor_split(row, (18 * dim * dim,), dim=-1)
    first, second = _kernels(kernels, dim, (1, 1))
    inner_NDHW = _convolve(x_NDHW, first)
    if sum_ND is not None:
        told_ND1 = context.view(*context.shape[:-1], dim, dim) @ sum_ND[..., None]
        inner_NDHW = inner_NDHW + told_ND1[..., None]
    return (x_NDHW + _convolve(inner_NDHW.relu(), second)).relu()


def two_input_module(x_NDHW: Tensor, y_NDHW: Tensor, row: Tensor) -> Tensor:
    """`z = ReLU(W1 * [x | y]);  ReLU(z + W3 * ReLU(W2 * z))`: `[N, D, h, w]`.

    Args:
        x_NDHW: the first input's maps.
        y_NDHW: the second input's.
        row: W1 (of 2 D channels), W2 and W3, `[R]`, the same for all maps, or `[N, R]`, each map's own.
    """
    first, second, third = _kernels(row, x_NDHW.shape[1], (2, 1, 1))
    z_NDHW = _convolve(torch.cat([x_NDHW, y_NDHW], dim=1), first).relu()
    return (z_NDHW + _convolve(_convolve(z_NDHW, second).relu(), third)).relu()


def _kernels(row: Tensor, dim: int, inputs: tuple[int, ...]) -> list[Tensor]:
    """A row as the kernels that lie in it one after the other, `[..., D, inputs * D, 3, 3]`."""
    parts = torch.split(row, [9 * dim * dim * each for each in inputs], dim=-1)
    leading = row.shape[:-1]
    return [part.view(*leading, dim, each * dim, 3, 3) for part, each in zip(parts, inputs, strict=True)]


def _convolve(x_NCHW: Tensor, kernel: Tensor) -> Tensor:
    """A 3x3 convolution with one kernel for all maps, or with each map's own: then in groups, all at once."""
    if kernel.dim() == 4:
        return functional.conv2d(x_NCHW, kernel, padding=1)
    count, height, width = len(x_NCHW), *x_NCHW.shape[2:]
    together = functional.conv2d(
        x_NCHW.reshape(1, -1, height, width), kernel.flatten(0, 1), padding=1, groups=count
    )
    return together.view(count, -1, height, width)


def _initialise(matrix: Tensor, dim: int, inputs: int, initial: Initial) -> None:
    """Fill a matrix of rows whose first kernel reads `inputs` times D channels."""
    bound = 1 / math.sqrt(9 * dim * dim) if initial == "published" else 1 / math.sqrt(9 * dim)
    with torch.no_grad():
        matrix.uniform_(-bound, bound)
        if initial == "fan-in" and inputs == 2:
            matrix[:, : 2 * 9 * dim * dim] /= math.sqrt(2)
