"""At what precision sums are made."""

import torch
from torch import Tensor


def widened(x: Tensor) -> Tensor:
    """`x` in at least 32 bits: half-precision numbers widened, others as they are.

    Sums, softmaxes and losses of many numbers lose too much in 16 bits, and what is computed in 64 bits is to stay so.

    Example:
        >>> widened(torch.ones(2, dtype=torch.bfloat16)).dtype, widened(torch.ones(2, dtype=torch.float64)).dtype
        (torch.float32, torch.float64)
    """
    return x.to(torch.promote_types(x.dtype, torch.float32))
