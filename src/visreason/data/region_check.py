"""Is a generated region world what its annotations say? The part of `visreason doctor` that knows this world."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from visreason.data.check import Check, Problems
from visreason.data.region_files import RegionFiles
from visreason.errors import DataError
from visreason.files import read_json
from visreason.region_world.records import categories, knowledge


def check_regions(files: RegionFiles, contents: Mapping[str, Any]) -> Iterator[Check]:
    """Look at the annotations, the images and the knowledge graph of a finished split.

    Args:
        files: the split.
        contents: what its manifest says that it contains.
    """
    problems, counts = Problems(), {"images": 0, "regions": 0}
    sizes: dict[str, tuple[int, int]] = {}
    try:
        document = read_json(files.annotations_file)
        sizes = _check_annotations(document, problems)
        counts = {"images": len(document["images"]), "regions": len(document["annotations"])}
    except DataError as error:
        problems.add(str(error))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        problems.add(
            f"{files.annotations_file.name} is not in COCO's format ({type(error).__name__}: {error})"
        )
    for kind, count in counts.items():
        if count != contents.get(kind):
            problems.add(f"{count:,} {kind}, {contents.get(kind)} were made")
    said = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    yield problems.check(f"{files.split} annotations", said)
    yield _check_images(files, sizes)
    yield _check_knowledge(files.knowledge_file)


def _check_annotations(document: Any, problems: Problems) -> dict[str, tuple[int, int]]:
    """Hold every box against its image; return the sizes of the images by their names."""
    images = {record["id"]: (record["width"], record["height"]) for record in document["images"]}
    if document["categories"] != categories():
        problems.add("the categories are not those of this world")
    known = {record["id"] for record in document["categories"]}
    for record in document["annotations"]:
        (x, y, width, height), size = record["bbox"], images.get(record["image_id"])
        if size is None:
            problems.add(f"region {record['id']} is on image {record['image_id']}, which is not listed")
        elif min(x, y) < 0 or min(width, height) < 1 or x + width > size[0] or y + height > size[1]:
            problems.add(
                f"region {record['id']} has the box {record['bbox']} on an image of {size[0]}x{size[1]}"
            )
        if record["category_id"] not in known:
            problems.add(
                f"region {record['id']} has the category {record['category_id']}, which is not listed"
            )
    return {record["file_name"]: images[record["id"]] for record in document["images"]}


def _check_images(files: RegionFiles, sizes: Mapping[str, tuple[int, int]]) -> Check:
    """Open every image."""
    problems = Problems()
    for name, size in sizes.items():
        try:
            with Image.open(files.images_dir / name) as image:
                image.verify()
                if image.size != size:
                    problems.add(f"{name} is {image.size[0]}x{image.size[1]}, said to be {size[0]}x{size[1]}")
        except FileNotFoundError:
            problems.add(f"{name} is missing")
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            problems.add(f"{name} is broken ({error})")
    return problems.check(f"{files.split} images", f"{len(sizes):,}")


def _check_knowledge(path: Path) -> Check:
    """Compare the knowledge graph with the one that belongs to these classes."""
    problems, known = Problems(), knowledge()
    try:
        if read_json(path) != known:
            problems.add(
                f"{path.name} is not the graph of this world; the command that made the world writes it anew"
            )
    except DataError as error:
        problems.add(str(error))
    edges = sum(map(len, known["edges"].values()))
    return problems.check("knowledge", f"{edges:,} edges of {len(known['edges'])} relations")
