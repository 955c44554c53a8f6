"""Searching 100,000 vectors of the relational feature's size, and a million on disk; exactly, and by faiss.

The vectors are like features in what matters to a search: not negative, of length 1, close together, and spread over
few directions. The million is written to a temporary folder (0.5 GB) and searched in a process of its own, so that the
peak of memory is its own; that counts the interpreter, its modules and the pages of the file that are mapped.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from visreason.benchmarks.clock import fastest_in_turns
from visreason.benchmarks.memory import peak_memory
from visreason.benchmarks.row import Row
from visreason.retrieval.building import IndexBuilder
from visreason.retrieval.exact import Vectors
from visreason.retrieval.faiss_search import FaissSearch
from visreason.retrieval.index_folder import IndexSettings, Precision, RetrievalIndex

SIZE = 256
"""Numbers of the published relational feature."""

VECTORS, MANY = 100_000, 1_000_000
QUERIES, K = 64, 10
_BLOCK = 50_000
_DIRECTIONS = 24


def run(vectors: int = VECTORS, many: int = MANY) -> list[Row]:
    """Search for the ten nearest of queries one at a time, and together.

    Args:
        vectors: how many are searched in 32 bits.
        many: how many are searched on disk, in 16 bits.

    Returns:
        Milliseconds a query, one by one (with the CPU time's ratio to the plain formula, and whether both found the
        same) and 64 together; the same one by one among the million, and the most memory that took; if faiss is
        installed, its milliseconds, its building's seconds and the share of the ten nearest that it finds.

    Example:
        >>> {row.name: row.equal for row in run(vectors=200, many=300)}["search.query"]
        True
    """
    with tempfile.TemporaryDirectory() as folder:
        rows = _rows_in_memory(_write(Path(folder) / "index", vectors, "float32"))
        _write(Path(folder) / "many", many, "float16")
        command = [sys.executable, "-m", __name__, str(Path(folder) / "many")]
        done = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return [
        *rows,
        Row(name="search.query-of-a-million", value=1000 * done["seconds"], unit="ms"),
        Row(name="search.memory-of-a-million", value=done["memory"], unit="MiB"),
    ]


def measure(folder: Path) -> dict[str, float]:
    """Search an index; meant for a fresh process."""
    index = RetrievalIndex.open(folder)
    query_1D = next(_features(1, seed=1))
    index.search(query_1D, K)
    return {"seconds": _wall(lambda: index.search(query_1D, K)), "memory": peak_memory()}


def _rows_in_memory(index: RetrievalIndex) -> list[Row]:
    """The exact search against the plain formula, and faiss against the exact search."""
    queries_QD = next(_features(QUERIES, seed=1))
    numbers_QK, _ = index.search(queries_QD, K)  # also computes the mean and the lengths, once and for all
    ours, plain = fastest_in_turns(
        [lambda: index.search(queries_QD[:1], K), lambda: _plain(index.features, queries_QD[0])], rounds=5
    )
    same = all(
        set(row.tolist()) == set(_plain(index.features, query).tolist())
        for row, query in zip(numbers_QK[:8], queries_QD, strict=False)
    )
    one = _wall(lambda: index.search(queries_QD[:1], K))
    together = _wall(lambda: index.search(queries_QD, K))
    return [
        Row(name="search.query", value=1000 * one, unit="ms", ratio=plain / ours, equal=same),
        Row(name="search.query-of-64", value=1000 * together / QUERIES, unit="ms"),
        *_rows_of_faiss(index.features, queries_QD, numbers_QK),
    ]


def _rows_of_faiss(
    features_ND: Vectors, queries_QD: NDArray[np.float32], exact_QK: NDArray[np.int64]
) -> list[Row]:
    """How fast faiss is, and what it finds, where it is installed."""
    if find_spec("faiss") is None:
        return []
    start = time.perf_counter()
    search = FaissSearch.build(features_ND)
    built = time.perf_counter() - start
    found_QK = search.nearest(torch.from_numpy(queries_QD), K)
    recall = np.mean(
        [len(set(one) & set(other)) / len(one) for one, other in zip(exact_QK, found_QK, strict=True)]
    )
    alone = _wall(lambda: search.nearest(torch.from_numpy(queries_QD[:1]), K))
    return [
        Row(name="search.faiss-query", value=1000 * alone, unit="ms"),
        Row(name="search.faiss-building", value=built, unit="s"),
        Row(name="search.faiss-recall", value=100 * float(recall), unit="% of the 10 nearest"),
    ]


def _plain(features_ND: Vectors, query_D: NDArray[np.float32]) -> NDArray[np.int64]:
    """The ten nearest by the formula, every distance sorted."""
    distance_N: NDArray[np.float32] = np.linalg.norm(features_ND - query_D, axis=1)
    return distance_N.argsort()[:K]


def _wall(work: Callable[[], object], rounds: int = 9) -> float:
    """Seconds of the fastest of some rounds."""
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def _write(folder: Path, count: int, dtype: Precision) -> RetrievalIndex:
    """An index of features that nothing is a picture of."""
    how = IndexSettings(
        model="none", fingerprint="", layer="g2", aggregation="mean", normalise="both", size=SIZE, dtype=dtype
    )
    builder = IndexBuilder(folder, [f"{number:07d}.png" for number in range(count)], how)
    with builder.at_work():
        for block in _features(count):
            builder.append(block, {})
        return builder.finish()


def _features(count: int, seed: int = 0) -> Iterator[NDArray[np.float32]]:
    """Vectors as described above, block by block; the same network for every seed."""
    network, rng = np.random.default_rng(0), np.random.default_rng([seed, 1])
    weights = network.standard_normal((_DIRECTIONS, SIZE), np.float32) / _DIRECTIONS**0.5
    for start in range(0, count, _BLOCK):
        rows = min(_BLOCK, count - start)
        hidden = rng.standard_normal((rows, _DIRECTIONS), np.float32) @ weights
        noise = 0.05 * rng.standard_normal((rows, SIZE), np.float32)
        features = np.maximum(1 + 0.5 * hidden + noise, 0)
        yield features / np.linalg.norm(features, axis=1, keepdims=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Search an index and print time and memory.")
    parser.add_argument("folder", type=Path)
    print(json.dumps(measure(parser.parse_args().folder)))
