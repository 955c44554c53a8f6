"""What a kind of file is, for the tests that damage one of each."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Read = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file that is read.

    Attributes:
        name: of the kind.
        path: the sample that is damaged.
        read: reads it as the tool does, with what lies beside it; gives values that can be compared.
        sealed: the file holds, or has beside it, a checksum: whatever happens to it is noticed, or changes nothing.
        named: what an error has to name, where that is not the file itself.
        most: so few damages at any rate, where reading takes long.
    """

    name: str
    path: Path
    read: Read
    sealed: bool = False
    named: str | None = None
    most: int = 1000
