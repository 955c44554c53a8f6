"""Any folder of images with boxes: which layout it has, and its reader."""

from collections.abc import Sequence
from pathlib import Path

from visreason.data.regions.ade2016 import read_ade2016
from visreason.data.regions.ade2021 import read_ade2021
from visreason.data.regions.ade_images import INDEX, split_images
from visreason.data.regions.class_list import read_class_list
from visreason.data.regions.coco import read_coco
from visreason.data.regions.region_set import RegionSet
from visreason.data.regions.visual_genome import IMAGE_DATA, read_visual_genome
from visreason.errors import DataError

_CLASS_LISTS = ("objectnames.txt", "ade_split/objectnames.txt")


def read_regions(
    root: Path, split: str = "train", *, classes: Sequence[str] | None = None, minimum: int = 1
) -> RegionSet:
    """Read a split of a folder in any layout that is known.

    | found | layout |
    |---|---|
    | the folder is itself a `.json` | COCO's format, the images beside it or in `images/`, or as in the next row |
    | `annotations/instances_SPLIT.json` | COCO's format, the images in `images/SPLIT/`, `SPLIT/` or `images/` |
    | `instances.json` | COCO's format, the images in `images/` or beside it; one split alone |
    | `image_data.json` | Visual Genome, the objects in SPLIT.json |
    | `index_ade20k.mat`, or `_atr.txt` beside the images | ADE20K of 2016 |
    | `.json` beside the images | ADE20K of 2021 |

    Args:
        root: the folder.
        split: of which.
        classes: the list of classes, the background first; None: that of the data (COCO's categories; `synsets.txt`;
            `objectnames.txt` with its counts), else all that occur.
        minimum: of these only classes with so many regions in this split.

    Raises:
        DataError: the folder has none of these layouts, or its reader's errors.
    """
    if root.suffix == ".json":
        return read_coco(root, _images_of(root), classes=classes, minimum=minimum)
    instances = root / "annotations" / f"instances_{split}.json"
    if instances.is_file():
        return read_coco(instances, _images_of(instances), classes=classes, minimum=minimum)
    if (root / "annotations").is_dir():
        known = sorted(
            path.stem.removeprefix("instances_") for path in (root / "annotations").glob("instances_*.json")
        )
        raise DataError(f"{instances} does not exist. The splits of {root}: {', '.join(known) or 'none'}.")
    alone = root / "instances.json"
    if alone.is_file():
        return read_coco(alone, _images_of(alone), classes=classes, minimum=minimum)
    if (root / IMAGE_DATA).is_file():
        return read_visual_genome(root, split, classes=classes, minimum=minimum)
    return _read_ade(root, split, classes, minimum)


def _read_ade(root: Path, split: str, classes: Sequence[str] | None, minimum: int) -> RegionSet:
    """ADE20K in one of its two layouts, told apart by what lies beside its images."""
    listed = next((root / name for name in _CLASS_LISTS if (root / name).is_file()), None)
    if classes is None and listed is not None:
        classes = read_class_list(listed)
    try:
        files = split_images(root, split)
    except DataError as error:
        raise DataError(
            f"{root} has regions in no layout that is known: neither annotations/instances_{split}.json nor "
            f"instances.json (COCO), nor {IMAGE_DATA} (Visual Genome). Taken for ADE20K: {error}"
        ) from error
    if (root / INDEX).is_file() or any(_beside(file, "_atr.txt").is_file() for file in files):
        return read_ade2016(root, split, classes=classes, minimum=minimum)
    if any(_beside(file, ".json").is_file() for file in files):
        return read_ade2021(root, split, classes=classes, minimum=minimum)
    if not any(file.is_file() for file in files):
        raise DataError(
            f"none of the {len(files):,} images of the split {split!r} is in {root}, such as {files[0].name}. "
            f"Get them, or list in {split}.txt those that are there."
        )
    raise DataError(
        f"{root} has images of the split {split!r}, but no annotations that are known: neither COCO's "
        f"(annotations/instances_{split}.json), nor Visual Genome's, nor ADE20K's beside the images."
    )


def _beside(file: Path, ending: str) -> Path:
    """The file of the same name with another ending."""
    return file.with_name(file.stem + ending)


def _images_of(file: Path) -> Path:
    """The folder of a COCO file's images: the first that exists, or the file's own."""
    places = [file.parent / "images"]
    if file.parent.name == "annotations":
        root, split = file.parent.parent, file.stem.removeprefix("instances_")
        places = [root / "images" / split, root / split, root / "images", *places]
    return next((place for place in places if place.is_dir()), file.parent)
