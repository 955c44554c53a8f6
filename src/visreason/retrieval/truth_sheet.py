"""A query's nearest images beside those that are truly nearest, as a picture."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visreason.retrieval.evaluation import Evaluation
from visreason.retrieval.index_folder import RetrievalIndex
from visreason.retrieval.results import pictures
from visreason.retrieval.sheet import COLUMNS, Row, Tile, draw_sheet


def draw_truth(path: Path, index: RetrievalIndex, evaluation: Evaluation, place: int = 0) -> None:
    """Draw one query, the nearest images by the index, and the nearest by each ground truth that was used.

    Args:
        path: the PNG to write.
        index: the index.
        evaluation: of it.
        place: which of the evaluation's queries.

    Raises:
        UsageError: the file is no .png.
        DataError: an image cannot be read, or the file not be written.
    """
    query = int(evaluation.queries[place])
    distances = {"nearest by the index": index.distances(np.asarray(index.features[[query]]))[0]}
    distances |= {f"truly nearest, {kind}": truth[place] for kind, truth in evaluation.truth.items()}
    nearest = {title: _nearest(values_N, query) for title, values_N in distances.items()}
    seen = pictures(index, [query, *(number for numbers in nearest.values() for number in numbers)])
    rows = [
        Row(
            title,
            [Tile(seen.get(one), index.ids[one], f"{distances[title][one]:.3f}") for one in numbers],
        )
        for title, numbers in nearest.items()
    ]
    draw_sheet(path, Tile(seen.get(query), index.ids[query]), rows, "Found, and truly nearest")


def _nearest(distances_N: NDArray[np.float32], query: int) -> list[int]:
    """The numbers of the nearest images but the query, nearest first."""
    order = np.argsort(distances_N, kind="stable")
    return [int(number) for number in order if number != query][:COLUMNS]
