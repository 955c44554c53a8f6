"""What a frozen image network of ours sees in a split's images, computed once and kept in the cache folder.

A network that is trained on what it keeps stays one of pixels: only while it learns its image network's work is done
already.

Shape suffixes: C channels, h x w cells.
"""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

import orjson
from rich.console import Console

from visreason.clevr.folder import ClevrFolder
from visreason.data.cache import cache_folder
from visreason.data.features.extract import Source, extract
from visreason.data.features.folder import split_images
from visreason.data.features.store import FeatureStore, open_features, widened
from visreason.data.inputs import ImageView, Seen, Subjects
from visreason.data.progress import shown_progress
from visreason.nn.backbone import Backbone, BackboneChoice
from visreason.nn.convolution import PixelCnn


@dataclass(slots=True)
class CellView:
    """The cells of a frozen image network, in 16 bits; whoever asks for images first computes them.

    Attributes:
        network: the image network; nothing of it may change any more.
        size: height and width of the images that it sees.
        device: where they are computed.
    """

    network: PixelCnn
    size: tuple[int, int]
    device: str
    _store: FeatureStore = field(init=False, repr=False)

    def check(self, folder: ClevrFolder, split: str, subjects: Subjects) -> None:
        """Look for every image's file, and compute the cells of the whole split that are not kept yet."""
        ImageView(self.size).check(folder, split, subjects)
        directory = folder.images_dir(split)
        there = {entry.name for entry in os.scandir(directory)}
        names = tuple(name for name in split_images(folder, split) if name in there)
        weights = _digest(self.network)
        choice = BackboneChoice(name=f"image network {weights}", normalisation="none", size=self.size)
        key = orjson.dumps([weights, self.size, str(directory.resolve()), _states(directory, names)])
        place = cache_folder() / "cells" / hashlib.sha256(key).hexdigest()[:24]
        with shown_progress(Console(stderr=True)) as progress:
            extract(
                Source(names, directory, choice),
                Backbone(self.network, choice.normalisation),
                place,
                device=self.device,
                wait=True,
                progress=lambda done, total: progress(f"cells of {split}", done, total),
            )
        self._store = open_features(place)

    def see(self, row: int, image: str, seed: tuple[int, ...] | None) -> Seen:
        """Read the image's cells."""
        return Seen(features=widened(self._store.read(image, 0)))


def _digest(network: PixelCnn) -> str:
    """A checksum of a network's weights and strides."""
    found = hashlib.sha256(repr(network.strides).encode())
    for name, tensor in sorted(network.state_dict().items()):
        found.update(name.encode() + tensor.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()[:16]


def _states(directory: Path, names: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """Name, size and time of change of each image: whether it still is what it was."""
    wanted = set(names)
    with os.scandir(directory) as entries:
        facts = [(one.name, one.stat()) for one in entries if one.name in wanted]
    return sorted((name, fact.st_size, fact.st_mtime_ns) for name, fact in facts)
