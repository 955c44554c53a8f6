"""Visual Genome's objects: `[{image_id, objects: [{object_id, x, y, w, h, synsets}]}]` beside `image_data.json`.

Read are the release's `objects.json` and files of the same form for each split (`train.json`), as iter-reason has them.
Krishna et al. (IJCV 2017), https://homes.cs.washington.edu/~ranjay/visualgenome/api.html.
"""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from visreason.clevr.json_fields import record_of, typed
from visreason.data.regions.boxes import from_sides
from visreason.data.regions.class_list import read_class_list
from visreason.data.regions.collector import Collector, Found
from visreason.data.regions.region_set import RegionSet
from visreason.errors import DataError
from visreason.files import read_json

IMAGE_DATA = "image_data.json"
_SYNSETS = "synsets.txt"


def read_visual_genome(
    root: Path, split: str = "objects", *, classes: Sequence[str] | None = None, minimum: int = 1
) -> RegionSet:
    """Read the objects of a split: a region for each object and each of its synsets, which are the classes.

    Args:
        root: the folder with `image_data.json` and the images in `VG_100K/` and `VG_100K_2/` (or in `VG/`, `images/`).
        split: the objects are in SPLIT.json.
        classes: the list of classes, the background first; None: that of `synsets.txt` (`name:count`, 5 times or more)
            where there is one, else all synsets that occur.
        minimum: of these only classes with so many regions in this split.

    Raises:
        DataError: a file is missing or not of this form (names the record), or no region is left.
    """
    path = root / f"{split}.json"
    sizes = image_data(root / IMAGE_DATA)
    records = read_json(path)
    if not isinstance(records, list):
        raise DataError(f"{path} should hold a list of images with their objects.")
    if classes is None and (root / _SYNSETS).is_file():
        classes = read_class_list(root / _SYNSETS)
    collector = Collector(str(path), classes, minimum)
    for row, record in enumerate(records):
        where = f"{path}: [{row}]"
        number = typed(record_of(record, where), "image_id", int, where)
        if number not in sizes:
            collector.tally.note("unknown image", f"image {number}")
            continue
        name, width, height = sizes[number]
        objects = typed(record, "objects", list, where)
        found = [
            region
            for place, one in enumerate(objects)
            for region in _regions(one, f"{where}, objects[{place}]", name.name, collector)
        ]
        collector.add(_image_file(root, name), width, height, found)
    return collector.finish()


def image_data(path: Path) -> dict[int, tuple[PurePosixPath, int, int]]:
    """Folder and name, width and height of each image by its number, as `image_data.json` tells them.

    Raises:
        DataError: the file is missing or not of this form; names the record.
    """
    images: dict[int, tuple[PurePosixPath, int, int]] = {}
    records = read_json(path)
    if not isinstance(records, list):
        raise DataError(f"{path} should hold a list of images.")
    for row, record in enumerate(records):
        where = f"{path}: [{row}]"
        key = "image_id" if "image_id" in record_of(record, where) else "id"
        number, width, height = (typed(record, name, int, where) for name in (key, "width", "height"))
        url = PurePosixPath(record.get("url") or f"{number}.jpg")
        images[number] = PurePosixPath(*url.parts[-2:]), width, height
    return images


def _image_file(root: Path, name: PurePosixPath) -> Path:
    """Where an image lies, or should."""
    places = (root / name, root / "VG" / name, root / "images" / name, root / "images" / name.name)
    return next((place for place in places if place.is_file()), places[0])


def _regions(record: Any, where: str, image: str, collector: Collector) -> list[Found]:
    """An object's regions: one a synset."""
    sides = [record_of(record, where).get(key) for key in "xywh"]
    x, y, width, height = (side if type(side) in (int, float) else None for side in sides)
    if x is None or y is None or width is None or height is None:
        raise DataError(f"{where}: x, y, w, h should be numbers; got {sides!r:.60}.")
    number = typed(record, "object_id", int, where) if "object_id" in record else where
    synsets = typed(record, "synsets", list, where)
    if not synsets:
        collector.tally.note("no class", f"{image}, object {number}")
    box = from_sides(x, y, width, height)
    return [Found(box, str(name), f"{number} {name}") for name in dict.fromkeys(synsets)]
