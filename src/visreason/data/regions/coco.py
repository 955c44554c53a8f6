"""COCO's annotation files: read, and written from any `RegionSet`.

`{"images": [{id, file_name, width, height}], "categories": [{id, name}], "annotations": [{id, image_id, category_id,
bbox: [x, y, width, height], iscrowd, attributes}]}` of Lin et al. (ECCV 2014), https://cocodataset.org/#format-data.
`iscrowd` and `attributes` may be left out; whatever else a file holds is not read.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from visreason.clevr.json_fields import optional, record_of, typed
from visreason.data.regions.boxes import from_sides
from visreason.data.regions.collector import Collector, Found
from visreason.data.regions.region_set import BACKGROUND, RegionSet
from visreason.errors import DataError
from visreason.files import read_json, write_json


def read_coco(
    annotations: Path, images: Path, *, classes: Sequence[str] | None = None, minimum: int = 1
) -> RegionSet:
    """Read a file in COCO's format.

    A box [x, y, w, h] covers the pixels x .. x + w - 1, y .. y + h - 1, at least one each way. Crowds are kept, and
    counted.

    Args:
        annotations: the JSON file.
        images: the folder that `file_name` is relative to.
        classes: the list of classes, the background first; None: the file's categories in their order.
        minimum: of these only classes with so many regions in the file.

    Raises:
        DataError: the file is missing or not of this form (names the record), or no region is left.
    """
    document = read_json(annotations)
    if not isinstance(document, dict):
        raise DataError(f"{annotations} is no COCO file: it should hold images, categories and annotations.")
    records = {
        key: typed(document, key, list, str(annotations)) for key in ("images", "categories", "annotations")
    }
    names = _categories(records["categories"], annotations)
    listed = (BACKGROUND, *names.values()) if classes is None else classes
    collector = Collector(str(annotations), listed, minimum)
    found = _found(records, names, annotations, collector)
    for row, image in enumerate(records["images"]):
        where = f"{annotations}: images[{row}]"
        name = typed(record_of(image, where), "file_name", str, where)
        size = [typed(image, key, int, where) for key in ("width", "height")]
        if min(size) < 1:
            raise DataError(f"{where} ({name}) is said to have {size[0]} × {size[1]} pixels.")
        collector.add(images / name, size[0], size[1], found[image["id"]])
    return collector.finish()


def _categories(records: list[Any], path: Path) -> dict[Any, str]:
    """The name of each category by its id."""
    names: dict[Any, str] = {}
    for row, record in enumerate(records):
        where = f"{path}: categories[{row}]"
        number = typed(record_of(record, where), "id", int, where)
        if number in names:
            raise DataError(f"{where} has the id {number}, which {names[number]!r} has too.")
        names[number] = typed(record, "name", str, where)
    return names


def _found(
    records: dict[str, list[Any]], names: dict[Any, str], path: Path, collector: Collector
) -> dict[Any, list[Found]]:
    """The regions of each image by the image's id."""
    found: dict[Any, list[Found]] = {}
    for row, image in enumerate(records["images"]):
        where = f"{path}: images[{row}]"
        own = record_of(image, where).get("id")
        if not isinstance(own, int | str) or own in found:
            raise DataError(f"{where} has no id of its own: {own!r:.60}.")
        found[own] = []
    for row, record in enumerate(records["annotations"]):
        where = f"{path}: annotations[{row}]"
        one = _region(record_of(record, where), names, where, row)
        image = record.get("image_id")
        if not isinstance(image, int | str) or image not in found:
            collector.tally.note("unknown image", f"region {one.id} of image {image!s:.60}")
            continue
        found[image].append(one)
        if record.get("iscrowd"):
            collector.tally.note("crowd", f"region {one.id}, {one.name}")
    return found


def _region(record: dict[str, Any], names: dict[Any, str], where: str, row: int) -> Found:
    """One annotation.

    Raises:
        DataError: it has no box of four numbers, or a category that the file does not list.
    """
    box = record.get("bbox")
    if not (isinstance(box, list) and len(box) == 4 and all(type(side) in (int, float) for side in box)):
        raise DataError(f"{where}: 'bbox' should be [x, y, width, height]; got {box!r:.60}.")
    category = typed(record, "category_id", int, where)
    if category not in names:
        raise DataError(f"{where} has the category {category}, which the file's categories do not list.")
    attributes = record.get("attributes")
    words = tuple(map(str, attributes)) if isinstance(attributes, list) else ()
    whole = optional(record, "part_of", int, where)
    return Found(
        from_sides(*box),
        names[category],
        str(record.get("id", f"row {row}")),
        words,
        None if whole is None else str(whole),
    )


def write_coco(path: Path, regions: RegionSet, images: Path) -> None:
    """Write a set in COCO's format: whatever it was read from is read much faster from there.

    The key `part_of` of an annotation holds the id of the region that it is a part of. Regions that were left out, and
    what was counted of them, are not written.

    Args:
        path: the JSON file.
        regions: the set.
        images: the folder that file names are to be relative to.

    Raises:
        DataError: an image does not lie in the folder, or the file cannot be written.
    """
    annotations: list[dict[str, Any]] = []
    listed = []
    for number, image in enumerate(regions.images):
        if not image.file.is_relative_to(images):
            raise DataError(f"{image.file} does not lie in {images}, which file names are to be relative to.")
        name = image.file.relative_to(images).as_posix()
        listed.append({"id": number, "file_name": name, "width": image.width, "height": image.height})
        first = len(annotations) + 1
        for row, (x1, y1, x2, y2) in enumerate(image.boxes.tolist()):
            box = [x1, y1, x2 - x1 + 1, y2 - y1 + 1]
            label, words = int(image.labels[row]), image.attributes[row]
            annotation = {"id": first + row, "image_id": number, "category_id": label, "bbox": box}
            annotation |= {"area": box[2] * box[3], "iscrowd": 0}
            annotation |= {"attributes": list(words)} if words else {}
            annotation |= {"part_of": first + int(image.wholes[row])} if image.wholes[row] >= 0 else {}
            annotations.append(annotation)
    categories = [{"id": number, "name": name} for number, name in enumerate(regions.classes) if number]
    write_json(path, {"images": listed, "categories": categories, "annotations": annotations})
