"""What can be said about a scene: the choices of a template's filters and relations, with what they pick out.

The choices are those of CLEVR's generator. A description (size, colour, material, shape, each told or not) is
worth saying when some object of the scene fits it; questions that count or ask whether something exists get
random descriptions on top, which mostly fit nothing.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import accumulate, product
from random import Random
from typing import Any, Generic, TypeVar

from visreason.clevr.attributes import ATTRIBUTES
from visreason.clevr.executor import RULES, Value
from visreason.clevr.masks import SceneMasks
from visreason.clevr.questions.functions import TEMPLATE_FUNCTIONS
from visreason.clevr.questions.plan import Choice, Step
from visreason.clevr.questions.purpose import QUESTIONS
from visreason.clevr.rules.guard import Guard, Trail

G = TypeVar("G")


class Options(Generic[G]):
    """Choices grouped by their output (and what else tells them apart), to be tried in random order.

    Choices with the same output lead to the same end, so a search tries each output once. The order is that
    of the first choice of each group when all choices are shuffled: the next group comes with a chance
    proportional to its size, which sorting by u^(1/size) with u uniform gives (Efraimidis and Spirakis,
    2006).
    """

    __slots__ = ("_cumulative", "groups")

    def __init__(self, choices: Mapping[G, list[Choice]]) -> None:
        self.groups = list(choices.items())
        self._cumulative = list(accumulate(len(members) for _, members in self.groups))

    def shuffled(self, rng: Random) -> Iterator[tuple[G, list[Choice]]]:
        """The groups (output, choices) in random order."""
        if not self.groups:
            return
        first = bisect_right(self._cumulative, int(rng.random() * self._cumulative[-1]))
        yield self.groups[first]
        others = self.groups[:first] + self.groups[first + 1 :]
        yield from sorted(others, key=lambda group: rng.random() ** (1 / len(group[1])), reverse=True)


class SceneOptions:
    """The options of every step on one scene, worked out when first asked for.

    Args:
        masks: the scene.
        values: domain to the words that random descriptions may use.
        rng: draws the random descriptions.
        trivial_share: share of relational descriptions whose relation changes nothing (the one red cube is
            left of it anyway).
        guard: split rules that programs obey.
    """

    def __init__(
        self,
        masks: SceneMasks,
        values: Mapping[str, tuple[str, ...]],
        rng: Random,
        trivial_share: float = QUESTIONS.trivial_share,
        guard: Guard | None = None,
    ) -> None:
        self.masks = masks
        self.guard = guard
        self._values = values
        self._rng = rng
        self._trivial_share = trivial_share
        self._descriptions = _descriptions(masks)
        self._lists: dict[tuple[str, int], list[tuple[Choice, int]]] = {}
        self._options: dict[tuple[str, int, tuple[int, ...]], Options[Value]] = {}
        self._ruled: dict[Any, Options[tuple[Value, Trail]]] = {}

    def of(self, step: Step, source: int) -> Options[Value]:
        """The options of a step with slots; `source` is what the node it reads gave (a set, or an index)."""
        key = (step.name, source, step.nulls)
        if key not in self._options:
            choices = self._lists.get(key[:2])
            if choices is None:
                choices = self._lists[key[:2]] = self._list(step, source)
            for place in step.nulls:
                choices = [pair for pair in choices if pair[0][place] is None]
            by_set: dict[int, list[Choice]] = {}
            for choice, found in choices:
                by_set.setdefault(found, []).append(choice)
            by_output: dict[Value, list[Choice]] = {}
            for found, members in by_set.items():
                by_output.setdefault(_ending(step.ending, found), []).extend(members)
            self._options[key] = Options(by_output)
        return self._options[key]

    def told_apart(self, step: Step, source: int, before: Trail, rest: int) -> Options[tuple[Value, Trail]]:
        """The options of a step that break no rule, by their output and by the trail they leave.

        Args:
            step: with slots.
            source: what the node it reads gave.
            before: the trail of that node.
            rest: the fewest functions that follow the step.
        """
        assert self.guard is not None
        key = (step.name, source, step.nulls, before, rest)
        if key not in self._ruled:
            function = TEMPLATE_FUNCTIONS[step.name]
            trails: dict[Choice, Trail] = {}
            groups: dict[tuple[Value, Trail], list[Choice]] = {}
            for output, choices in self.of(step, source).groups:
                for choice in choices:
                    essence = self.guard.essence(choice)
                    trail = trails.get(essence)
                    if trail is None:
                        trail = trails[essence] = self.guard.along(function.spell(essence), (before,))
                    groups.setdefault((output, trail), []).append(choice)
            self._ruled[key] = Options(
                {
                    group: choices
                    for group, choices in groups.items()
                    if self.guard.may_go_on(group[1], rest, times=len(choices))
                }
            )
        return self._ruled[key]

    def _list(self, step: Step, source: int) -> list[tuple[Choice, int]]:
        """All choices of a step with the set of objects each picks out."""
        if len(step.domains) == 1:
            rule = RULES[step.name]
            words = self._values[step.domains[0]]
            return [((word,), rule(self.masks, [source], (word,))) for word in words]
        if step.domains[0] == "relation":
            return self._relational(source, step.ending)
        found = [(choice, mask & source) for choice, mask in self._descriptions]
        single = [(choice, mask) for choice, mask in found if mask and not mask & (mask - 1)]
        if step.ending == "unique":
            return single
        extra = len(found) if step.ending == "exist" else len(single)
        found += [self._random(source) for _ in range(extra)]
        return found if step.ending else [(choice, mask) for choice, mask in found if any(choice)]

    def _relational(self, anchor: int, ending: str) -> list[tuple[Choice, int]]:
        """What can be said to stand in a relation to an object; few where the relation changes nothing."""
        telling: list[tuple[Choice, int]] = []
        trivial: list[tuple[Choice, int]] = []
        needs_one, needs_any = ending == "unique", ending in ("", "unique")
        for relation in self._values["relation"]:
            related = self.masks.relation[relation][anchor]
            for choice, mask in self._descriptions:
                found = mask & related
                if (found == 0 and needs_any) or (found & (found - 1) and needs_one):
                    continue
                (trivial if found == mask else telling).append(((relation, *choice), found))
        share = self._trivial_share
        keep = min(len(trivial), round(len(telling) * share / (1 - share)))
        for place in range(keep):
            other = place + int(self._rng.random() * (len(trivial) - place))
            trivial[place], trivial[other] = trivial[other], trivial[place]
        return telling + trivial[:keep]

    def _random(self, source: int) -> tuple[Choice, int]:
        """A random description, each attribute untold or any word with equal chance, and what it fits."""
        mask = source
        choice: list[str | None] = []
        for attribute in ATTRIBUTES:
            words = self._values[attribute]
            pick = int(self._rng.random() * (len(words) + 1))
            choice.append(words[pick] if pick < len(words) else None)
            if pick < len(words):
                mask &= self.masks.value[attribute][words[pick]]
        return tuple(choice), mask


def _descriptions(masks: SceneMasks) -> list[tuple[Choice, int]]:
    """Every description that fits an object (its attributes, each told or not), with the set it fits."""
    found: dict[Choice, int] = {}
    for words in zip(*masks.attribute.values(), strict=True):
        for choice in product(*((None, word) for word in words)):
            if choice not in found:
                mask = masks.all
                for attribute, word in zip(masks.attribute, choice, strict=True):
                    if word is not None:
                        mask &= masks.value[attribute][word]
                found[choice] = mask
    return list(found.items())


def _ending(ending: str, found: int) -> Value:
    if ending == "":
        return found
    if ending == "unique":
        return found.bit_length() - 1
    return found.bit_count() if ending == "count" else found != 0
