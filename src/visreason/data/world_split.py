"""What a generated split is to hold: the arguments of `visreason generate`, checked."""

import hashlib
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from visreason.errors import UsageError

_SIDES = range(8, 4097)
"""Sides of images, in pixels: smaller shows nothing, larger does not fit the memory of a laptop."""


@dataclass(frozen=True, slots=True)
class WorldSplit:
    """One split of a generated world; the same settings give the same bytes on any day and with any `jobs`.

    Attributes:
        split: its name, such as `"val"`; scenes of different splits differ, whatever the seed.
        scenes: how many scenes.
        questions_per_scene: questions asked about each, if so many well-posed ones are found; 0 asks none.
        image_size: width and height of images and masks.
        images: whether the scenes are rendered.
        masks: whether images of instance ids are drawn too: 0 is the floor, i + 1 the scene's object i.
        templates: a folder of question templates in CLEVR's format; None asks our own 90 families.
        seed: of scenes and questions.
        min_objects, max_objects: the number of objects in a scene is uniform between these, both included.
        families: the global numbers of the only question families asked, such as `"0-8,39"`; None asks all.

    Raises:
        UsageError: a setting is out of range; names it.

    Example:
        >>> WorldSplit("val", 100, image_size=(4, 4))
        Traceback (most recent call last):
        ...
        visreason.errors.UsageError: an image of 4x4 pixels: both sides must be 8 to 4096; CLEVR has 480x320.
    """

    split: str
    scenes: int
    questions_per_scene: int = 10
    image_size: tuple[int, int] = (480, 320)
    images: bool = True
    masks: bool = False
    templates: Path | None = None
    seed: int = 0
    min_objects: int = 3
    max_objects: int = 10
    families: str | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\w[\w-]*", self.split, re.ASCII) or self.split.startswith("loc_"):
            raise UsageError(
                f"a split is named with letters, digits, - and _ (and not loc_…, which is kept for referring "
                f"expressions); got {self.split!r}."
            )
        for name, least in (("scenes", 1), ("questions_per_scene", 0), ("seed", 0)):
            if getattr(self, name) < least:
                words = name.replace("_", " ")
                raise UsageError(f"{words} must be at least {least}; got {getattr(self, name)}.")
        width, height = self.image_size
        if width not in _SIDES or height not in _SIDES:
            raise UsageError(
                f"an image of {width}x{height} pixels: both sides must be {_SIDES[0]} to {_SIDES[-1]}; "
                "CLEVR has 480x320."
            )
        if not 1 <= self.min_objects <= self.max_objects <= 255:
            raise UsageError(
                f"cannot make scenes of {self.min_objects} to {self.max_objects} objects; CLEVR has 3 to 10."
            )
        self.family_numbers()

    def family_numbers(self) -> frozenset[int] | None:
        """The numbers that `families` stands for.

        Raises:
            UsageError: it is no list of numbers and ranges.

        Example:
            >>> sorted(WorldSplit("val", 1, families="0-2,39").family_numbers())
            [0, 1, 2, 39]
        """
        if self.families is None:
            return None
        numbers: set[int] = set()
        for part in self.families.split(","):
            found = re.fullmatch(r"\s*(\d{1,6})(?:-(\d{1,6}))?\s*", part)
            if found is None or int(found[2] or found[1]) < int(found[1]):
                raise UsageError(f"families are numbers and ranges, such as 0-8,39; got {self.families!r}.")
            numbers.update(range(int(found[1]), int(found[2] or found[1]) + 1))
        return frozenset(numbers)

    def arguments(self) -> dict[str, Any]:
        """All that decides the split's bytes; templates by their contents, not by their place."""
        arguments = asdict(self)
        del arguments["split"]
        arguments["image_size"] = list(self.image_size) if self.images or self.masks else None
        if self.templates is not None:
            arguments["templates"] = folder_fingerprint(self.templates, "*.json")
        return arguments


def folder_fingerprint(folder: Path, *patterns: str) -> str:
    """A checksum of the names and contents of those files under a folder that match one of the patterns."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in folder.rglob(pattern)}):
        contents = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(contents)}\0".encode() + contents)
    return digest.hexdigest()[:16]
