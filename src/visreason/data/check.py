"""One thing that `visreason doctor` looked at, and a collector of what is wrong with it."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Status = Literal["ok", "note", "broken"]

_SHOWN, _KEPT = 5, 1000


class Check(NamedTuple):
    """One thing looked at, what was found, and whether it is as it should be.

    Attributes:
        name: of the thing, such as `"val images"`.
        status: `"ok"`, `"note"` (worth knowing, nothing is wrong) or `"broken"`.
        found: in a few words.
        problems: every single fault, up to 1,000 of them.
    """

    name: str
    status: Status
    found: str
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class Problems:
    """The faults of one thing, of which the first are kept.

    Example:
        >>> problems = Problems()
        >>> problems.check("val images", "3").status
        'ok'
        >>> problems.add("a.png is missing")
        >>> problems.check("val images", "3")
        Check(name='val images', status='broken', found='a.png is missing', problems=('a.png is missing',))
    """

    count: int = 0
    kept: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Note a fault."""
        self.count += 1
        if len(self.kept) < _KEPT:
            self.kept.append(text)

    def check(self, name: str, found: str) -> Check:
        """The verdict: `found` where nothing is wrong, else the first faults and how many more there are."""
        if not self.count:
            return Check(name, "ok", found)
        more = f" and {self.count - _SHOWN:,} more" if self.count > _SHOWN else ""
        return Check(name, "broken", "; ".join(self.kept[:_SHOWN]) + more, tuple(self.kept))
