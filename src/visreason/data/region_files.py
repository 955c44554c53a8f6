"""Where a generated split of a region world lies.

OUT/images/SPLIT/SPLIT_000000.png
OUT/annotations/instances_SPLIT.json
OUT/checksums/instances_SPLIT.sha256
    OUT/knowledge.json, OUT/world.json      of all splits
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from visreason.data.world_files import WorldFiles
from visreason.files import remove_leftovers
from visreason.region_world.records import image_name

KNOWLEDGE = "knowledge.json"

REGIONS = "regions"
"""How the manifest names this world."""


class RegionFiles(WorldFiles):
    """The files of one split of a region world.

    Args:
        root: the world's folder.
        split: the split's name.
        scenes: how many images the split has.

    Example:
        >>> files = RegionFiles(Path("world"), "val", 300)
        >>> files.image(7).as_posix(), files.annotations_file.name
        ('world/images/val/val_000007.png', 'instances_val.json')
    """

    def __init__(self, root: Path, split: str, scenes: int) -> None:
        super().__init__(root, split, scenes)
        self.annotations_file = root / "annotations" / f"instances_{split}.json"
        self.checksums_file = root / "checksums" / f"instances_{split}.sha256"
        self.knowledge_file = root / KNOWLEDGE

    def picture_name(self, index: int) -> str:
        """The file name of an image."""
        return image_name(self.split, index)

    def texts(self) -> Iterator[Path]:
        """The annotations, where they exist; the knowledge graph belongs to all splits."""
        if self.annotations_file.exists():
            yield self.annotations_file

    def remove_leftovers(self) -> None:
        """Delete what a killed process left half-written, and folders that are empty."""
        folders = (self.annotations_file.parent, self.checksums_file.parent, self.images_dir, self.parts_dir)
        for folder in folders:
            for name in (f"instances_{self.split}.*", f"{self.split}_[0-9]*", "regions_*"):
                remove_leftovers(folder, name)
        remove_leftovers(self.root)
        for empty in (*folders, self.images_dir.parent, self.parts_dir.parent):
            with suppress(OSError):
                empty.rmdir()


def split_files(root: Path, split: str, arguments: Mapping[str, Any]) -> WorldFiles:
    """The files of a split of any generated world.

    Args:
        root: the world's folder.
        split: the split's name.
        arguments: what its manifest says that it was made of.

    Example:
        >>> split_files(Path("world"), "val", {"world": "regions", "images": 3}).image(0).name
        'val_000000.png'
        >>> split_files(Path("world"), "val", {"scenes": 3}).image(0).name
        'CLEVR_val_000000.png'
    """
    if arguments.get("world") == REGIONS:
        return RegionFiles(root, split, arguments["images"])
    return WorldFiles(root, split, arguments["scenes"])
