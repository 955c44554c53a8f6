"""Predictions of regions on disk, so that they can be scored again: a `.npz` of plain arrays, never pickled.

`probabilities` float32 `[N, K]`, `labels` int64 `[N]`, `images` int64 `[N]`, `frequencies` int64 `[K]` (how often each
class occurs in training) and `classes`, K names. N regions, image after image; K classes with the background.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visreason.arrays import read_npz
from visreason.errors import DataError
from visreason.files import write_atomically
from visreason.metrics.regions import RegionScores, score_regions


@dataclass(frozen=True, slots=True, eq=False)
class RegionPredictions:
    """What a model said of all regions of a set.

    Attributes:
        probabilities: float32 `[N, K]`.
        labels: int64 `[N]`, the true classes from 1.
        images: int64 `[N]`, which image each region is of.
        frequencies: int64 `[K]`, how often each class occurs in training.
        classes: `[K]`, their names.

    Example:
        >>> import tempfile
        >>> said = RegionPredictions(
        ...     np.float32([[0.1, 0.7, 0.2]]), np.array([1]), np.array([0]), np.array([0, 5, 9]), np.array(list("-ab"))
        ... )
        >>> path = Path(tempfile.mkdtemp()) / "predictions.npz"
        >>> said.write(path)
        >>> RegionPredictions.read(path).score().line()
        '1.000 1.000 1.000 1.000'
    """

    probabilities: NDArray[np.float32]
    labels: NDArray[np.int64]
    images: NDArray[np.int64]
    frequencies: NDArray[np.int64]
    classes: NDArray[np.str_]

    def write(self, path: Path) -> None:
        """Write them, whole or not at all.

        Raises:
            DataError: the file cannot be written.
        """
        with write_atomically(path) as file:
            np.savez(file, **{one.name: getattr(self, one.name) for one in fields(self)})

    @classmethod
    def read(cls, path: Path) -> "RegionPredictions":
        """Read them.

        Raises:
            DataError: the file is missing, broken, or holds something else.
        """
        names = [one.name for one in fields(cls)]
        try:
            said = cls(**read_npz(path, names))
        except DataError as error:
            wanted = f"{', '.join(names)} in a .npz file"
            raise DataError(f"{path} holds no predictions of regions ({wanted}): {error}") from error
        if said.probabilities.ndim != 2 or said.classes.shape != (said.probabilities.shape[1],):
            raise DataError(
                f"{path}: {said.probabilities.shape} probabilities of {said.classes.size} classes."
            )
        return said

    def score(self, kept: NDArray[np.bool_] | None = None) -> RegionScores:
        """Score them, or some.

        Args:
            kept: bool `[N]`, the regions that count; None: all.

        Raises:
            UsageError: arrays do not fit.
        """
        rows = slice(None) if kept is None else kept
        return score_regions(
            self.probabilities[rows], self.labels[rows], self.images[rows], frequencies_K=self.frequencies
        )
