"""A user's boxes of one image: COCO's annotations, a JSON list of boxes, or CSV.

* `.csv`: a line a box, `x,y,width,height` and, if wanted, the name of what is in it; a first line may name the columns,
  then in any order and with any others (`x`, `y`, `width` or `w`, `height` or `h`, and `label`, `name` or `class`);
* `.json`, a list: `[[x, y, width, height], ...]`;
* `.json`, an object: COCO's form; those annotations are taken whose image has the same file name.

x and y are the box's left upper corner, all in pixels of the image.
"""

import csv
import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from visreason.clevr.json_fields import record_of, typed
from visreason.data.regions.boxes import Boxes, cut, from_sides
from visreason.errors import DataError
from visreason.files import read_json

Sides = tuple[float, float, float, float]
"""A box as (x, y, width, height)."""

_COLUMNS = {
    "x": "x",
    "y": "y",
    "w": "width",
    "width": "width",
    "h": "height",
    "height": "height",
    "label": "name",
    "name": "name",
    "class": "name",
}
_FORMS = "Give a .csv file of x,y,width,height, a JSON list [[x, y, width, height], …] or COCO's annotations."
_NOTICED = 0.5
"""Pixels that a box may reach over the edge without being told of: rounding, not a fault."""


@dataclass(frozen=True, slots=True)
class GivenBox:
    """One box of a file.

    Attributes:
        sides: (x, y, width, height) in pixels.
        where: its place in the file, for errors.
        name: what the file says it holds, None where it does not.
    """

    sides: Sides
    where: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class BoxFile:
    """What a file of boxes holds of one image.

    Attributes:
        boxes: one or more, in the file's order.
        size: the width and height that the file gives the image, None where it does not.
    """

    boxes: tuple[GivenBox, ...]
    size: tuple[int, int] | None = None

    def place(self, width: int, height: int) -> tuple[Boxes, tuple[int, ...]]:
        """The boxes on an image of this size.

        Args:
            width, height: of the image, in pixels.

        Returns:
            float32 `[R, 4]`, (x1, y1, x2, y2) with the last column and row inside, cut at the image's edges; and the
            numbers of the boxes, from 0, that reached over them.

        Raises:
            DataError: a box has no size, or lies outside the image; the message names it.

        Example:
            >>> given = BoxFile((GivenBox((10, 5, 20, 10), "row 1"), GivenBox((30, 5, 20, 10), "row 2")))
            >>> given.place(40, 30)[0].tolist(), given.place(40, 30)[1]
            ([[10.0, 5.0, 29.0, 14.0], [30.0, 5.0, 39.0, 14.0]], (1,))
        """
        for one in self.boxes:
            x, y, wide, high = one.sides
            if wide <= 0 or high <= 0:
                raise DataError(
                    f"{one.where}: a box of width {wide:g} and height {high:g} holds nothing; both must be above 0."
                )
            if x >= width or y >= height or x + wide <= 0 or y + high <= 0:
                raise DataError(
                    f"{one.where}: the box x {x:g}, y {y:g}, width {wide:g}, height {high:g} lies outside the image, "
                    f"which has {width} × {height} pixels."
                )
        given_R4 = np.array([from_sides(*one.sides) for one in self.boxes], np.float32)
        kept_R4 = cut(given_R4, width, height)
        kept_R4[:, 2:] = np.maximum(kept_R4[:, :2], kept_R4[:, 2:])  # less than a pixel of it is inside
        changed = (abs(kept_R4 - given_R4) > _NOTICED).any(axis=1)
        return kept_R4, tuple(np.flatnonzero(changed).tolist())


def read_box_file(path: Path, image: Path) -> BoxFile:
    """Read the boxes of one image.

    Args:
        path: a file of one of the three forms.
        image: its file; of COCO's annotations those are read that are of an image of this name.

    Raises:
        DataError: the file is missing, of none of the forms, holds no box, or a box of it is no four numbers.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "boxes.csv"
        >>> _ = path.write_text("x,y,w,h,label\\n1,2,30,40,cup\\n")
        >>> [(one.sides, one.name) for one in read_box_file(path, Path("kitchen.jpg")).boxes]
        [((1.0, 2.0, 30.0, 40.0), 'cup')]
    """
    suffix = path.suffix.lower()
    if suffix not in (".csv", ".json"):
        raise DataError(f"{path} ends in '{path.suffix}'. {_FORMS}")
    if not path.is_file():
        raise DataError(f"there is no file of boxes {path}. {_FORMS}")
    if suffix == ".csv":
        found = BoxFile(tuple(_from_csv(path)))
    else:
        document = read_json(path)
        if isinstance(document, list):
            found = BoxFile(tuple(_from_list(document, path)))
        elif isinstance(document, dict) and "annotations" in document:
            found = _from_coco(document, path, image)
        else:
            raise DataError(f"{path} holds neither a list of boxes nor COCO's annotations. {_FORMS}")
    if not found.boxes:
        raise DataError(f"{path} holds no box. {_FORMS}")
    return found


