"""What every split of a generated world is ordered with, whatever world it is of."""

import re
from pathlib import Path
from typing import Any, Protocol

from visreason.errors import UsageError


class SplitOrder(Protocol):
    """What a folder's manifest needs to know of a split, whatever world it is of."""

    @property
    def split(self) -> str:
        """Its name."""

    @property
    def scenes(self) -> int:
        """How many scenes it has."""

    def texts(self, root: Path) -> tuple[Path, ...]:
        """The files of the split that are no images."""

    def arguments(self) -> dict[str, Any]:
        """All that decides the split's bytes."""


def check_split_name(split: str) -> None:
    """Make sure that a split's name can be part of its files' names.

    Raises:
        UsageError: it cannot.
    """
    if not re.fullmatch(r"\w[\w-]*", split, re.ASCII) or split.startswith("loc_"):
        raise UsageError(
            f"a split is named with letters, digits, - and _ (and not loc_…, which is kept for referring "
            f"expressions); got {split!r}."
        )
