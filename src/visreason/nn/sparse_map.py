"""A fixed sparse linear map whose two orientations are kept, so that it is as fast backward as forward.

Shape legend: M outputs, N inputs, C channels, Z entries that are not zero.
"""

import warnings
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


class SparseMap:
    """`y = S x` for a constant `S [M, N]` and any x `[N, C]`, with the gradient `S^T` of it.

    ```
    y_m = sum over entries z with rows_z = m of  values_z x_{columns_z}
    ```

    Both `S` and `S^T` are laid out row by row (CSR) when the map is made, which costs a sort; after that it can be
    applied any number of times. The gradient reaches x and not S. Whatever x's precision, the sums are made in that of
    the values.

    Args:
        rows_Z: Long, m of each entry.
        columns_Z: Long, n of each entry.
        values_Z: the entries; those that share a place add up.
        shape: M and N.

    Example:
        >>> twice = SparseMap(torch.tensor([0, 0]), torch.tensor([1, 2]), torch.tensor([2.0, 1.0]), (2, 3))
        >>> twice(torch.tensor([[1.0], [10.0], [100.0]]))
        tensor([[120.], [  0.]])
        >>> twice.transposed(torch.tensor([[1.0], [5.0]])).flatten()
        tensor([0., 2., 1.])
    """

    def __init__(self, rows_Z: Tensor, columns_Z: Tensor, values_Z: Tensor, shape: tuple[int, int]) -> None:
        kept_Z = values_Z != 0
        rows_Z, columns_Z, values_Z = rows_Z[kept_Z], columns_Z[kept_Z], values_Z[kept_Z].detach()
        self.shape = shape
        self._matrix = _Matrix(rows_Z, columns_Z, values_Z, shape)
        self._turned = _Matrix(columns_Z, rows_Z, values_Z, (shape[1], shape[0]))

    def __call__(self, x_NC: Tensor) -> Tensor:
        """`S x`, `[M, C]`."""
        y_MC: Tensor = _Product.apply(x_NC, self._matrix, self._turned)  # type: ignore[no-untyped-call]
        return y_MC

    def transposed(self, y_MC: Tensor) -> Tensor:
        """`S^T y`, `[N, C]`."""
        x_NC: Tensor = _Product.apply(y_MC, self._turned, self._matrix)  # type: ignore[no-untyped-call]
        return x_NC


class _Matrix:
    """A matrix row by row (CSR); one of nothing but zeros is not given to the libraries, some of which refuse it."""

    def __init__(self, rows_Z: Tensor, columns_Z: Tensor, values_Z: Tensor, shape: tuple[int, int]) -> None:
        self.rows, self.dtype = shape[0], values_Z.dtype
        self.csr: Tensor | None = None
        if not len(rows_Z):
            return
        order_Z = rows_Z.argsort(stable=True)
        ends_M = rows_Z.bincount(minlength=shape[0]).cumsum(0)
        starts = torch.cat([ends_M.new_zeros(1), ends_M]).int()  # the libraries count in 32 bits
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # PyTorch says that CSR is in beta
            self.csr = torch.sparse_csr_tensor(starts, columns_Z[order_Z].int(), values_Z[order_Z], shape)

    def __matmul__(self, x_NC: Tensor) -> Tensor:
        if self.csr is None:
            return x_NC.new_zeros(self.rows, x_NC.shape[1], dtype=self.dtype)
        with torch.autocast(
            x_NC.device.type, enabled=False
        ):  # there are no sparse products in half precision
            product_MC: Tensor = self.csr @ x_NC.to(self.dtype)
        return product_MC


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x_NC: Tensor, matrix: _Matrix, transposed: _Matrix) -> Tensor:
        ctx.transposed, ctx.given = transposed, x_NC.dtype
        return matrix @ x_NC

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None, None]:
        return (ctx.transposed @ slopes[0].contiguous()).to(ctx.given), None, None
