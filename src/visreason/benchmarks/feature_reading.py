"""Features read in the random order of a training, from memory-mapped 16-bit shards and from one file an image.

The literal form is that of the Stack NMN projects: a 32-bit `.npy` file an image, channels last, opened when it is
asked for. Both hold the same numbers, are read by the classes that training reads with, and lie in the disk's cache:
this is what reading costs the processor. Peak memory is not compared, because both map files.
"""

import tempfile
from pathlib import Path

import numpy as np

from visreason.benchmarks.clock import fastest_in_turns
from visreason.benchmarks.row import Row
from visreason.data.features.export import to_npy
from visreason.data.features.store import (
    FORMAT,
    INDEX,
    FeatureStore,
    NpyStore,
    ShardStore,
    shard_file,
    widened,
)
from visreason.files import write_json


def run(images: int = 256, shape: tuple[int, int, int] = (256, 14, 14), rounds: int = 3) -> list[Row]:
    """Measure reading every image once.

    Args:
        images: how many.
        shape: of each image's features, (C, H, W).
        rounds: passes over all; the fastest counts.
    """
    names = [f"CLEVR_val_{index:06d}.png" for index in range(images)]
    order = np.random.default_rng(0).permutation(images).tolist()
    with tempfile.TemporaryDirectory() as folder:
        shards = make_shards(Path(folder) / "shards", names, shape)
        to_npy(shards, Path(folder) / "npy")
        files = NpyStore(Path(folder) / "npy")

        def read(store: FeatureStore) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
            return [widened(store.read(names[row], row)) for row in order]

        same = all(np.array_equal(one, other) for one, other in zip(read(files), read(shards), strict=True))
        seconds = fastest_in_turns([lambda: read(files), lambda: read(shards)], rounds)
    return [
        Row(
            name="feature-reading.shards",
            ratio=seconds[0] / seconds[1],
            equal=same,
            value=images / seconds[1],
            unit="images/s",
        )
    ]


def make_shards(folder: Path, names: list[str], shape: tuple[int, int, int], rows: int = 64) -> ShardStore:
    """A store of random 16-bit features, so many images a shard."""
    folder.mkdir(parents=True)
    numbers = np.random.default_rng(0)
    starts = range(0, len(names), rows)
    for number, start in enumerate(starts):
        some = numbers.random((len(names[start : start + rows]), *shape), np.float32)
        np.save(shard_file(folder, number), some.astype(np.float16), allow_pickle=False)
    notes = {"format": FORMAT, "complete": True, "source": {}, "shape": list(shape), "dtype": "float16"}
    write_json(folder / INDEX, notes | {"rows": rows, "images": names, "sha256": [""] * len(starts)})
    return ShardStore(folder)
