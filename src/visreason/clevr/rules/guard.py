"""Rules about programs, watched node by node, so that a search can turn back as soon as one is broken.

Every node of a program leaves a `Trail`: how deep it lies, what is said of the objects it gives, and which
combinations were said on the way to it. What is said of a set is a set of alternatives, because a union's
members are one thing *or* another; each alternative is a set of words:

    scene                {}
    filter_color[red]    every alternative of its input, and "red"
    relate[left]         {left}
    same_size            {same_size}
    union                the alternatives of both inputs
    intersect            every alternative of one input with every one of the other

A combination a + b is said at a node if some alternative holds both, and at `relate` or `same_*` also if the
relation is a and some alternative of what it starts from holds b. Words that no rule asks for are left out, so
that there are few different trails.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from visreason.clevr.programs import Program
from visreason.clevr.rules.kinds import Combining, Depth, Rule

Said = frozenset[frozenset[str]]
"""Alternatives, each the words said of an object."""

_NOTHING: Said = frozenset((frozenset(),))


class Trail(NamedTuple):
    """What the rules need to know of the program up to a node.

    Attributes:
        depth: functions on the longest way here from a `scene`, both counted; 0 where no rule asks.
        said: what is said of the objects the node gives.
        told: bit i is 1 if a combination of the guard's rule i was said up to here.
    """

    depth: int
    said: Said
    told: int


NO_TRAIL = Trail(0, _NOTHING, 0)
"""The trail before any node."""


class Guard:
    """Some rules about programs, together.

    Attributes:
        rejections: how often each rule, as text, turned a search back; for messages only.

    Args:
        depths: rules about depth.
        combining: rules about combinations.

    Example:
        >>> from visreason.clevr.programs import Node
        >>> from visreason.clevr.rules import Relations
        >>> guard = Guard([], [Relations((("left", "red"),), held_out=True)])
        >>> chain = [Node("scene"), Node("filter_color", (0,), ("red",)), Node("unique", (1,))]
        >>> [str(rule) for rule in guard.broken_by((*chain, Node("relate", (2,), ("left",))))]
        ['relations!=left+red']
    """

    def __init__(self, depths: Sequence[Depth], combining: Sequence[Combining]) -> None:
        self.rejections: Counter[str] = Counter()
        self._depths = tuple(depths)
        self._combining = tuple(combining)
        self._combinations = tuple(
            (1 << i, combination) for i, rule in enumerate(combining) for combination in rule.combinations
        )
        self._held_out = sum(1 << i for i, rule in enumerate(combining) if rule.held_out)
        self._required = sum(1 << i for i, rule in enumerate(combining) if not rule.held_out)
        self._words = frozenset(chain.from_iterable(combination for _, combination in self._combinations))
        self._say = lru_cache(maxsize=1 << 14)(self._find_said)

    def after(self, function: str, values: tuple[str, ...], inputs: Sequence[Trail]) -> Trail:
        """The trail of a node, from those of its inputs."""
        depth = 1 + max((trail.depth for trail in inputs), default=0) if self._depths else 0
        if not self._combinations:
            return Trail(depth, _NOTHING, 0)
        told = 0
        for trail in inputs:
            told |= trail.told
        said, told_here = self._say(function, values, tuple(trail.said for trail in inputs))
        return Trail(depth, said, told | told_here)

    def along(self, nodes: Iterable[tuple[str, tuple[str, ...]]], before: Sequence[Trail]) -> Trail:
        """The trail at the end of a chain of functions with their words, the first of which reads `before`."""
        for function, values in nodes:
            before = (self.after(function, values, before),)
        return before[0]

    def essence(self, words: Iterable[str | None]) -> tuple[str | None, ...]:
        """Some words with those that no rule asks for made alike, so that few differ.

        Example:
            >>> from visreason.clevr.rules import Pairs
            >>> Guard([], [Pairs((("red", "cube"),), held_out=True)]).essence(("large", "red", None))
            ('', 'red', None)
        """
        return tuple(word if word is None or word in self._words else "" for word in words)

    def may_go_on(self, trail: Trail, rest: int, times: int = 1) -> bool:
        """Whether a program may have such a node in it, with at least `rest` functions to follow.

        `times` tells how many choices are judged at once.
        """
        broken: list[Rule] = [rule for rule in self._depths if not _may_deepen(rule, trail.depth + rest)]
        if trail.told & self._held_out:
            broken += [rule for i, rule in enumerate(self._combining) if trail.told & self._held_out & 1 << i]
        self._count(broken, times)
        return not broken

    def may_reach(self, depth: int) -> bool:
        """Whether a program that gets no deeper than this may do."""
        broken = [rule for rule in self._depths if depth < rule.least]
        self._count(broken)
        return not broken

    def accepts(self, trail: Trail) -> bool:
        """Whether a program may end in such a node."""
        broken = self._broken(trail)
        self._count(broken)
        return not broken

    def broken_by(self, program: Program) -> list[Rule]:
        """The rules that a finished program breaks."""
        trails: list[Trail] = []
        for node in program:
            trails.append(self.after(node.function, node.values, [trails[i] for i in node.inputs]))
        return self._broken(trails[-1])

    def _count(self, broken: Iterable[Rule], times: int = 1) -> None:
        for rule in broken:
            self.rejections[str(rule)] += times

    def _broken(self, trail: Trail) -> list[Rule]:
        broken: list[Rule] = [rule for rule in self._depths if not rule.allows_depth(trail.depth)]
        wrong = (trail.told & self._held_out) | (~trail.told & self._required)
        return broken + [rule for i, rule in enumerate(self._combining) if wrong & 1 << i]

    def _find_said(
        self, function: str, values: tuple[str, ...], sources: tuple[Said, ...]
    ) -> tuple[Said, int]:
        """What is said of the objects a node gives, and the rules of which a combination is said there."""
        said = frozenset(words & self._words for words in _say(function, values, sources))
        here = list(said)
        if (relation := _relation(function, values)) is not None:
            here += [words | {relation} for words in sources[0]]
        told = 0
        for bit, combination in self._combinations:
            if any(combination <= words for words in here):
                told |= bit
        return said, told


def _may_deepen(rule: Depth, depth: int) -> bool:
    return rule.most is None or depth <= rule.most


def _relation(function: str, values: tuple[str, ...]) -> str | None:
    """The relation a node goes along, if it does."""
    if function == "relate":
        return values[0]
    return function if function.startswith("same_") else None


def _say(function: str, values: tuple[str, ...], sources: tuple[Said, ...]) -> Said:
    """What is said of the objects a node gives."""
    if function.startswith("filter_"):
        return frozenset(words | {values[0]} for words in sources[0])
    if (relation := _relation(function, values)) is not None:
        return frozenset((frozenset((relation,)),))
    match function:
        case "union":
            return sources[0] | sources[1]
        case "intersect":
            return frozenset(one | other for one in sources[0] for other in sources[1])
        case "unique":
            return sources[0]
    return _NOTHING


def guard_of(rules: Iterable[Rule]) -> Guard | None:
    """The guard of those rules that are about programs; None where none is."""
    among = tuple(rules)
    depths = [rule for rule in among if isinstance(rule, Depth)]
    combining = [rule for rule in among if isinstance(rule, Combining)]
    return Guard(depths, combining) if depths or combining else None
