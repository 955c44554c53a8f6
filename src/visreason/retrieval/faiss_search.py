"""Approximate search by faiss (https://github.com/facebookresearch/faiss): an extra, for very many images.

Vectors are sorted into about 2 sqrt(N) cells by k-means, and a search looks at the eighth of the cells that is
nearest to the query. Up to 10,000 vectors there is one cell, and the search is exact.

Shape suffixes: Q queries, N vectors, D numbers a vector, k neighbours.
"""

from dataclasses import dataclass
from math import isqrt
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from visreason.errors import DataError, UsageError
from visreason.retrieval.exact import Vectors, blocks

FEW = 10_000
"""Up to so many vectors cells are not worth it."""

VISITED = 8
"""One in so many cells is looked into."""

_LEARNT_FROM = 40
"""Vectors a cell that the cells are learnt from."""


def import_faiss() -> Any:
    """The library.

    Raises:
        UsageError: it is not installed.
    """
    try:
        import faiss
    except ImportError as error:
        raise UsageError(
            "the backend faiss is not installed. `pip install 'visreason[faiss]'`, or leave --backend out for the "
            "exact search."
        ) from error
    return faiss


@dataclass(frozen=True, slots=True)
class FaissSearch:
    """An index of faiss.

    Attributes:
        index: faiss's own.
    """

    index: Any

    @classmethod
    def build(cls, features_ND: Vectors) -> Self:
        """Make cells and put the vectors into them, in the precision that they have.

        Raises:
            UsageError: faiss is not installed.

        Example:
            >>> search = FaissSearch.build(np.eye(3, dtype=np.float32))
            >>> import torch
            >>> search.nearest(torch.tensor([[0.0, 2.0, 0.0]]), 1).tolist()
            [[1]]
        """
        faiss = import_faiss()
        count, size = features_ND.shape
        store = "SQfp16" if features_ND.dtype == np.float16 else "Flat"
        cells = 2 * isqrt(count)
        index = faiss.index_factory(size, store if count <= FEW else f"IVF{cells},{store}")
        if not index.is_trained:
            step = max(1, count // (_LEARNT_FROM * cells))
            index.train(np.ascontiguousarray(features_ND[::step], np.float32))
        for _, block_RD in blocks(features_ND):
            index.add(block_RD.numpy())
        if count > FEW:
            index.nprobe = max(1, cells // VISITED)
        return cls(index)

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read one from its file.

        Raises:
            UsageError: faiss is not installed.
            DataError: the file is missing or broken.
        """
        faiss = import_faiss()
        try:
            return cls(faiss.read_index(str(file)))
        except RuntimeError as error:
            raise DataError(f"{file} is missing or broken. Make the index again with --overwrite.") from error

    def write(self, file: Path) -> None:
        """Write it to a file."""
        import_faiss().write_index(self.index, str(file))

    def nearest(self, vectors_QD: Tensor, k: int) -> NDArray[np.int64]:
        """The numbers of the k nearest that were found, `[Q, k]`, -1 for none."""
        _, numbers_Qk = self.index.search(vectors_QD.contiguous().numpy(), k)
        found: NDArray[np.int64] = numbers_Qk
        return found
