"""Which numbers of a matrix are positive, kept in a bit each: all that a ReLU's backward pass needs of its result."""

import numpy as np
import torch
from torch import Tensor

_WHOLE = {2: torch.int16, 4: torch.int32, 8: torch.int64}
"""Fractions are positive where the whole numbers of the same bits are, which NumPy compares several at a time."""


class Signs:
    """Where the numbers of a matrix are positive; a byte a number on a GPU.

    Args:
        numbers: of any shape, contiguous.

    Example:
        >>> signs = Signs(torch.tensor([[0.0, 2.0, -1.0]]))
        >>> signs.keep(torch.tensor([[5.0, 6.0, 7.0]]), out=torch.empty(1, 3))
        tensor([[0., 6., 0.]])
    """

    def __init__(self, numbers: Tensor) -> None:
        self._packed = self._positive = None
        if numbers.device.type == "cpu":
            whole = numbers.detach().view(_WHOLE[numbers.element_size()]).numpy()
            self._packed = np.packbits(whole > 0)
        else:
            self._positive = numbers > 0

    def keep(self, values: Tensor, out: Tensor) -> Tensor:
        """The values where the numbers were positive, 0 elsewhere, written to `out`, which has as many numbers."""
        positive = self._positive
        if self._packed is not None:
            positive = torch.from_numpy(np.unpackbits(self._packed, count=out.numel()))
        assert positive is not None
        return torch.mul(values, positive.view(out.shape), out=out)
