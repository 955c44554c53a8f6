"""The region world in COCO's format, and its knowledge graph as JSON.

    {"info": {...}, "images": [{"id": 0, "file_name": "val_000000.png", "width": 128, "height": 128}, ...],
     "categories": [{"id": 1, "name": "oak", "supercategory": "tree"}, ...],
     "annotations": [{"id": 1, "image_id": 0, "category_id": 17, "bbox": [x, y, width, height], "area": 61,
                      "iscrowd": 0, "segmentation": {"size": [128, 128], "counts": [5120, 3, ...]},
                      "attributes": ["graph", "blurred", "common"]}, ...]}

Boxes and masks are those of the visible pixels; `attributes` are what it takes to name the region
(`visreason.region_world.scene.NEEDS`), its view, and for a tree or a part of one whether the tree is common or rare.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from visreason.region_world.classes import CLASSES, NUMBERS, class_edges
from visreason.region_world.drawing import Drawn
from visreason.region_world.scene import RegionScene


def image_name(split: str, index: int) -> str:
    """The file name of an image.

    Example:
        >>> image_name("val", 7)
        'val_000007.png'
    """
    return f"{split}_{index:06d}.png"


def image_record(scene: RegionScene, side: int) -> dict[str, Any]:
    """An image's record."""
    return {
        "id": scene.index,
        "file_name": image_name(scene.split, scene.index),
        "width": side,
        "height": side,
    }


def annotation_records(scene: RegionScene, drawn: Drawn) -> list[dict[str, Any]]:
    """The annotations of an image, without their ids, which count over all images."""
    records = []
    for place, region in enumerate(scene.regions):
        one, mask_HW = region.of, drawn.masks[place]
        words: list[str] = [region.needs, region.view]
        if one.tree is not None:
            words.append("rare" if one.rare else "common")
        records.append(
            {
                "image_id": scene.index,
                "category_id": NUMBERS[region.name] + 1,
                "bbox": list(drawn.box(place)),
                "area": int(mask_HW.sum()),
                "iscrowd": 0,
                "segmentation": {"size": list(mask_HW.shape), "counts": run_lengths(mask_HW)},
                "attributes": words,
            }
        )
    return records


def run_lengths(mask_HW: NDArray[np.bool_]) -> list[int]:
    """COCO's run lengths of a mask: column by column, pixels outside and inside by turns, outside first.

    Example:
        >>> run_lengths(np.array([[False, True], [True, True]]))
        [1, 3]
        >>> run_lengths(np.array([[True, False]]))
        [0, 1, 1]
    """
    flat = mask_HW.ravel(order="F")
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    lengths: list[int] = np.diff(np.concatenate(([0], changes, [flat.size]))).tolist()
    return [0, *lengths] if flat[0] else lengths


def categories() -> list[dict[str, Any]]:
    """The classes as COCO's categories, numbered from 1."""
    return [
        {"id": number, "name": one.name, "supercategory": one.kind}
        for number, one in enumerate(CLASSES, start=1)
    ]


def knowledge() -> dict[str, Any]:
    """The knowledge graph: the classes, the background first, and the edges of every relation."""
    edges = {relation: [list(pair) for pair in pairs] for relation, pairs in class_edges().items()}
    return {"classes": ["__background__", *(one.name for one in CLASSES)], "edges": edges}
