"""ADE20K as released in 2021: beside each image a JSON file, and a folder with a mask for each instance.

`annotation.object[]` has for each instance `id`, `raw_name`, `attributes`, `parts.ispartof`, `polygon` and
`instance_mask`, a grey picture in which 255 is what is seen of it and 128 what others hide. The numbers of `_seg.png`
are in another order than the ids, so the masks are read. https://github.com/CSAILVision/ADE20K.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from visreason.clevr.json_fields import record_of, typed
from visreason.data.images import load_mask
from visreason.data.regions.ade_images import split_images
from visreason.data.regions.boxes import around
from visreason.data.regions.class_list import ade_name
from visreason.data.regions.collector import Collector, Found
from visreason.data.regions.region_set import RegionSet
from visreason.errors import DataError

_SEEN = 255
"""The value of an instance's visible pixels."""


def read_ade2021(
    root: Path, split: str, *, classes: Sequence[str] | None = None, minimum: int = 1
) -> RegionSet:
    """Read a split of ADE20K in its layout of 2021.

    A region is an object, or a part of any level; its box is tight around its visible pixels, or around its outline
    where its mask is missing. Its class is its raw name.

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
        path = file.with_suffix(".json")
        if not file.is_file():
            collector.tally.note("image missing", file.name)
        elif not path.is_file():
            collector.tally.note("annotations missing", f"{file.name}, {path.name}")
        else:
            height, width, records = _annotation(path)
            found = [_region(one, path, row, (height, width), collector) for row, one in enumerate(records)]
            collector.add(file, width, height, [one for one in found if one is not None])
    return collector.finish()


def _annotation(path: Path) -> tuple[int, int, list[Any]]:
    """Height, width and instances of a JSON file; some of the release are not in UTF-8."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    try:
        document = json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        raise DataError(f"{path} is not valid JSON: {error}. Copy or download it again.") from error
    annotation = typed(record_of(document, str(path)), "annotation", dict, str(path))
    size = typed(annotation, "imsize", list, str(path))
    if len(size) < 2 or not all(type(side) is int and side > 0 for side in size[:2]):
        raise DataError(f"{path}: 'imsize' should be [height, width, 3]; got {size!r:.60}.")
    objects = annotation.get("object")
    if isinstance(objects, dict):  # one instance alone is not put into a list
        objects = [objects]
    return size[0], size[1], typed(annotation | {"object": objects}, "object", list, str(path))


def _region(record: Any, path: Path, row: int, size: tuple[int, int], collector: Collector) -> Found | None:
    """One instance; None where nothing is seen of it."""
    where = f"{path}: object[{row}]"
    number = typed(record_of(record, where), "id", int, where)
    name = ade_name(typed(record, "raw_name", str, where))
    mask = path.parent / str(record.get("instance_mask") or "")
    place = f"{path.stem}, instance {number} ({name})"
    if mask.is_file():
        pixels = load_mask(mask, where)
        if pixels.shape != size:
            raise DataError(
                f"{where}: {mask.name} has {pixels.shape[1]} × {pixels.shape[0]} pixels, 'imsize' says "
                f"{size[1]} × {size[0]}."
            )
        box = around(pixels == _SEEN)
    else:
        collector.tally.note("mask missing", place)
        box = _outline(record, where)
    if box is None:
        collector.tally.note("no pixels", place)
        return None
    whole = record.get("parts", {}).get("ispartof") if isinstance(record.get("parts"), dict) else None
    attributes = record.get("attributes")
    words = attributes.split(",") if isinstance(attributes, str) else attributes or []
    if not isinstance(words, list):
        raise DataError(f"{where}: 'attributes' should be a list or words with commas; got {words!r:.60}.")
    return Found(
        box,
        name,
        str(number),
        tuple(str(word).strip() for word in words if str(word).strip()),
        str(whole) if type(whole) is int else None,
    )


def _outline(record: dict[str, Any], where: str) -> tuple[int, int, int, int] | None:
    """The tight box of an instance's polygon."""
    polygon = typed(record, "polygon", dict, where)
    columns, rows = (np.asarray(polygon.get(key, []), np.float64).ravel() for key in ("x", "y"))
    if not columns.size or not rows.size:
        return None
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())
