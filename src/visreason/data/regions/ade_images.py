"""Which images a split of ADE20K has: a list, the release's index, or the folders themselves."""

from pathlib import Path

from visreason.data.regions.class_list import read_lines
from visreason.data.regions.matlab_index import read_index
from visreason.errors import DataError

INDEX = "index_ade20k.mat"
"""The index of the 2016 release."""

_FOLDERS = {"train": "training", "val": "validation"}
_TYPES = {"training": 1, "validation": 2}


def split_images(root: Path, split: str) -> list[Path]:
    """The image files of a split, whether they exist or not.

    Looked for in this order: a list of images, one a line (`split` itself if it is a file, else SPLIT.txt in the folder
    or in its `ade_split/`); the index of the 2016 release; the files below a folder named like the split. `train` and
    `val` also mean the releases' `training` and `validation`. An image of a list that does not lie where the list says
    is looked for by its name, so that the lists of the 2016 release serve that of 2021 too.

    Raises:
        DataError: the folder is missing, or has no such split.
    """
    if not root.is_dir():
        raise DataError(f"{root} is no folder. Give the folder that ADE20K was unpacked to.")
    for path in (Path(split), root / f"{split}.txt", root / "ade_split" / f"{split}.txt"):
        if path.suffix == ".txt" and path.is_file():
            return _listed(root, read_lines(path))
    folder = _FOLDERS.get(split, split)
    if (root / INDEX).is_file() and folder in _TYPES:
        return _indexed(root, _TYPES[folder])
    files = sorted(path for path in root.rglob("*.jpg") if folder in path.relative_to(root).parts[:-1])
    if not files:
        raise DataError(
            f"{root} has no split {split!r}: neither {split}.txt, nor {INDEX}, nor images below a folder {folder!r}."
        )
    return files


def _listed(root: Path, lines: list[str]) -> list[Path]:
    """The files of a list, relative to the folder; those that are not there are looked for by name."""
    files = [root / line for line in lines]
    if all(file.is_file() for file in files):
        return files
    by_name = {path.name: path for path in root.rglob("*.jpg")}
    return [file if file.is_file() else by_name.get(file.name, file) for file in files]


def _indexed(root: Path, kind: int) -> list[Path]:
    """The files of the index whose `typeset` is `kind`."""
    index = read_index(root / INDEX)
    files = []
    for name, folder, typeset in zip(index["filename"], index["folder"], index["typeset"], strict=True):
        if int(typeset) == kind:
            parts = Path(str(folder)).parts  # such as ADE20K_2016_07_26/images/training/a/abbey
            below = parts[parts.index("images") :] if "images" in parts else parts
            files.append(root.joinpath(*below, str(name)))
    return files
