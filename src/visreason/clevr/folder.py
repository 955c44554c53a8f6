"""The layout of a CLEVR v1.0 data folder: where scenes, questions and images of a split lie."""

import os
from pathlib import Path

from visreason.errors import DataError

_REFERRING = "loc_"

PACKED = ".gz"
"""What the name of a compressed file ends in."""


def image_filename(split: str, index: int) -> str:
    """The name of an image.

    Example:
        >>> image_filename("val", 19)
        'CLEVR_val_000019.png'
    """
    return f"CLEVR_{split}_{index:06d}.png"


def stored(path: Path) -> Path:
    """Where a JSON file is: at its path, or compressed beside it; its path where it is neither.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "CLEVR_val_scenes.json"
        >>> path.with_name(f"{path.name}.gz").touch()
        >>> stored(path).name
        'CLEVR_val_scenes.json.gz'
    """
    packed = path.with_name(f"{path.name}{PACKED}")
    return packed if not path.exists() and packed.exists() else path


class ClevrFolder:
    """A data folder, real or generated. Scenes, questions and captions may be compressed (`.json.gz`).

    Example:
        >>> folder = ClevrFolder("CLEVR_v1.0")
        >>> folder.questions_file("val").as_posix()
        'CLEVR_v1.0/questions/CLEVR_val_questions.json'
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root)

    def __repr__(self) -> str:
        return f"ClevrFolder({str(self.root)!r})"

    def scenes_file(self, split: str) -> Path:
        """`scenes/CLEVR_SPLIT_scenes.json`; the released test split has none."""
        return stored(self.root / "scenes" / f"CLEVR_{split}_scenes.json")

    def questions_file(self, split: str) -> Path:
        """`questions/CLEVR_SPLIT_questions.json`."""
        return stored(self.root / "questions" / f"CLEVR_{split}_questions.json")

    def referring_file(self, split: str) -> Path:
        """`questions/CLEVR_loc_SPLIT_questions.json`: expressions that refer to objects, as CLEVR-Ref has them."""
        return self.questions_file(f"{_REFERRING}{split}")

    def captions_file(self, split: str) -> Path:
        """`captions/CLEVR_SPLIT_captions.json`, of generated worlds."""
        return stored(self.root / "captions" / f"CLEVR_{split}_captions.json")

    def images_dir(self, split: str) -> Path:
        """`images/SPLIT`."""
        return self.root / "images" / split

    def image_path(self, split: str, filename: str) -> Path:
        """The file of an image.

        CLEVR-Ref has images of its own, `images/loc_SPLIT/CLEVR_loc_SPLIT_000000.png`.

        Raises:
            DataError: the name would lead out of the images' folder.
        """
        if Path(filename).name != filename or filename in ("", ".", ".."):
            raise DataError(f"{filename!r} is no plain file name of an image in {self.images_dir(split)}.")
        if filename.startswith(f"CLEVR_{_REFERRING}") and not split.startswith(_REFERRING):
            split = f"{_REFERRING}{split}"
        return self.images_dir(split) / filename

    def splits(self) -> tuple[str, ...]:
        """The splits that have scenes, questions or referring expressions, sorted.

        Raises:
            DataError: the folder does not exist.
        """
        if not self.root.is_dir():
            raise DataError(f"{self.root} is no folder. Give a data folder in CLEVR v1.0 layout.")
        found = set()
        for kind in ("scenes", "questions"):
            suffix = f"_{kind}.json"
            for file in (self.root / kind).glob(f"CLEVR_*{suffix}*"):
                name = file.name.removesuffix(PACKED)
                if name.endswith(suffix):
                    found.add(name.removeprefix("CLEVR_").removesuffix(suffix).removeprefix(_REFERRING))
        return tuple(sorted(found))
