"""Lists of classes in files: one name a line, with how often each occurs, and those that occur often enough.

Read are the ADE20K split of iter-reason (`objectnames.txt` beside `objectcounts.txt`), Visual Genome's `synsets.txt`
(`name:count`), and any plain list. Names keep their spelling, but for spaces at the ends and `_`, which is a space in
ADE20K's names and belongs to those of synsets.
"""

import re
from pathlib import Path

from visreason.data.regions.region_set import BACKGROUND, class_numbers
from visreason.errors import DataError

_NO_CLASS = {"-", BACKGROUND}
"""What the first line may say instead of a class: it stands for number 0."""

PUBLISHED_MINIMUM = 5
"""Classes that occur less often are left out, in Chen et al. (CVPR 2018): 1,484 are left of ADE20K's 2,898."""


def read_class_list(path: Path, minimum: int | None = None) -> tuple[str, ...]:
    """The classes of a list, the background first.

    Counts are those behind a colon (`cup:37`), or in a file beside the list whose name has `counts` for `names`
    (`objectnames.txt`, `objectcounts.txt`).

    Args:
        path: the list, one name a line; a first line `-` stands for the background.
        minimum: leave out classes that occur less often; None: the published 5 where there are counts, else none.

    Raises:
        DataError: a file is missing, empty or not of this form, or there are no counts for a minimum.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "synsets.txt"
        >>> _ = path.write_text("cup.n.01:37\\nabacus.n.02:1\\n")
        >>> read_class_list(path)
        ('__background__', 'cup.n.01')
    """
    names, counts = _counted(path)
    if counts is None and minimum is not None and minimum > 1:
        raise DataError(
            f"{path} does not say how often each class occurs, so none can be left out for being rare. Write "
            "NAME:COUNT, or put a file with a count a line beside it, or give no minimum."
        )
    least = PUBLISHED_MINIMUM if minimum is None else minimum
    rows = range(1 if names[0] in _NO_CLASS else 0, len(names))
    classes = (BACKGROUND, *(names[row] for row in rows if counts is None or counts[row] >= least))
    if len(classes) == 1:
        raise DataError(f"{path} has no class that occurs {least} times or more.")
    try:
        class_numbers(classes)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    return classes


def _counted(path: Path) -> tuple[list[str], list[int] | None]:
    """Names and counts line by line, or no counts."""
    lines = read_lines(path)
    pairs = [re.fullmatch(r"(.+?)\s*:\s*(\d+)", line) for line in lines]
    if all(pairs):
        return [pair[1] for pair in pairs if pair], [int(pair[2]) for pair in pairs if pair]
    names = (
        lines if any(re.search(r"\.[nvars]\.\d+$", line) for line in lines) else list(map(ade_name, lines))
    )
    beside = path.with_name(path.name.replace("names", "counts"))
    if beside == path or not beside.is_file():
        return names, None
    counts = read_lines(beside)
    if len(counts) != len(names) or not all(count.isdecimal() for count in counts):
        raise DataError(f"{beside} should have a number for each of the {len(names)} lines of {path.name}.")
    return names, [int(count) for count in counts]


def ade_name(text: str) -> str:
    """A name as ADE20K's lists spell it: single spaces, none at the ends, none written as `_`.

    Example:
        >>> ade_name(" adding_machine ")
        'adding machine'
    """
    return " ".join(text.replace("_", " ").split())


def read_lines(path: Path) -> list[str]:
    """The lines of a text file that are not empty, without spaces at the ends.

    Raises:
        DataError: it is missing, no text, or empty.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is no text (UTF-8): {error}.") from error
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise DataError(f"{path} is empty.")
    return lines
