"""ADE20K as released in 2016: `ADE_*.jpg` with `_seg.png`, `_parts_1.png`, … and `_atr.txt` beside it.

`_seg.png` holds the objects and `_parts_k.png` the parts of level k, coded in colours: the class is
floor(R / 10) · 256 + G, and the instance is the rank of B among the values of B in the picture, 0 being no instance.
A line of `_atr.txt` says `instance # level # occluded # WordNet name # raw name # "attribute, attribute"`; the raw name
is the class, as in the published split. Zhou et al. (CVPR 2017), https://groups.csail.mit.edu/vision/datasets/ADE20K/.

Shape legend: H x W pixels.
"""

from collections.abc import Sequence
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visreason.data.images import Pixels, load_image
from visreason.data.regions.ade_images import split_images
from visreason.data.regions.boxes import around
from visreason.data.regions.class_list import ade_name
from visreason.data.regions.collector import Collector, Found
from visreason.data.regions.region_set import RegionSet
from visreason.errors import DataError

Key = tuple[int, int]
"""(instance, level)."""


def read_ade2016(
    root: Path, split: str, *, classes: Sequence[str] | None = None, minimum: int = 1
) -> RegionSet:
    """Read a split of ADE20K in its layout of 2016.

    A region is an object, or a part of any level; its box is tight around its visible pixels. Of each part it is told
    which instance of the level above has most pixels under it.

    Args:
        root: the folder that was unpacked.
        split: see `visreason.data.regions.ade_images.split_images`.
        classes: the list of classes, the background first; None: all raw names that occur.
        minimum: of these only classes with so many regions in this split.

    Raises:
        DataError: the split is missing, a file is broken (names it), or no region is left.
    """
    collector = Collector(f"{root} ({split})", classes, minimum)
    for file in split_images(root, split):
        if not file.is_file():
            collector.tally.note("image missing", file.name)
            continue
        base = file.with_suffix("")
        seg, text = Path(f"{base}_seg.png"), Path(f"{base}_atr.txt")
        if not (seg.is_file() and text.is_file()):
            collector.tally.note(
                "annotations missing", f"{file.name}, {(text if seg.is_file() else seg).name}"
            )
            continue
        levels = [seg]
        for level in count(1):
            if not (path := Path(f"{base}_parts_{level}.png")).is_file():
                break
            levels.append(path)
        masks = [
            instances(load_image(path, f"{file.name}, level {level}")) for level, path in enumerate(levels)
        ]
        for level, mask in enumerate(masks):
            if mask.shape != masks[0].shape:
                raise DataError(f"{levels[level]} and {seg.name} differ in size.")
        height, width = masks[0].shape
        collector.add(file, width, height, _regions(masks, read_attributes(text), file.name, collector))
    return collector.finish()


def class_codes(image_HWC: Pixels) -> NDArray[np.int64]:
    """The class of every pixel, `[H, W]`, as the index of the release counts its `objectnames` from 1; 0 for none.

    Example:
        >>> class_codes(np.uint8([[[90, 116, 5]]])).tolist()
        [[2420]]
    """
    red, green = image_HWC[..., 0].astype(np.int64), image_HWC[..., 1].astype(np.int64)
    return red // 10 * 256 + green


def instances(image_HWC: Pixels) -> NDArray[np.int64]:
    """The instance of every pixel, `[H, W]`, from 1; 0 for none.

    Example:
        >>> instances(np.uint8([[[0, 0, 0], [90, 116, 85], [0, 9, 255], [0, 9, 170]]])).tolist()
        [[0, 1, 3, 2]]
    """
    blue = image_HWC[..., 2]
    rank = np.cumsum(np.bincount(blue.ravel(), minlength=256)[1:] > 0)
    return np.concatenate([[0], rank])[blue]


def read_attributes(path: Path) -> dict[Key, tuple[str, tuple[str, ...]]]:
    """Raw name and attributes of every instance of an `_atr.txt`.

    Raises:
        DataError: a line is not of the form above, or an instance is named twice.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "ADE_train_00000001_atr.txt"
        >>> _ = path.write_text('001 # 0 # 0 # car, auto # car # "parked, red"\\n')
        >>> read_attributes(path)
        {(1, 0): ('car', ('parked', 'red'))}
    """
    named: dict[Key, tuple[str, tuple[str, ...]]] = {}
    for row, line in enumerate(path.read_bytes().decode("utf-8", "replace").splitlines(), start=1):
        if not line.strip():
            continue
        fields = [field.strip() for field in line.split("#")]
        if len(fields) != 6 or not (fields[0].isdecimal() and fields[1].isdecimal()):
            raise DataError(
                f'{path}, line {row}: expected `001 # 0 # 0 # WordNet name # raw name # "attributes"`; '
                f"got {line.strip()[:80]!r}."
            )
        key = int(fields[0]), int(fields[1])
        if key in named:
            raise DataError(f"{path}, line {row}: instance {key[0]} of level {key[1]} is named twice.")
        words = (word.strip() for word in fields[5].strip('"').split(","))
        named[key] = ade_name(fields[4]), tuple(word for word in words if word)
    return named


def _regions(
    masks: list[NDArray[np.int64]],
    named: dict[Key, tuple[str, tuple[str, ...]]],
    where: str,
    collector: Collector,
) -> list[Found]:
    """Every instance that has both pixels and a name: the objects, then the parts level by level."""
    found = []
    for level, mask in enumerate(masks):
        for instance in range(1, int(mask.max()) + 1):
            key = instance, level
            if key not in named:
                collector.tally.note("no name", f"{where}, instance {instance} of level {level}")
                continue
            pixels = mask == instance
            box = around(pixels)
            whole = _majority(masks[level - 1][pixels]) if level else 0
            name, attributes = named[key]
            if box is not None:  # every rank has a pixel
                above = _id(whole, level - 1) if whole else None
                found.append(Found(box, name, _id(instance, level), attributes, above))
    for instance, level in named:
        if level >= len(masks) or instance > masks[level].max():
            collector.tally.note("no pixels", f"{where}, instance {instance} of level {level}")
    return found


def _id(instance: int, level: int) -> str:
    """An instance's name, as in iter-reason: `001_0`."""
    return f"{instance:03d}_{level}"


def _majority(under: NDArray[np.int64]) -> int:
    """The instance that most pixels belong to; 0 where there is none."""
    counts = np.bincount(under)[1:]
    return int(counts.argmax()) + 1 if counts.any() else 0
