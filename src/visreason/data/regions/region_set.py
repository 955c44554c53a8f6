"""What every reader of region annotations gives: classes, images with their boxes, and an account of the oddities.

Shape legend: R regions of an image, K classes with the background.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from visreason.data.regions.report import RegionReport
from visreason.errors import DataError

BACKGROUND = "__background__"
"""Class 0, which no region has."""


@dataclass(frozen=True, slots=True, eq=False)
class RegionImage:
    """One image and its regions.

    Attributes:
        file: the image file.
        width, height: its size in pixels.
        boxes: float32 `[R, 4]`, (x1, y1, x2, y2): the first and the last column and row of pixels, both inside the box,
            so that a box of one pixel has x1 = x2.
        labels: int64 `[R]`, the class of each, from 1.
        ids: what the annotation calls each.
        attributes: the words that the annotation gives each.
        wholes: int64 `[R]`, which region of this image each is a part of; -1 where it is no part of any.
    """

    file: Path
    width: int
    height: int
    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]
    ids: tuple[str, ...]
    attributes: tuple[tuple[str, ...], ...]
    wholes: NDArray[np.int64]

    def __len__(self) -> int:
        """The number of regions."""
        return len(self.labels)

    def select(self, kept: NDArray[Any]) -> "RegionImage":
        """The image with some of its regions.

        Args:
            kept: bool `[R]`. A part whose whole is left out is a part of nothing.
        """
        rows = np.flatnonzero(kept)
        place = np.full(len(self) + 1, -1, np.int64)
        place[rows] = np.arange(len(rows))
        return replace(
            self,
            boxes=self.boxes[rows],
            labels=self.labels[rows],
            ids=tuple(self.ids[row] for row in rows),
            attributes=tuple(self.attributes[row] for row in rows),
            wholes=place[self.wholes[rows]],
        )


@dataclass(frozen=True, slots=True, eq=False)
class RegionSet:
    """Images with boxes, and the classes of these.

    Attributes:
        classes: the classes' names; number 0 is the background, which no region has.
        images: in the order of the annotations; also those without a region.
        report: what was read, what was left out and why.
    """

    classes: tuple[str, ...]
    images: tuple[RegionImage, ...]
    report: RegionReport

    def counts(self) -> NDArray[np.int64]:
        """How many regions each class has, `[K]`; 0 for the background."""
        labels = [image.labels for image in self.images]
        return np.bincount(np.concatenate([np.zeros(0, np.int64), *labels]), minlength=len(self.classes))


def class_numbers(classes: Sequence[str]) -> dict[str, int]:
    """From the name of a class to its number.

    Raises:
        DataError: two classes have one name, or the first is not the background.

    Example:
        >>> class_numbers([BACKGROUND, "cup", "plate"])
        {'cup': 1, 'plate': 2}
    """
    if not classes or classes[0] != BACKGROUND:
        raise DataError(f"a list of classes begins with {BACKGROUND!r}; got {list(classes[:3])}.")
    numbers = {name: number for number, name in enumerate(classes) if number}
    if len(numbers) != len(classes) - 1:
        twice = next(name for place, name in enumerate(classes) if name in classes[:place])
        raise DataError(f"the list of classes has {twice!r} twice; each name stands for one class.")
    return numbers
