"""The kinds of split rules, each a plain value that can be written as text and read back.

A rule has a say in objects, whole scenes, question families, the depth of programs, or in what a question
combines; of everything else it says yes.

CoGenT: Johnson et al., "CLEVR", CVPR 2017, section 4.7. Held-out combinations in questions are in the manner
of CLOSURE: Bahdanau et al., "CLOSURE: Assessing Systematic Generalization of CLEVR Models", 2019.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from visreason.clevr.sampling import Attributes, cogent

Combination = frozenset[str]
"""Two words that are said of one object, or a relation and a word of either of its ends."""


class Rule:
    """What every rule can be asked; a kind of rule answers what it is about."""

    __slots__ = ()

    def allows_object(self, thing: Attributes) -> bool:
        """Whether a scene may hold such an object."""
        return True

    def allows_scene(self, things: Sequence[Attributes]) -> bool:
        """Whether a scene may consist of these objects."""
        return True

    def allows_family(self, family: int | None) -> bool:
        """Whether a question may be of a family (None where the family is unknown)."""
        return True


@dataclass(frozen=True, slots=True)
class Cogent(Rule):
    """CLEVR-CoGenT's condition "A" or "B": which colours cubes and cylinders have.

    As in the released data, it is about objects only: a question may well ask for what no scene shows, and
    then the answer is 0 or no.

    Raises:
        UsageError: another condition.

    Example:
        >>> str(Cogent("A")), Cogent("A").allows_object(Attributes("large", "red", "metal", "cube"))
        ('cogent=A', False)
    """

    condition: str

    def __post_init__(self) -> None:
        cogent(self.condition)  # raises where there is no such condition

    def allows_object(self, thing: Attributes) -> bool:
        """Whether the shape may have the colour."""
        return cogent(self.condition)(thing)

    def __str__(self) -> str:
        return f"cogent={self.condition}"


@dataclass(frozen=True, slots=True)
class ObjectCount(Rule):
    """A scene has `least` to `most` objects, each number equally often.

    Example:
        >>> str(ObjectCount(3, 6)), str(ObjectCount(5, 5))
        ('objects=3-6', 'objects=5')
    """

    least: int
    most: int

    def allows_scene(self, things: Sequence[Attributes]) -> bool:
        """Whether the number of objects is in the range."""
        return self.least <= len(things) <= self.most

    def __str__(self) -> str:
        return f"objects={_ranges(range(self.least, self.most + 1))}"


@dataclass(frozen=True, slots=True)
class Families(Rule):
    """Only these question families are asked, by global number, or with `held_out` all but these.

    Example:
        >>> str(Families(frozenset({39, 0, 1, 2}))), str(Families(frozenset({7}), held_out=True))
        ('families=0-2,39', 'families!=7')
    """

    numbers: frozenset[int]
    held_out: bool = False

    def allows_family(self, family: int | None) -> bool:
        """Whether the family is among those asked; one that is unknown is not."""
        return family is not None and (family in self.numbers) is not self.held_out

    def __str__(self) -> str:
        return f"families{'!=' if self.held_out else '='}{_ranges(self.numbers)}"


@dataclass(frozen=True, slots=True)
class Depth(Rule):
    """Programs have a depth of `least` to `most` (None: no limit).

    The depth of a program is the number of functions on its longest way from a `scene` to the answer, both
    counted: `scene, filter_color, count` has depth 3. Where a program branches, the longer branch counts.

    Example:
        >>> str(Depth(0, 4)), str(Depth(5, None)), str(Depth(3, 6))
        ('depth<=4', 'depth>=5', 'depth=3-6')
    """

    least: int
    most: int | None

    def allows_depth(self, depth: int) -> bool:
        """Whether a program may be so deep."""
        return self.least <= depth and (self.most is None or depth <= self.most)

    def __str__(self) -> str:
        if self.most is None:
            return f"depth>={self.least}"
        if not self.least:
            return f"depth<={self.most}"
        return f"depth={_ranges(range(self.least, self.most + 1))}"


@dataclass(frozen=True, slots=True)
class Combining(Rule):
    """Combinations of two words: held out (`!=`), or, for the other side of the split, asked for (`=`).

    Attributes:
        pairs: the combinations, sorted.
        held_out: `!=` or `=`.
    """

    name: ClassVar[str]
    pairs: tuple[tuple[str, str], ...]
    held_out: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "pairs", tuple(sorted(set(self.pairs))))

    @property
    def combinations(self) -> tuple[Combination, ...]:
        """What may not, or has to, be said together."""
        return tuple(map(frozenset, self.pairs))

    def __str__(self) -> str:
        return f"{self.name}{'!=' if self.held_out else '='}{','.join(map('+'.join, self.pairs))}"


@dataclass(frozen=True, slots=True)
class Pairs(Combining):
    """Pairs of different attributes. Held out: no object has both, no question describes an object by both.

    Asked for: every scene has an object with one of the pairs, and every question describes something by one
    of them.

    Example:
        >>> rule = Pairs((("red", "cube"), ("blue", "metal")), held_out=True)
        >>> str(rule), rule.allows_object(Attributes("large", "red", "metal", "cube"))
        ('pairs!=blue+metal,red+cube', False)
    """

    name: ClassVar[str] = "pairs"

    def allows_object(self, thing: Attributes) -> bool:
        """Whether the object has none of the pairs, where they are held out."""
        return not (self.held_out and self._has_one(thing))

    def allows_scene(self, things: Sequence[Attributes]) -> bool:
        """Whether some object has one of the pairs, where they are asked for."""
        return self.held_out or any(map(self._has_one, things))

    def _has_one(self, thing: Attributes) -> bool:
        return any(one in thing and other in thing for one, other in self.pairs)


@dataclass(frozen=True, slots=True)
class Relations(Combining):
    """Combinations of a relation (one of the four, or `same_size` and its like) and an attribute.

    A question combines left and red when it describes something as red and left of something ("the red ball
    left of the cube"), or as left of something red ("the ball left of the red cube"). Held out: no question
    does; asked for: every one does.

    Example:
        >>> str(Relations((("left", "red"), ("same_size", "cube")), held_out=True))
        'relations!=left+red,same_size+cube'
    """

    name: ClassVar[str] = "relations"


def _ranges(numbers: Iterable[int]) -> str:
    """Numbers as a user writes them: 0-8,39."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