def _sides(values: Sequence[Any], where: str) -> Sides:
    """Four finite numbers."""
    numbers = [value for value in values if type(value) in (int, float) and math.isfinite(value)]
    if len(values) != 4 or len(numbers) != 4:
        shown = ", ".join(map(repr, values[:6]))
        raise DataError(f"{where}: a box is four numbers, x, y, width and height; got {shown}.")
    x, y, width, height = map(float, numbers)
    return x, y, width, height


def _from_list(document: list[Any], path: Path) -> list[GivenBox]:
    """The boxes of a plain list."""
    boxes = []
    for row, box in enumerate(document, start=1):
        where = f"{path}, box {row}"
        if not isinstance(box, list):
            raise DataError(f"{where}: a box is [x, y, width, height]; got {box!r:.60}.")
        boxes.append(GivenBox(_sides(box, where), where))
    return boxes


def _from_csv(path: Path) -> list[GivenBox]:
    """The boxes of a table."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [(row, [cell.strip() for cell in cells]) for row, cells in enumerate(csv.reader(file), 1)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is no CSV file in UTF-8: {error}. {_FORMS}") from error
    filled = [(row, cells) for row, cells in lines if any(cells)]
    columns = {name: place for place, name in enumerate(("x", "y", "width", "height", "name"))}
    if filled and all(_number(cell) is None for cell in filled[0][1]):
        columns = _header(filled.pop(0)[1], path)
    return [_row(cells, columns, f"{path}, line {row}") for row, cells in filled]


def _header(cells: Sequence[str], path: Path) -> dict[str, int]:
    """Which column holds what."""
    columns: dict[str, int] = {}
    for place, cell in enumerate(cells):
        if cell.lower() in _COLUMNS:
            columns.setdefault(_COLUMNS[cell.lower()], place)
    missing = [name for name in ("x", "y", "width", "height") if name not in columns]
    if missing:
        raise DataError(
            f"{path}: its first line names the columns {', '.join(cells)}, and none of them is {missing[0]}. {_FORMS}"
        )
    return columns


def _row(cells: Sequence[str], columns: Mapping[str, int], where: str) -> GivenBox:
    """One line of a table."""
    values = {name: cells[place] for name, place in columns.items() if place < len(cells)}
    sides = [values[name] for name in ("x", "y", "width", "height") if name in values]
    numbers = [_number(text) for text in sides]
    return GivenBox(
        _sides(
            [text if number is None else number for text, number in zip(sides, numbers, strict=True)], where
        ),
        where,
        values.get("name") or None,
    )


def _number(text: str) -> float | None:
    """What a cell says if it is a number."""
    try:
        return float(text)
    except ValueError:
        return None


def _from_coco(document: Mapping[str, Any], path: Path, image: Path) -> BoxFile:
    """The annotations of one image; categories may be missing."""
    annotations = typed(dict(document), "annotations", list, str(path))
    images = [
        record_of(one, f"{path}: images[{row}]")
        for row, one in enumerate(typed(dict(document), "images", list, str(path)))
    ]
    record, where = _image_record(images, path, image)
    names = {
        one.get("id"): str(one.get("name"))
        for one in document.get("categories") or ()
        if isinstance(one, dict)
    }
    boxes = []
    for row, one in enumerate(annotations):
        place = f"{path}: annotations[{row}]"
        if record_of(one, place).get("image_id") == record.get("id"):
            box = _sides(typed(one, "bbox", list, place), place)
            boxes.append(GivenBox(box, place, names.get(one.get("category_id"))))
    if not boxes:
        raise DataError(f"{path} lists {image.name} ({where}), but has no annotation of it.")
    if "width" not in record and "height" not in record:
        return BoxFile(tuple(boxes))
    return BoxFile(tuple(boxes), (typed(record, "width", int, where), typed(record, "height", int, where)))


def _image_record(images: Sequence[dict[str, Any]], path: Path, image: Path) -> tuple[dict[str, Any], str]:
    """The record of an image, and its place in the file: the one of its name, or of its path's end."""
    named = [(row, Path(str(one.get("file_name", "")))) for row, one in enumerate(images)]
    alike = [(row, name) for row, name in named if name.name == image.name]
    if not alike:
        listed = difflib.get_close_matches(image.name, [name.name for _, name in named], n=3)
        listed = listed or [name.name for _, name in named[:3]]
        others = " and others" if len(named) > len(listed) else ""
        hint = f"It lists {', '.join(listed)}{others}." if listed else "It lists no image at all."
        raise DataError(f"{path} lists no image called {image.name}. {hint}")
    if len(alike) > 1:
        parts = image.resolve().parts
        alike = [(row, name) for row, name in alike if parts[-len(name.parts) :] == name.parts]
    if len(alike) != 1:
        raise DataError(
            f"{path} lists several images called {image.name}, and {image} is the path of none or of many. Give "
            "it with the folders that the file names."
        )
    row = alike[0][0]
    return images[row], f"{path}: images[{row}]"
