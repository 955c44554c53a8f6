"""How well an index ranks images by their relations: its ranking, and the baselines', against the truth of the
scenes.

Shape suffixes: Q queries, N images of the index.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import iter_scenes
from visreason.errors import DataError, UsageError
from visreason.metrics.retrieval import RetrievalScores, retrieval_scores
from visreason.retrieval.baselines import baselines
from visreason.retrieval.graph_distance import distance_matrix
from visreason.retrieval.index_folder import RetrievalIndex

INDEX = "index"
"""The name of the index's own ranking among the baselines."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of an index.

    Attributes:
        queries: the numbers of the images that were searched by.
        scores: kind of ground truth to ranking (`INDEX`, then the baselines) to figures.
        truth: kind of ground truth to the true distances, [Q, N].
    """

    queries: NDArray[np.intp]
    scores: Mapping[str, Mapping[str, RetrievalScores]]
    truth: Mapping[str, NDArray[np.float32]]

    def to_dict(self) -> dict[str, Any]:
        """The part of `metrics.json` that tells the figures."""
        told = {}
        for kind, rankings in self.scores.items():
            figures = {name: scores.to_dict() for name, scores in rankings.items()}
            told[kind] = figures.pop(INDEX) | {"baselines": figures}
        return {"queries": len(self.queries), "ground_truth": told}


def evaluate(
    index: RetrievalIndex,
    scenes: Sequence[Scene],
    kinds: Sequence[str],
    ks: Sequence[int],
    *,
    queries: int | None = None,
    seed: int = 0,
    jobs: int = 1,
    cache: Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Evaluation:
    """Search by images of the index, each time among all its others, and compare with the truth.

    Args:
        index: the index.
        scenes: the true scene of each of its images, in its order.
        kinds: of ground truth, see `visreason.retrieval.graph_distance`.
        ks: the depths of nDCG and recall.
        queries: how many images to search by, drawn from all; None is all.
        seed: draws them, and the random baseline.
        jobs: processes for the ground truth.
        cache: where the ground truth is kept.
        progress: told a stage's name, how many queries are done, and how many there are.

    Raises:
        UsageError: a k is not from 1 to the number of other images, or a number of queries below 1.
    """
    if queries is not None and queries < 1:
        raise UsageError(f"--queries must be at least 1; got {queries}.")
    if wrong := [k for k in ks if not 1 <= k < len(index)]:
        raise UsageError(
            f"k is {wrong[0]}, but a query has {len(index) - 1} other images in this index: give k from 1 to that."
        )
    numbers_Q = np.arange(len(index))
    if queries is not None and queries < len(index):
        numbers_Q = np.sort(np.random.default_rng(seed).choice(len(index), queries, replace=False))
    asked = [scenes[number] for number in numbers_Q.tolist()]
    rankings: dict[str, NDArray[Any]] = {
        INDEX: index.distances(np.asarray(index.features[numbers_Q])),
        **baselines(asked, scenes, seed),
    }
    others = {name: _without_own(distances_QN, numbers_Q) for name, distances_QN in rankings.items()}
    truth = {
        kind: distance_matrix(asked, scenes, kind, jobs=jobs, cache=cache, progress=progress)
        for kind in kinds
    }
    scores = {}
    for kind, distances_QN in truth.items():
        true_QN = _without_own(distances_QN, numbers_Q)
        scores[kind] = {name: retrieval_scores(found_QN, true_QN, ks) for name, found_QN in others.items()}
    return Evaluation(numbers_Q, scores, truth)


def indexed_scenes(index: RetrievalIndex, folder: ClevrFolder, split: str) -> list[Scene]:
    """The true scene of each image of an index, in its order.

    Raises:
        DataError: there is no scenes file, or an image has no scene in it.
    """
    if split not in (known := folder.splits()):
        raise DataError(f"{folder.root} has no split {split!r}; it has {', '.join(known) or 'none'}.")
    names = [PurePosixPath(name).name for name in index.ids]
    wanted = set(names)
    file = folder.scenes_file(split)
    found = {scene.image_filename: scene for scene in iter_scenes(file) if scene.image_filename in wanted}
    if missing := [name for name in names if name not in found]:
        share = "none" if len(missing) == len(names) else f"only {len(names) - len(missing):,}"
        raise DataError(
            f"{share} of the {len(names):,} images of {index.folder} have a scene in {file} ({missing[0]} has none). "
            "Give the data folder and split that the index is of."
        )
    return [found[name] for name in names]


def _without_own(values_QN: NDArray[Any], numbers_Q: NDArray[np.intp]) -> NDArray[Any]:
    """The matrix without each query's own image, [Q, N - 1]."""
    others = np.arange(values_QN.shape[1])[None] != numbers_Q[:, None]
    left: NDArray[Any] = values_QN[others].reshape(len(values_QN), -1)
    return left
