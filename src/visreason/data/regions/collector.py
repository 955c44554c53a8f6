"""From what a reader finds to a `RegionSet`: boxes are cut, classes are numbered, oddities are counted.

A reader hands over image after image and knows nothing of class numbers; the list of classes may be made of what was
found.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visreason.data.regions.boxes import Boxes, cut
from visreason.data.regions.region_set import BACKGROUND, RegionImage, RegionSet, class_numbers
from visreason.data.regions.report import RegionReport, Tally
from visreason.errors import DataError

_NOTICED = 0.5
"""Pixels that a box may reach over the edge without being counted as cut: rounding, not a fault."""


@dataclass(frozen=True, slots=True)
class Found:
    """A region as an annotation has it.

    Attributes:
        box: (x1, y1, x2, y2), the last column and row inside.
        name: of its class.
        id: what the annotation calls it; unique within its image.
        attributes: words that it has.
        whole: the id of the region it is a part of.
    """

    box: tuple[float, float, float, float]
    name: str
    id: str
    attributes: tuple[str, ...] = ()
    whole: str | None = None


class Collector:
    """Takes images with what was found on them, and makes a `RegionSet` of them.

    Args:
        source: what is read, for errors.
        classes: the list of classes, the background first; None: all that occur, by name.
        minimum: of these only classes with so many regions; those of rarer ones are left out, and counted.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "a.jpg"
        >>> file.touch()
        >>> collector = Collector("two cups")
        >>> collector.add(file, 20, 10, [Found((0, 0, 5, 5), "cup", "1"), Found((9, 0, 30, 5), "cup", "2")])
        >>> regions = collector.finish()
        >>> regions.classes, regions.images[0].boxes[1].tolist(), regions.report.count("box cut")
        (('__background__', 'cup'), [9.0, 0.0, 19.0, 5.0], 1)
    """

    def __init__(self, source: str, classes: Sequence[str] | None = None, minimum: int = 1) -> None:
        self.source = source
        self.tally = Tally()
        self._classes = None if classes is None else tuple(classes)
        self._minimum = minimum
        self._names: dict[str, int] = {}  # every name that was met, numbered as met
        self._images: list[RegionImage] = []  # with such numbers for labels

    def add(self, file: Path, width: int, height: int, found: Sequence[Found]) -> None:
        """Take an image.

        Args:
            file: the image file; where there is none, the image is left out and counted.
            width, height: in pixels.
            found: its regions.

        Raises:
            DataError: two regions have one id, or a number of a box is not finite.
        """
        if not file.is_file():
            self.tally.note("image missing", file.name)
            return
        place = {one.id: row for row, one in enumerate(found)}
        if len(place) != len(found):
            twice = next(name for name, count in Counter(one.id for one in found).items() if count > 1)
            raise DataError(f"{self.source}: two regions of {file.name} are called {twice!r}.")
        boxes = np.array([one.box for one in found], np.float32).reshape(-1, 4)
        if not np.isfinite(boxes).all():
            row = int(np.flatnonzero(~np.isfinite(boxes).all(axis=1))[0])
            raise DataError(
                f"{self.source}: the box of region {found[row].id} of {file.name} is {found[row].box}."
            )
        image = RegionImage(
            file,
            width,
            height,
            cut(boxes, width, height),
            np.array([self._names.setdefault(one.name, len(self._names)) for one in found], np.int64),
            tuple(one.id for one in found),
            tuple(one.attributes for one in found),
            np.array([place.get(one.whole, -1) if one.whole else -1 for one in found], np.int64),
        )
        self._images.append(image.select(self._usable(image, boxes)))

    def _usable(self, image: RegionImage, given_R4: Boxes) -> NDArray[np.bool_]:
        """Which regions have a box on the image, `[R]`; the others are counted, and so are those that were cut."""
        area_R = (given_R4[:, 2:] >= given_R4[:, :2]).all(axis=1)
        inside_R = area_R & (image.boxes[:, 2:] >= image.boxes[:, :2]).all(axis=1)
        cut_R = inside_R & (abs(image.boxes - given_R4) > _NOTICED).any(axis=1)
        kinds = (("box without area", ~area_R), ("box outside", area_R & ~inside_R), ("box cut", cut_R))
        for kind, rows in kinds:
            for row in np.flatnonzero(rows):
                self.tally.note(kind, f"{image.file.name}, region {image.ids[row]}")
        return np.asarray(inside_R)

    def finish(self) -> RegionSet:
        """The set.

        Raises:
            DataError: no image or no region is left.
        """
        names = list(self._names)
        labels = np.concatenate([np.zeros(0, np.int64), *(image.labels for image in self._images)])
        counted = dict(zip(names, np.bincount(labels, minlength=len(names)).tolist(), strict=True))
        classes = self._classes or (BACKGROUND, *sorted(counted))
        class_numbers(classes)
        if self._minimum > 1 or self._classes is None:
            try:
                classes = frequent(classes, counted, self._minimum)
            except DataError as error:
                raise DataError(f"{self.source}: {error}") from error
        numbers = class_numbers(classes)
        for name, count in counted.items():
            if count and name not in numbers:
                self.tally.note("unknown class", name, count)
        table = np.array([numbers.get(name, 0) for name in names], np.int64)
        images = tuple(_numbered(image, table) for image in self._images)
        for image in images:
            if not len(image):
                self.tally.note("no regions", image.file.name)
        present = sum(name in numbers for name, count in counted.items() if count)
        total = sum(map(len, images))
        report = RegionReport(len(images), total, present, len(classes) - 1, self.tally.oddities())
        if not total:
            raise DataError(f"{self.source} gives no region: {'; '.join(report.lines())}.")
        return RegionSet(classes, images, report)


def _numbered(image: RegionImage, table: NDArray[np.int64]) -> RegionImage:
    """The image with the table's numbers for labels, without the regions that get 0."""
    labels = table[image.labels]
    return replace(image, labels=labels).select(labels > 0)


def frequent(classes: Sequence[str], counts: Mapping[str, int], minimum: int) -> tuple[str, ...]:
    """The background and the classes that are counted at least so often, in their order.

    Raises:
        DataError: there is none.

    Example:
        >>> frequent([BACKGROUND, "cup", "abacus"], {"cup": 7, "abacus": 1}, minimum=5)
        ('__background__', 'cup')
    """
    kept = [name for name in classes[1:] if counts.get(name, 0) >= minimum]
    if not kept:
        raise DataError(f"no class has {minimum} regions or more; lower the minimum or give more data.")
    return (BACKGROUND, *kept)
