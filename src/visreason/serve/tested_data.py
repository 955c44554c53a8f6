"""What a test was about: pictures, questions and boxes of its data folder, or of its world, which is made again.

A world is a function of its seed, so a wrong answer that was written down months ago can still be looked at. Where
today's data says otherwise than the test's record (the world is made in another way since, the folder was edited), what
it holds is another picture, and none is told.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console

from visreason.clevr.camera import HEIGHT, WIDTH
from visreason.clevr.folder import ClevrFolder
from visreason.clevr.questions_file import iter_questions
from visreason.clevr.referring_file import iter_expressions, read_image_size
from visreason.clevr.scene import Scene
from visreason.clevr.scenes_file import iter_scenes
from visreason.data.hdf5 import HDF5_SUFFIXES
from visreason.data.regions.folder import read_regions
from visreason.data.regions.region_set import RegionImage
from visreason.errors import DataError
from visreason.serve.subjects import Prediction, Sides, Subject
from visreason.tasks.folders import data_folder, open_folder
from visreason.tasks.material import GENERATED
from visreason.tasks.region_data import region_folder
from visreason.tasks.run_folder import RunFolder


def find_subjects(
    run: RunFolder, metrics: Mapping[str, Any], classes: Sequence[str], predictions: Sequence[Prediction]
) -> list[Subject | None]:
    """What some predictions of a test were about; None where that cannot be told any more.

    Args:
        run: that was tested.
        metrics: of the test; it names the data and the split.
        classes: of a network of regions.
        predictions: of the test.

    Raises:
        DataError: the data is gone, or broken.
        UsageError: the world cannot be made here.
    """
    data, split = metrics.get("data"), metrics.get("split") or ""
    own = None if data == GENERATED else Path(data or "")
    if own is not None and (data is None or not own.exists()):
        raise DataError(f"the data of the test, {data}, is not here any more.")
    console = Console(stderr=True)
    if metrics.get("task") == "regions":
        place = own or region_folder(run.recipe(), None, [split], console)
        return _of_regions(place, split, classes, predictions)
    folder = open_folder(own) if own is not None else data_folder(run.recipe(), None, [split], console)
    return _of_questions(folder, split, predictions)


def _of_questions(folder: ClevrFolder, split: str, predictions: Sequence[Prediction]) -> list[Subject | None]:
    """Questions and expressions with their pictures, as far as the folder has them."""
    asked = _numbered(folder.questions_file(split), iter_questions, predictions, boxes=False)
    pointed = _numbered(folder.referring_file(split), iter_expressions, predictions, boxes=True)
    frame = read_image_size(folder.referring_file(split))[0] if pointed else (WIDTH, HEIGHT)
    scenes = _scenes(folder.scenes_file(split), {one["image_filename"] for one in predictions})

    def find(one: Prediction) -> Subject | None:
        name = one["image_filename"]
        if "iou" in one:
            expression = pointed.get(one["question_index"])
            if (
                expression is None
                or expression.image_filename != name
                or not _same(expression.box, one["box"])
            ):
                return None
            text = expression.text
        else:
            question = asked.get(one["question_index"])
            if question is None or (question.image_filename, question.answer) != (name, one["answer"]):
                return None
            text = question.text
        file = folder.image_path(split, name)
        image, scene = file if file.is_file() else None, scenes.get(name)
        return None if image is None and scene is None else Subject(text, scene, image, frame)

    return [find(one) for one in predictions]


def _numbered(
    file: Path, read: Callable[[Path], Iterable[Any]], predictions: Sequence[Prediction], *, boxes: bool
) -> dict[int, Any]:
    """The questions (or expressions) of some predictions by their numbers; the file is read no further than need be."""
    wanted = {one["question_index"] for one in predictions if ("iou" in one) is boxes}
    if not wanted or not file.is_file() or file.suffix in HDF5_SUFFIXES:
        return {}
    return {one.index: one for one in islice(read(file), max(wanted) + 1) if one.index in wanted}


def _scenes(file: Path, names: set[str]) -> dict[str, Scene]:
    """The scenes of some images; the file is read no further than need be."""
    found: dict[str, Scene] = {}
    for scene in iter_scenes(file) if file.is_file() else ():
        if scene.image_filename in names:
            found[scene.image_filename] = scene
        if len(found) == len(names):
            break
    return found


def _of_regions(
    folder: Path, split: str, classes: Sequence[str], predictions: Sequence[Prediction]
) -> list[Subject | None]:
    """Regions with the images that they are of."""
    regions = read_regions(folder, split, classes=classes)
    images = {image.file.name: image for image in regions.images}

    def find(one: Prediction) -> Subject | None:
        image = images.get(one["image_filename"])
        if image is None or one["region"] not in image.ids:
            return None
        place = image.ids.index(one["region"])
        corners, label = image.boxes[place].tolist(), regions.classes[int(image.labels[place])]
        if not _same(corners, one["box"]) or label != one["answer"]:
            return None
        return Subject(None, None, image.file, (image.width, image.height), _boxes(image), place)

    return [find(one) for one in predictions]


def _boxes(image: RegionImage) -> tuple[Sides, ...]:
    """The boxes of an image's regions; the last column and row of a region belong to it."""
    return tuple((x1, y1, x2 - x1 + 1, y2 - y1 + 1) for x1, y1, x2, y2 in image.boxes.tolist())


def _same(box: Iterable[float], written: Iterable[float]) -> bool:
    """Whether a box is the one that was written down, to two decimals."""
    return all(abs(one - other) < 0.01 for one, other in zip(box, written, strict=True))
