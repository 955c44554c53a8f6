"""The three matrix products of a linear layer, by the faster of the two libraries that PyTorch carries for CPUs.

PyTorch multiplies float32 matrices with MKL, which on processors that are not Intel's runs at half the speed of oneDNN,
the library PyTorch itself takes for convolutions and for bfloat16. Here oneDNN takes those products too, where it is
there and the matrices are large enough; all else is PyTorch's own. None of these records gradients; the layer that
learns is in `visreason.nn.dense`.

Shape legend: R rows, K numbers read, N numbers written.
"""

from functools import cache

import torch
from torch import Tensor
from torch.nn import functional

LEAST = 32
"""Matrices with fewer columns are PyTorch's."""
LEAST_ROWS = 64
"""With fewer rows so is the gradient by what was read: oneDNN lays the weights out anew, which takes longer."""


def linear(
    read_RK: Tensor,
    weight_NK: Tensor,
    bias_N: Tensor | None = None,
    *,
    relu: bool = False,
    out: Tensor | None = None,
) -> Tensor:
    """What the layer writes, `[R, N]`.

    ```
    y = x W^T + b,   or ReLU of it
    ```

    Args:
        read_RK: x; of any number of dimensions where there is no `out`.
        weight_NK: W.
        bias_N: b; None adds nothing.
        relu: negative numbers become 0.
        out: room that may be used for y, and need not be: what is returned counts.

    Example:
        >>> linear(torch.ones(1, 32), torch.ones(32, 32), -torch.ones(32))[0, :3]
        tensor([31., 31., 31.])
    """
    if _by_onednn(read_RK, weight_NK):
        return _onednn(read_RK, weight_NK, bias_N, "relu" if relu else "none")
    if out is None:
        out = functional.linear(read_RK, weight_NK, bias_N)
    elif bias_N is None:
        torch.mm(read_RK, weight_NK.T, out=out)
    else:
        torch.addmm(bias_N, read_RK, weight_NK.T, out=out)
    return out.relu_() if relu else out


def slope_of_weight(slope_RN: Tensor, read_RK: Tensor) -> Tensor:
    """The gradient by W, `[N, K]`: `slope^T x`."""
    if _by_onednn(read_RK, slope_RN.T, least=0):
        return _onednn(slope_RN.T, read_RK.T)
    return slope_RN.T @ read_RK


def slope_of_read(slope_RN: Tensor, weight_NK: Tensor, *, out: Tensor | None = None) -> Tensor:
    """The gradient by x, `[R, K]`: `slope W`; `out` as in `linear`."""
    if len(slope_RN) >= LEAST_ROWS and _by_onednn(slope_RN, weight_NK):
        return _onednn(slope_RN, weight_NK.T)
    return torch.mm(slope_RN, weight_NK, out=out)


def _by_onednn(read: Tensor, weight_NK: Tensor, least: int = LEAST) -> bool:
    """Whether oneDNN is there and is meant for such matrices."""
    return (
        read.device.type == "cpu"
        and read.dtype == weight_NK.dtype == torch.float32
        and min(weight_NK.shape) >= least
        and read.numel() > 0
        and bool(torch.backends.mkldnn.enabled)
        and _has_onednn()
    )


def _onednn(read: Tensor, weight_NK: Tensor, bias_N: Tensor | None = None, after: str = "none") -> Tensor:
    """The layer by oneDNN, which is slow where rows do not lie one after the other."""
    laid_out = (read.contiguous(), weight_NK.contiguous(), bias_N)
    written: Tensor = torch.ops.mkldnn._linear_pointwise(*laid_out, after, [], "")
    return written


@cache
def _has_onednn() -> bool:
    """Whether this PyTorch carries oneDNN with dense linear layers."""
    there: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return there and hasattr(torch.ops.mkldnn, "_linear_pointwise")
