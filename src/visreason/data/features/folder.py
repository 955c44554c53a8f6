"""A data folder's features: which images there are, and where their features belong."""

from pathlib import Path

from visreason.clevr.folder import ClevrFolder
from visreason.clevr.questions_file import iter_questions
from visreason.clevr.scenes_file import iter_scenes
from visreason.errors import DataError
from visreason.nn.backbone import BackboneChoice


def features_place(folder: ClevrFolder, split: str, choice: BackboneChoice) -> Path:
    """Where features belong when no other place is named: `DATA/features/BACKBONE-LAYER/SPLIT`.

    >>> features_place(ClevrFolder(Path("world")), "val", BackboneChoice()).as_posix()
    'world/features/resnet101-c4/val'
    """
    return folder.root / "features" / f"{Path(choice.name).name}-{choice.layer}" / split


def split_images(folder: ClevrFolder, split: str) -> dict[str, int]:
    """Every image of a split and its index, in the order of the indices.

    They are told by the scenes file, else by the questions, else by the numbers in the names of the image files.

    Raises:
        DataError: the split has no image, or a name without a number.
    """
    found: dict[str, int] = {}
    if folder.scenes_file(split).exists():
        found = {scene.image_filename: scene.image_index for scene in iter_scenes(folder.scenes_file(split))}
    elif folder.questions_file(split).exists():
        questions = iter_questions(folder.questions_file(split))
        found = {question.image_filename: question.image_index for question in questions}
    else:
        directory = folder.images_dir(split)
        names = sorted(path.name for path in directory.glob("*.png")) if directory.is_dir() else []
        found = {name: _number(directory / name) for name in names}
    if not found:
        raise DataError(f"{folder.root} has no images of a split {split!r}. Check the folder and --split.")
    return dict(sorted(found.items(), key=lambda one: one[1]))


def _number(file: Path) -> int:
    """The number that ends an image's name."""
    digits = file.stem.rsplit("_", 1)[-1]
    if not digits.isdigit():
        raise DataError(f"{file} does not end in a number, which would be its image index.")
    return int(digits)
