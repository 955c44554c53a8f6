"""Where a generated split's files lie, and the removal of exactly those."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from visreason.clevr.folder import PACKED, ClevrFolder, image_filename
from visreason.clevr.questions import WINDOW
from visreason.files import remove_leftovers
from visreason.sort_of_clevr.folder import arrays_file, flat_scenes_file

MANIFEST = "world.json"
_PARTS = ".unfinished"


class WorldFiles:
    """The files of one split in a generated world's folder.

    Args:
        root: the world's folder.
        split: the split's name.
        scenes: how many scenes the split has.

    Example:
        >>> files = WorldFiles(Path("world"), "val", 300)
        >>> files.image(7).as_posix(), files.windows
        ('world/images/val/CLEVR_val_000007.png', 2)
    """

    def __init__(self, root: Path, split: str, scenes: int) -> None:
        self.folder = ClevrFolder(root)
        self.root = root
        self.split = split
        self.scenes = scenes
        self.flat_scenes_file = flat_scenes_file(root, split)
        self.arrays_file = arrays_file(root, split)
        self.images_dir = self.folder.images_dir(split)
        self.masks_dir = root / "masks" / split
        self.checksums_file = root / "checksums" / f"CLEVR_{split}.sha256"
        self.parts_dir = root / _PARTS / split

    @property
    def scenes_file(self) -> Path:
        """Its scenes."""
        return self.folder.scenes_file(self.split)

    @property
    def questions_file(self) -> Path:
        """Its questions."""
        return self.folder.questions_file(self.split)

    @property
    def referring_file(self) -> Path:
        """Its referring expressions."""
        return self.folder.referring_file(self.split)

    @property
    def captions_file(self) -> Path:
        """Its captions."""
        return self.folder.captions_file(self.split)

    @property
    def windows(self) -> int:
        """How many windows of 250 scenes there are; each is a part that is made, and kept, by itself."""
        return -(-self.scenes // WINDOW)

    def window(self, number: int) -> range:
        """The indices of the scenes of a window."""
        return range(number * WINDOW, min((number + 1) * WINDOW, self.scenes))

    def part(self, window: int, kind: str = "window") -> Path:
        """What a stage made of one window, until all windows are done; as a rule scenes and questions."""
        return self.parts_dir / f"{kind}_{window:05d}.json"

    def picture_name(self, index: int) -> str:
        """The file name of a scene's image, and of its mask."""
        return image_filename(self.split, index)

    def image(self, index: int) -> Path:
        """The image of a scene."""
        return self.images_dir / self.picture_name(index)

    def mask(self, index: int) -> Path:
        """The image of instance ids of a scene."""
        return self.masks_dir / self.picture_name(index)

    def lacking(self, *, images: bool, masks: bool) -> frozenset[int]:
        """The scenes that lack a picture of a kind that is wanted."""
        lacking: set[int] = set()
        for folder, asked in ((self.images_dir, images), (self.masks_dir, masks)):
            if asked:
                there = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
                lacking.update(i for i in range(self.scenes) if self.picture_name(i) not in there)
        return frozenset(lacking)

    def texts(self) -> Iterator[Path]:
        """Those files of the split that exist and are neither images nor parts, compressed or not."""
        paths = (
            self.scenes_file,
            self.flat_scenes_file,
            self.questions_file,
            self.referring_file,
            self.captions_file,
            self.arrays_file,
        )
        for path in paths:
            packed = path.with_name(f"{path.name}{PACKED}")
            yield from (each for each in (path, packed) if each.exists())

    def pictures(self) -> Iterator[Path]:
        """Those images and masks of the split that exist, by their numbers."""
        for pictures in (self.images_dir, self.masks_dir):
            if pictures.is_dir():
                there = {path.name for path in pictures.iterdir()}
                names = map(self.picture_name, range(self.scenes))
                yield from (pictures / name for name in names if name in there)

    def present(self) -> Iterator[Path]:
        """Those files of the split that exist."""
        yield from self.texts()
        if self.checksums_file.exists():
            yield self.checksums_file
        yield from self.pictures()
        if self.parts_dir.is_dir():
            yield from sorted(self.parts_dir.glob("[a-z]*_[0-9]*.json"))

    def remove(self) -> None:
        """Delete the split's files, and folders that are empty then; nothing else."""
        for path in list(self.present()):
            path.unlink()
        self.remove_leftovers()

    def remove_parts(self, kind: str = "window") -> None:
        """Delete what a stage made of each window, which is of no more use once it is put together."""
        for path in self.parts_dir.glob(f"{kind}_[0-9]*.json"):
            path.unlink()
        self.remove_leftovers()

    def remove_leftovers(self) -> None:
        """Delete what a killed process left half-written, and folders that are empty."""
        arrays, captions = self.arrays_file.parent, self.captions_file.parent
        checksums = self.checksums_file.parent
        for folder in (
            self.scenes_file.parent,
            self.questions_file.parent,
            arrays,
            captions,
            checksums,
            self.images_dir,
            self.masks_dir,
        ):
            for name in (
                f"CLEVR_{self.split}[._]*",
                f"CLEVR_loc_{self.split}_*",
                f"sort_of_clevr_{self.split}[._]*",
            ):
                remove_leftovers(folder, name)
        remove_leftovers(self.parts_dir)
        remove_leftovers(self.root, MANIFEST)
        pictures = (self.parts_dir, self.images_dir, self.masks_dir)
        for empty in (*pictures, *(folder.parent for folder in pictures), arrays, captions, checksums):
            with suppress(OSError):
                empty.rmdir()
