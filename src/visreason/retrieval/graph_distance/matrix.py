"""The distances of many scenes from many others, on all cores, kept on disk."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visreason.clevr.scene import Scene
from visreason.data.parallel import run_tasks
from visreason.errors import UsageError
from visreason.files import write_atomically
from visreason.retrieval.graph_distance.graph import SceneGraph
from visreason.retrieval.graph_distance.published import NodeCost, published_distance
from visreason.retrieval.graph_distance.symmetric import symmetric_bounds

KINDS = ("symmetric", "published-soft", "published-hard")
"""The distances there are: ours, and the published one in its two forms."""

_VERSION = b"1"
"""Part of a kept matrix's name; another one whenever a distance is computed otherwise."""

_PAIRS = 4096
"""Pairs of a task, about: half a second to two."""


def distance_matrix(
    queries: Sequence[Scene],
    scenes: Sequence[Scene],
    kind: str = "symmetric",
    *,
    jobs: int = 1,
    cache: Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> NDArray[np.float32]:
    """The graph edit distances of Q scenes from N others, [Q, N].

    Args:
        queries: Q scenes. scenes: N scenes. kind: one of `KINDS`. jobs: processes. cache: a folder in which
        matrices are kept, each under a checksum of what it depends on: both lists and the kind. progress: told
        a stage's name, how many queries are done, and how many there are.

    Raises:
        UsageError: there is no such kind, or a scene has too many objects.
        DataError: the cache cannot be written.

    Example:
        >>> from visreason.clevr.sampling import sample_scene, scene_rng
        >>> scenes = [sample_scene(scene_rng(0, "val", i), i, "val") for i in range(3)]
        >>> distances = distance_matrix(scenes[:2], scenes)
        >>> distances.shape, distances.diagonal().tolist()
        ((2, 3), [0.0, 0.0])
    """
    if kind not in KINDS:
        raise UsageError(f"there is no distance of scenes {kind!r}; there are {', '.join(KINDS)}.")
    rows, columns = ([SceneGraph.of(scene) for scene in side] for side in (queries, scenes))
    file = None if cache is None else cache / f"{kind}-{_checksum(rows, columns)}.npy"
    if file is not None and (kept := _read(file, (len(rows), len(columns)))) is not None:
        return kept
    distances_QN = np.zeros((len(rows), len(columns)), np.float32)
    told = progress or (lambda stage, done, total: None)
    told(f"{kind} distances", done := 0, len(rows))
    for start, block in run_tasks(_tasks(rows, columns, kind), jobs):
        distances_QN[start : start + len(block)] = block
        done += len(block)
        told(f"{kind} distances", done, len(rows))
    if file is not None:
        with write_atomically(file) as stream:
            np.save(stream, distances_QN)
    return distances_QN


Block = tuple[int, NDArray[np.float32]]


def _tasks(
    rows: Sequence[SceneGraph], columns: Sequence[SceneGraph], kind: str
) -> Iterator[Callable[[], Block]]:
    """The matrix as blocks of rows, each with the number of its first."""
    height = max(1, _PAIRS // max(1, len(columns)))
    for start in range(0, len(rows), height):
        yield partial(_block, start, rows[start : start + height], columns, kind)


def _block(start: int, rows: Sequence[SceneGraph], columns: Sequence[SceneGraph], kind: str) -> Block:
    """Some rows of the matrix."""
    pairs = [(row, column) for row in rows for column in columns]
    if kind == "symmetric":
        distances = symmetric_bounds([row for row, _ in pairs], [column for _, column in pairs])[1]
    else:
        cost: NodeCost = "soft" if kind == "published-soft" else "hard"
        distances = np.array([published_distance(row, column, cost) for row, column in pairs])
    return start, distances.astype(np.float32).reshape(len(rows), len(columns))


def _checksum(rows: Sequence[SceneGraph], columns: Sequence[SceneGraph]) -> str:
    """What the distances of two lists depend on, as 32 characters."""
    digest = hashlib.sha256(_VERSION)
    for side in (rows, columns):
        digest.update(len(side).to_bytes(8, "little"))
        for graph in side:
            digest.update(graph.to_bytes())
    return digest.hexdigest()[:32]


def _read(file: Path, shape: tuple[int, int]) -> NDArray[np.float32] | None:
    """A kept matrix, or None where there is none that can be read."""
    try:
        kept = np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    return kept if kept.shape == shape and kept.dtype == np.float32 else None
