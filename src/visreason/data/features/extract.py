"""Extracting a split's features: shard by shard, so that an interrupted extraction goes on where it was.

Shape suffixes: I images of a batch, C channels, H x W pixels, h x w cells.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from visreason.data.cluster import current_cluster
from visreason.data.features.store import FORMAT, INDEX, read_notes, shard_file, verify
from visreason.data.folder_lock import folder_lock
from visreason.data.images import load_image, resize_image
from visreason.data.parallel import run_tasks
from visreason.data.world_contents import sha256
from visreason.errors import UsageError
from visreason.files import remove_leftovers, write_atomically, write_json
from visreason.nn.backbone import Backbone, BackboneChoice
from visreason.nn.backbones import load_backbone

ROWS = 256
"""Images of a shard: 100 MB of ResNet-101's c4 in 16 bits."""

Progress = Callable[[int, int], None]
Precision = Literal["float16", "float32"]


@dataclass(frozen=True, slots=True)
class Source:
    """What features are of.

    Attributes:
        images: file names, in the order of their image indices.
        directory: where they lie.
        choice: of the backbone.
    """

    images: tuple[str, ...]
    directory: Path
    choice: BackboneChoice

    def describe(self) -> dict[str, Any]:
        """What a store says of its origin; weights by their contents, not by their place."""
        choice = self.choice
        return {
            "backbone": choice.name,
            "layer": choice.layer,
            "normalisation": choice.normalisation,
            "size": list(choice.size),
            "weights": None if choice.weights is None else sha256(choice.weights),
        }


def extract(
    source: Source,
    backbone: Backbone,
    out: Path,
    *,
    dtype: Precision = "float16",
    batch: int = 16,
    device: str = "cpu",
    overwrite: bool = False,
    wait: bool = False,
    progress: Progress = lambda done, total: None,
) -> dict[str, Any]:
    """Write a store of shards, or complete one.

    Every finished shard is noted with its checksum in `features.json`, as soon as all before it are; the same call
    makes what is missing. Within `visreason.data.cluster.ray_cluster` the shards are made all over the cluster, where
    each worker loads the backbone itself.

    Args:
        source: which images, and through what.
        backbone: the network.
        out: the store's folder.
        dtype: of the numbers on disk.
        batch: images at a time.
        device: where the network runs.
        overwrite: begin anew.
        wait: for another process that writes the same store; otherwise that is an error.
        progress: called with how many images are done and how many there are.

    Returns:
        What `features.json` says.

    Raises:
        UsageError: the folder holds something else, or features of another kind.
        DataError: an image cannot be read, or a finished shard was changed.
    """
    out.mkdir(parents=True, exist_ok=True)
    with folder_lock(out, wait=wait):
        remove_leftovers(out)
        notes = _begin(source, backbone, out, dtype, overwrite=overwrite)
        done, made = len(notes["sha256"]), {}
        shards = [source.images[start : start + ROWS] for start in range(0, len(source.images), ROWS)]
        progress(min(done * ROWS, len(source.images)), len(source.images))
        here = None if current_cluster() is not None else backbone.to(device)
        work = partial(_make_shard, source, here, out, dtype, batch, device)
        tasks = (partial(work, shards[number], number) for number in range(done, len(shards)))
        for number, digest in run_tasks(tasks, jobs=1):
            made[number] = digest
            while len(notes["sha256"]) in made:
                notes["sha256"].append(made[len(notes["sha256"])])
            done = len(notes["sha256"])
            notes["complete"] = done == len(shards)
            write_json(out / INDEX, notes)
            progress(min(done * ROWS, len(source.images)), len(source.images))
    return notes


def _begin(
    source: Source, backbone: Backbone, out: Path, dtype: Precision, *, overwrite: bool
) -> dict[str, Any]:
    """The notes of a new store, or of one to go on with, whose shards are as they were left."""
    if overwrite:
        for file in [out / INDEX, *out.glob("[0-9][0-9][0-9][0-9][0-9].npy")]:
            file.unlink(missing_ok=True)
    notes = {
        "format": FORMAT,
        "complete": False,
        "source": source.describe(),
        "shape": list(backbone.shape(source.choice.size)),
        "dtype": dtype,
        "rows": ROWS,
        "images": list(source.images),
        "sha256": [],
    }
    if not (out / INDEX).exists():
        strange = [one.name for one in out.iterdir() if not one.name.startswith(".")]
        if strange:
            raise UsageError(f"{out} holds something else ({strange[0]}). Choose another folder.")
        write_json(out / INDEX, notes)
        return notes
    there = dict(read_notes(out))
    differ = [name for name in ("source", "dtype", "images", "rows") if there[name] != notes[name]]
    if differ:
        raise UsageError(
            f"{out} holds features of another kind: {', '.join(differ)} differ. Give the same arguments to go on with "
            "it, another --output, or --overwrite."
        )
    verify(out, there)
    return there


def _make_shard(
    source: Source,
    backbone: Backbone | None,
    out: Path,
    dtype: Precision,
    batch: int,
    device: str,
    names: Sequence[str],
    number: int,
) -> tuple[int, str]:
    """Write one shard; its number and checksum. Without a backbone this process loads it, once."""
    rows = _features(source, names, backbone or _loaded(source.choice, device), batch, device)
    with write_atomically(shard_file(out, number)) as file:
        np.save(file, rows.astype(dtype), allow_pickle=False)
    return number, sha256(shard_file(out, number))


@cache
def _loaded(choice: BackboneChoice, device: str) -> Backbone:
    return load_backbone(choice).to(device)


def _features(
    source: Source, names: Sequence[str], backbone: Backbone, batch: int, device: str
) -> NDArray[np.float32]:
    """The features of a shard's images."""
    parts = []
    for start in range(0, len(names), batch):
        images = [source.directory / name for name in names[start : start + batch]]
        parts.append(backbone(read_pixels(images, source.choice.size).to(device)).float().cpu().numpy())
    return np.concatenate(parts)


def read_pixels(files: Sequence[Path], size: tuple[int, int]) -> Tensor:
    """Images as a backbone reads them, `[I, 3, H, W]` in [0, 1], squashed to `size` as clevr-iep does (bicubic).

    Raises:
        DataError: an image cannot be read; names it.
    """
    pixels = np.stack([resize_image(load_image(file), size, bicubic=True) for file in files])
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255
